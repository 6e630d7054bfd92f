// The table of what is secret and what is harmless in the values of
// operator-wandb and its subcharts.
#include "absl/algorithm/container.h"
#include "base/never_destroyed.h"
#include "wandb/chart/exposure.h"

namespace wandb {
namespace {

constexpr Exposure kS = Exposure::kSecret;
constexpr Exposure kR = Exposure::kReference;
constexpr Exposure kH = Exposure::kHarmless;
constexpr Exposure kO = Exposure::kOrdinary;

std::vector<ExposureRow> MakeTable() {
  return {
      // --- Secrets that lie deeper than the table of keys goes ---
      {"global.auth.sessionKey", kS},
      {"global.auth.sessionKeyPrevious", kS},
      {"global.olap.*.password", kS},
      {"global.olap.*.migrator.password", kS},
      {"kafka.tls.keyPassword", kS},
      {"kafka.tls.keystorePassword", kS},
      {"kafka.tls.truststorePassword", kS},
      {"kafka.tls.zookeeper.*Password", kS},
      {"kafka.provisioning.auth.tls.*Password", kS},
      {"kafka.zookeeper.auth.*.*Password", kS},
      {"kafka.zookeeper.auth.*.*Passwords", kS},
      {"kafka.zookeeper.tls.*.*Password", kS},
      {"kafka.secretConfig", kS},
      {"kafka.broker.secretConfig", kS},
      {"kafka.controller.secretConfig", kS},
      {"stackdriver.stackdriver.serviceAccountKey", kS},

      // --- References ---
      {"**.valueFrom.*.**", kR},
      {"**.secretKeyRef.*.**", kR},
      {"**.configMapKeyRef.*.**", kR},

      // Secrets of Kubernetes by name. Keys in them only where something reads
      // them as such: elsewhere a key below "secret" may well be the secret.
      {"**.secretName", kH},
      {"**.*SecretName", kH},
      {"**.secret.name", kH},
      {"**.*Secret.name", kH},
      {"**.*Secret.namespace", kH},
      {"**.secret.*KeyName", kH},
      {"global.licenseSecret.key", kH},
      {"global.*.passwordSecret.passwordKey", kH},
      {"global.mysql.passwordSecret.rootPasswordKey", kH},
      {"global.redis.secret.secretKey", kH},
      {"global.auth.oidc.oidcSecret.secretKey", kH},
      {"mcp-server.analytics.datadogApiKeySecret.key", kH},
      {"**.credentialSecret.usernameKey", kH},
      {"**.credentialSecret.passwordKey", kH},
      {"**.*olumes.*.secret.items.*.key", kH},
      {"**.*olumes.*.secret.items.*.path", kH},
      {"**.*olumes.*.secret.defaultMode", kH},
      {"**.projected.sources.*.secret.items.*.key", kH},
      {"**.projected.sources.*.secret.items.*.path", kH},
      {"**.secretRef.name", kH},
      {"**.existingSecret", kH},
      {"**.existingSecret*", kH},
      {"**.existing*Secret", kH},
      {"**.passwordsSecret", kH},
      {"**.passwordsSecretName", kH},
      {"**.passwordsSecret*Key", kH},
      {"**.tlsSecret", kH},
      {"**.envFrom.**", kH},
      {"**.extraEnvFrom.**", kH},
      {"**.extraEnvVarsSecret", kH},
      {"**.certificatesSecret", kH},
      {"**.*ScriptsSecret", kH},
      {"**.tlsCaSecret", kH},
      {"**.tlsClientCasSecret", kH},
      {"**.serviceAccountToken.audience", kH},
      {"**.serviceAccountToken.expirationSeconds", kH},
      {"**.serviceAccountToken.path", kH},
      {"kafka.metrics.kafka.tlsKey", kH},
      {"kafka.provisioning.auth.tls.*SecretKey", kH},
      {"kafka.tls.jksTruststore*", kH},
      {"stackdriver.stackdriver.serviceAccountSecret*", kH},
      {"**.imagePullSecrets.*", kH},
      {"**.imagePullSecrets.*.name", kH},
      {"**.pullSecrets.*", kH},
      {"**.pullSecrets.*.name", kH},

      // --- Keys that are no keys to anything ---
      {"**.kmsKey", kH},
      {"**.topologyKey", kH},
      {"**.tolerations.*.key", kH},
      {"**.matchExpressions.*.key", kH},
      {"**.certKeyFilename", kH},
      {"**.certFilename", kH},
      {"**.certCAFilename", kH},
      {"**.matchLabelKeys.*", kO},
      {"**.keyAlgorithm", kH},
      {"**.annotationKey", kH},
      {"etcd.auth.token.type", kH},
      {"etcd.auth.token.signMethod", kH},
      {"etcd.auth.token.ttl", kH},
      {"etcd.auth.token.privateKey.filename", kH},
      {"kafka.sasl.oauthbearer.tokenEndpointUrl", kH},
      {"global.auth.sessionKeyRolloutId", kH},
      {"global.auth.sessionKeyRotation.id", kH},
      {"global.auth.sessionKeyRotation.phase", kH},
      {"global.signerKeyPath", kH},
      {"global.licenseCertPath", kH},

      // --- Settings of the whole ---
      {"_releaseId", kH},
      {"reconcileFrequency", kH},
      {"nameOverride", kH},
      {"fullnameOverride", kH},
      {"global.host", kH},
      {"global.size", kH},
      {"global.cloudProvider", kH},
      {"global.storageClass", kH},
      {"global.repositoryPrefix", kH},
      {"global.imageRegistry", kH},
      {"global.priorityClassName", kH},
      {"global.gcpSecurityPolicy", kH},
      {"global.caCertsConfigMap", kH},
      {"global.customCACerts.*", kO},
      {"global.operator.apiVersion", kH},
      {"global.operator.namespace", kH},
      {"global.auth.sessionLengthHours", kH},
      {"global.auth.jwkUrl", kH},
      {"global.auth.oidc.clientId", kH},
      {"global.auth.oidc.authMethod", kH},
      {"global.auth.oidc.issuer", kH},
      {"global.auth.oidc.oidcConfigMap.name", kH},
      {"global.azureStorageIdentity.tenantId", kH},
      {"global.azureStorageIdentity.clientId", kH},
      {"global.azureStorageIdentity.principalId", kH},
      {"global.azureStorageIdentity.serviceAccount.mode", kH},
      {"global.azureStorageIdentity.serviceAccount.name", kH},
      {"global.email.smtp.host", kH},
      {"global.email.smtp.port", kH},
      {"global.email.smtp.mailFrom", kH},
      {"global.slack.clientId", kH},

      // --- Databases and buckets: where they are ---
      {"global.*ucket.provider", kH},
      {"global.*ucket.name", kH},
      {"global.*ucket.path", kH},
      {"global.*ucket.region", kH},
      {"global.*ucket.azureAuthMethod", kH},
      {"global.*ucket.azureTenantId", kH},
      {"global.*ucket.azureClientId", kH},
      {"global.mysql.host", kH},
      {"global.mysql.port", kH},
      {"global.mysql.database", kH},
      {"global.mysql.user", kH},
      {"global.mysql.caCert", kH},
      {"global.mysql.awsRegion", kH},
      {"global.redis.host", kH},
      {"global.redis.port", kH},
      {"global.redis.external", kH},
      {"global.redis.tls", kH},
      {"global.redis.caCert", kH},
      {"global.redis.caCertPath", kH},
      {"global.redis.params.tls", kH},
      {"global.redis.params.ttlInSeconds", kH},
      {"global.redis.params.caCertPath", kH},
      {"global.redis.params.master", kH},
      {"global.redis.parameters.tls", kH},
      {"global.redis.parameters.ttlInSeconds", kH},
      {"global.redis.parameters.caCertPath", kH},
      {"global.redis.parameters.master", kH},
      {"global.clickhouse.host", kH},
      {"global.clickhouse.port", kH},
      {"global.clickhouse.database", kH},
      {"global.clickhouse.user", kH},
      {"global.olap.*.host", kH},
      {"global.olap.*.port", kH},
      {"global.olap.*.database", kH},
      {"global.olap.*.user", kH},
      {"global.olap.*.type", kH},
      {"global.olap.*.migrator.user", kH},
      {"global.weaveTrace.clickhouseSource", kH},
      {"global.kafka.*", kO},
      {"global.pubSub.*", kO},
      {"global.pubSub.*.topic", kH},
      {"global.pubSub.*.subscription", kH},
      {"global.bigtable.*", kO},
      {"global.bigtable.*.instanceId", kH},
      {"global.bigtable.*.database", kH},
      {"global.otel.traces.*", kO},
      {"global.localService.*", kO},

      // --- Ingress ---
      {"ingress.class", kH},
      {"ingress.nameOverride", kH},
      {"ingress.defaultBackend", kH},
      {"ingress.additionalHosts.*", kO},
      {"ingress.tls.*.hosts.*", kO},
      {"ingress.secondary.class", kH},
      {"ingress.secondary.nameOverride", kH},
      {"ingress.issuer.name", kH},
      {"ingress.issuer.kind", kH},
      {"ingress.issuer.server", kH},

      // --- Of any component, and of subcharts ---
      {"**.image", kH},
      {"**.image.registry", kH},
      {"**.image.repository", kH},
      {"**.image.tag", kH},
      {"**.image.digest", kH},
      {"**.image.sha", kH},
      {"**.image.pullPolicy", kH},
      {"*.kind", kH},
      {"*.size", kH},
      {"*.strategy.type", kH},
      {"*.deploymentPostfix", kH},
      {"**.resources.*.cpu", kH},
      {"**.resources.*.memory", kH},
      {"**.resources.*.ephemeral-storage", kH},
      {"**.resourcesPreset", kH},
      {"**.serviceAccount.name", kH},
      {"**.serviceAccountName", kH},
      {"**.priorityClassName", kH},
      {"**.schedulerName", kH},
      {"**.storageClass", kH},
      {"**.storageClassName", kH},
      {"**.persistence.size", kH},
      {"**.persistence.accessModes.*", kO},
      {"**.nodeSelector.*", kO},
      {"**.tolerations.*.*", kO},
      {"**.affinity.**", kO},
      {"**.topologySpreadConstraints.**", kO},
      {"**.podDisruptionBudget.*", kO},
      {"**.securityContext.**", kO},
      {"**.podSecurityContext.**", kO},
      {"**.autoscaling.*", kO},
      {"**.autoscaling.horizontal.**", kO},
      {"**.autoscaling.vertical.**", kO},
      {"**.role.**", kO},
      {"**.*Probe.httpGet.path", kO},
      {"**.*Probe.httpGet.port", kO},
      {"**.*Probe.httpGet.scheme", kO},
      {"**.ports.*.name", kO},
      {"**.ports.*.protocol", kO},
      {"**.volumes.*.name", kO},
      {"**.configMap.name", kO},
      {"**.volumeMounts.*.name", kO},
      {"**.volumeMounts.*.mountPath", kO},
      {"**.volumeMounts.*.subPath", kO},
      {"**.persistentVolumeClaimRetentionPolicy.*", kO},
      {"*.helmHook.hook", kO},
      {"**.service.type", kH},
      {"**.service.ports.*.targetPort", kH},
      {"app.internalJWTMap.*.subject", kH},
      {"app.internalJWTMap.*.issuer", kH},
      {"app.extraCors.*", kO},
      {"yace.regions.*", kO},
  };
}

// Variables whose names have a word for a secret without being one.
constexpr absl::string_view kVariables[] = {
    "GOOGLE_APPLICATION_CREDENTIALS",  // A file.
    "GORILLA_CUSTOMER_SECRET_STORE_SOURCE", "GORILLA_LICENSE_CERT_PATH",
    "INTERNAL_SIGNER_K8S_SECRET_NAME",      "MCP_RATE_LIMIT_PER_KEY",
    "SMJ_K8S_ACTIVE_SPEC_SECRET_NAME",      "SMJ_K8S_USER_SPEC_SECRET_NAME"};

// Of a release, as the deployer writes it.
constexpr absl::string_view kMetadata[] = {
    "channelId", "channelName", "releaseCreatedAt", "releaseId", "releaseName"};

}  // namespace

const std::vector<ExposureRow>& ExposureTable() {
  static const base::NeverDestroyed<std::vector<ExposureRow>> kTable(
      MakeTable());
  return *kTable;
}

bool IsHarmlessVariable(absl::string_view name) {
  return absl::c_linear_search(kVariables, name);
}

bool IsHarmlessMetadata(absl::string_view name) {
  return absl::c_linear_search(kMetadata, name);
}

}  // namespace wandb
