// The rows. Facts only; what is done with them is elsewhere.
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/settings/table.h"

namespace wandb {
namespace {

using Rows = std::vector<SettingRow>;

void AddGeneral(Rows& out) {
  out.push_back({.attribute = "host",
                 .path = "global.host",
                 .doc = "URL under which users reach W&B: scheme and host only",
                 .example = "\"https://wandb.example.com\"",
                 .is_url = true,
                 .variable = "HOST",
                 .old_values = {"host"}});
  out.push_back({.attribute = "license",
                 .path = "global.license",
                 .doc = "W&B license",
                 .example = "var.license",
                 .variable = "LICENSE",
                 .old_values = {"license"}});
  out.push_back({.attribute = "license_secret",
                 .path = "global.licenseSecret",
                 .doc = "Secret that has the license, in place of `license`",
                 .example = "{ name = \"wandb-license\", key = \"license\" }"});
  out.push_back({.attribute = "license_secret.name",
                 .path = "global.licenseSecret.name",
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = "license_secret.key",
                 .path = "global.licenseSecret.key",
                 .doc = "Key in it",
                 .required = true});
  out.push_back({.attribute = "size",
                 .path = "global.size",
                 .doc = "Size of all components: replicas and resources",
                 .example = "\"small\""});
  out.push_back({.attribute = "cloud_provider",
                 .path = "global.cloudProvider",
                 .doc = "Cloud that the cluster runs in, for what the chart "
                        "does differently there",
                 .example = "\"aws\""});
  out.push_back({.attribute = "session_length_hours",
                 .path = "global.auth.sessionLengthHours",
                 .doc = "Hours after which users must log in again",
                 .example = "720",
                 .least = 1});
  out.push_back(
      {.attribute = "extra_env",
       .path = "global.extraEnv",
       .doc = "Environment variables of all components. It is shown in plans: "
              "secrets belong into `sensitive_values`",
       .example = "{ GORILLA_LOG_LEVEL = \"debug\" }"});
  out.push_back({.attribute = "custom_ca_certs",
                 .path = "global.customCACerts",
                 .doc = "CA certificates that all components trust: PEM, one "
                        "certificate in each element",
                 .example = "[file(\"ca.pem\")]",
                 .old_values = {"customCACerts"}});
  out.push_back({.attribute = "ca_certs_config_map",
                 .path = "global.caCertsConfigMap",
                 .doc = "ConfigMap of CA certificates that all components "
                        "trust; its keys end in `.crt`",
                 .example = "\"custom-ca-certs\""});
}

void AddImages(Rows& out) {
  out.push_back({.attribute = "image_registry",
                 .path = "global.imageRegistry",
                 .doc = "Registry of the images of bundled servers: Redis, "
                        "ClickHouse, Kafka, etcd. Those of W&B's components "
                        "get `repository_prefix`",
                 .example = "\"registry.example.com\""});
  out.push_back({.attribute = "repository_prefix",
                 .path = "global.repositoryPrefix",
                 .doc = "What goes before the repositories of the images of "
                        "all components, with a slash between them; before "
                        "those of `components`, too",
                 .example = "\"registry.example.com/mirror\""});
  out.push_back({.attribute = "image_pull_secrets",
                 .path = "global.imagePullSecrets",
                 .doc = "Names of the Secrets to pull images with",
                 .example = "[\"registry-login\"]",
                 .are_names = true});
}

void AddPods(Rows& out) {
  out.push_back({.attribute = "storage_class",
                 .path = "global.storageClass",
                 .doc = "StorageClass of the volumes of bundled servers",
                 .example = "\"gp3\""});
  out.push_back({.attribute = "node_selector",
                 .path = "global.nodeSelector",
                 .doc = "Labels of the nodes that all components run on",
                 .example = "{ \"kubernetes.io/arch\" = \"amd64\" }"});
  out.push_back({.attribute = "tolerations",
                 .path = "global.tolerations",
                 .doc = "Taints of nodes that all components tolerate",
                 .example = "[{ key = \"dedicated\", operator = \"Equal\", "
                            "value = \"wandb\", effect = \"NoSchedule\" }]",
                 .shape = Shape::kTolerations});
  out.push_back({.attribute = "priority_class_name",
                 .path = "global.priorityClassName",
                 .doc = "PriorityClass of all components",
                 .example = "\"high-priority\""});
  out.push_back({.attribute = "pod_labels",
                 .path = "global.pod.labels",
                 .doc = "Labels of the pods of all components",
                 .example = "{ team = \"ml\" }"});
}

void AddSecretReference(const std::string& name, const std::string& path,
                        const char* doc, const char* name_key,
                        const char* key_name, const char* key_key,
                        const char* key_doc, Rows& out) {
  out.push_back({.attribute = name, .path = path, .doc = doc});
  out.push_back({.attribute = absl::StrCat(name, ".name"),
                 .path = absl::StrCat(path, ".", name_key),
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = absl::StrCat(name, ".", key_name),
                 .path = absl::StrCat(path, ".", key_key),
                 .doc = key_doc});
}

// An object store: the one that W&B uses, or the one that it offers to teams.
void AddBucket(const std::string& name, const std::string& path,
               const std::string& doc, bool legacy, Rows& out) {
  const auto add = [&](const char* member, const char* key, const char* text,
                       bool required = false, const char* variable = "",
                       const char* old = "") {
    SettingRow row = {.attribute = absl::StrCat(name, ".", member),
                      .path = absl::StrCat(path, ".", key),
                      .doc = text,
                      .required = required};
    if (legacy) row.variable = variable;
    if (legacy && *old != '\0') row.old_values = {old};
    out.push_back(std::move(row));
  };
  out.push_back({.attribute = name,
                 .path = path,
                 .doc = doc,
                 .example =
                     "{ provider = \"s3\", name = \"wandb-files\", region = "
                     "\"eu-central-1\" }"});
  add("provider", "provider",
      "`s3` for AWS and every server that speaks S3, `gcs`, `az`, or `cw` for "
      "CoreWeave",
      true);
  add("name", "name",
      "Name of the bucket; for a server of one's own its host and port, for "
      "Azure the storage account",
      true);
  add("path", "path",
      "Prefix in the bucket; for a server of one's own it begins with the "
      "bucket, for Azure with the container");
  add("region", "region", "Region of the bucket", false, "AWS_REGION",
      "bucketRegion");
  add("kms_key", "kmsKey", "KMS key that encrypts objects, in AWS only", false,
      "AWS_S3_KMS_ID", "bucketKmsKeyArn");
  add("access_key", "accessKey",
      "Access key, where the service accounts have no rights of their own; for "
      "Azure the storage key");
  add("secret_key", "secretKey", "Secret of the access key");
  const auto secret = [&](const char* member, const char* key, const char* text,
                          bool required = false) {
    // The chart has one for both buckets.
    out.push_back({.attribute = absl::StrCat(name, ".secret", member),
                   .path = absl::StrCat("global.bucket.secret", key),
                   .doc = text,
                   .required = required});
  };
  secret("", "",
         "Secret that has both keys, in place of them. The chart has one for "
         "`bucket` and `default_bucket`");
  secret(".name", ".secretName", "Name of the Secret", true);
  secret(".access_key_name", ".accessKeyName", "Key of the access key in it");
  secret(".secret_key_name", ".secretKeyName", "Key of the secret key in it");
  add("azure_auth_method", "azureAuthMethod",
      "How Azure Blob Storage is opened: by the storage key, or by "
      "`azure_storage_identity`");
}

void AddAzureIdentity(Rows& out) {
  const auto add = [&](const char* member, const char* key, const char* doc,
                       bool required = false) {
    out.push_back({.attribute = absl::StrCat("azure_storage_identity.", member),
                   .path = absl::StrCat("global.azureStorageIdentity.", key),
                   .doc = doc,
                   .required = required});
  };
  out.push_back({.attribute = "azure_storage_identity",
                 .path = "global.azureStorageIdentity",
                 .doc = "Workload identity for Azure Blob Storage, in place of "
                        "the storage key",
                 .example =
                     "{ tenant_id = var.tenant_id, client_id = "
                     "azurerm_user_assigned_identity.wandb.client_id }"});
  add("tenant_id", "tenantId", "Tenant", true);
  add("client_id", "clientId", "Client of the identity", true);
  add("principal_id", "principalId",
      "Principal of the identity, shown to administrators");
  add("service_account", "serviceAccount", "ServiceAccount that has it");
  add("service_account.mode", "serviceAccount.mode",
      "Whether all components share one ServiceAccount or each has its own");
  add("service_account.name", "serviceAccount.name",
      "Name; the chart's default is `wandb-bucket-access`");
  add("service_account.create", "serviceAccount.create",
      "Whether the chart makes it");
  add("service_account.annotations", "serviceAccount.annotations",
      "Annotations");
  add("service_account.labels", "serviceAccount.labels", "Labels");
}

void AddServers(Rows& out) {
  out.push_back({.attribute = "mysql",
                 .path = "global.mysql",
                 .doc = "MySQL server of one's own. The bundled one is "
                        "switched off beside it",
                 .example = "{ host = \"mysql.example.com\", user = "
                            "\"wandb\", password_secret = { name = "
                            "\"wandb-mysql\" } }",
                 .with = {{"mysql.install", false}}});
  out.push_back({.attribute = "mysql.host",
                 .path = "global.mysql.host",
                 .doc = "Host name",
                 .required = true,
                 .old_values = {"mysql.host"}});
  out.push_back({.attribute = "mysql.port",
                 .path = "global.mysql.port",
                 .doc = "Port; the chart's default is 3306",
                 .least = 1,
                 .most = 65535,
                 .old_values = {"mysql.port"}});
  out.push_back({.attribute = "mysql.database",
                 .path = "global.mysql.database",
                 .doc = "Name of the database",
                 .old_values = {"mysql.database"}});
  out.push_back({.attribute = "mysql.user",
                 .path = "global.mysql.user",
                 .doc = "User",
                 .old_values = {"mysql.user"}});
  out.push_back({.attribute = "mysql.password",
                 .path = "global.mysql.password",
                 .doc = "Password",
                 .old_values = {"mysql.password"}});
  out.push_back({.attribute = "mysql.ca_cert",
                 .path = "global.mysql.caCert",
                 .doc = "CA certificate of the server, as PEM",
                 .example = "file(\"mysql-ca.pem\")"});
  out.push_back(
      {.attribute = "mysql.rds_iam_auth",
       .path = "global.mysql.rdsIamAuth",
       .doc = "Log in to RDS by IAM, without a password. Needs `user`, "
              "`aws_region` and `ca_cert`; what the chart forbids beside it "
              "(the init container of `app` that makes the database, the "
              "exporter of MySQL's metrics) is switched off",
       .with = {{"app.initContainers.init-db.enabled", false},
                {"prometheus.mysql-exporter.install", false}}});
  out.push_back({.attribute = "mysql.aws_region",
                 .path = "global.mysql.awsRegion",
                 .doc = "Region of the server, for `rds_iam_auth`",
                 .example = "\"eu-central-1\""});
  AddSecretReference("mysql.password_secret", "global.mysql.passwordSecret",
                     "Secret that has the password, in place of it", "name",
                     "password_key", "passwordKey", "Key of the password in it",
                     out);

  out.push_back({.attribute = "redis",
                 .path = "global.redis",
                 .doc = "Redis server of one's own. The bundled one is "
                        "switched off beside it",
                 .example = "{ host = \"redis.example.com\", port = 6379 }",
                 .with = {{"redis.install", false}}});
  out.push_back({.attribute = "redis.host",
                 .path = "global.redis.host",
                 .doc = "Host name",
                 .required = true});
  out.push_back({.attribute = "redis.port",
                 .path = "global.redis.port",
                 .doc = "Port; the chart's default is 6379",
                 .least = 1,
                 .most = 65535});
  out.push_back({.attribute = "redis.password",
                 .path = "global.redis.password",
                 .doc = "Password"});
  out.push_back({.attribute = "redis.ca_cert",
                 .path = "global.redis.caCert",
                 .doc = "CA certificate of the server, as PEM. Beside `secret` "
                        "the chart takes it from that Secret's key "
                        "`REDIS_CA_CERT`"});
  out.push_back({.attribute = "redis.params",
                 .path = "global.redis.params",
                 .doc = "Parameters of the connection. The chart's own go "
                        "before them: `ttlInSeconds` is always 604800, and "
                        "`tls` always true beside `ca_cert`",
                 .example = "{ tls = \"true\" }",
                 .before = "0.28.6",
                 .old_path = "global.redis.parameters"});
  AddSecretReference("redis.secret", "global.redis.secret",
                     "Secret that has the password, in place of it",
                     "secretName", "key", "secretKey",
                     "Key of the password in it", out);
}

void AddWeave(Rows& out) {
  const auto server = [&](const char* member, const char* key,
                          const char* doc) {
    out.push_back({.attribute = absl::StrCat("clickhouse.", member),
                   .path = absl::StrCat("global.clickhouse.", key),
                   .doc = doc});
  };
  out.push_back({.attribute = "clickhouse",
                 .path = "global.clickhouse",
                 .doc = "ClickHouse server of one's own, for the traces of "
                        "Weave. The bundled one is switched off beside it",
                 .example = "{ host = \"clickhouse.example.com\", user = "
                            "\"wandb\", password_secret = { name = "
                            "\"wandb-clickhouse\" } }",
                 .with = {{"clickhouse.install", false}}});
  out.push_back({.attribute = "clickhouse.host",
                 .path = "global.clickhouse.host",
                 .doc = "Host name",
                 .required = true});
  out.push_back({.attribute = "clickhouse.port",
                 .path = "global.clickhouse.port",
                 .doc = "Port of the HTTP interface; the chart's default is "
                        "8443",
                 .least = 1,
                 .most = 65535});
  server("database", "database", "Name of the database");
  server("user", "user", "User");
  server("password", "password", "Password");
  AddSecretReference(
      "clickhouse.password_secret", "global.clickhouse.passwordSecret",
      "Secret that has the password, in place of it", "name", "password_key",
      "passwordKey", "Key of the password in it", out);
  server("replicated", "replicated",
         "Whether tables are replicated, for a cluster of one's own that is "
         "not ClickHouse Cloud");

  const auto weave = [&](const char* member, const char* path,
                         const char* doc) {
    out.push_back({.attribute = absl::StrCat("weave_trace.", member),
                   .path = path,
                   .doc = doc});
  };
  out.push_back({.attribute = "weave_trace",
                 .path = "",
                 .doc = "Traces of Weave: the services, and the switches that "
                        "belong to them. They need a ClickHouse",
                 .example = "{ install = true }"});
  out.push_back({.attribute = "weave_trace.install",
                 .path = "weave-trace.install",
                 .doc = "Whether traces are there: the service and "
                        "`global.weave-trace.enabled`, which says so to the "
                        "others",
                 .required = true,
                 .also = {"global.weave-trace.enabled"}});
  weave("worker", "weave-trace-worker.install",
        "Whether online evaluations run; they need a Secret "
        "`weave-worker-auth` with a `key`");
  weave("evaluate_model_worker", "weave-evaluate-model-worker.install",
        "Whether evaluations of models run; they need the same Secret");
  weave("agent_scoring_worker", "weave-trace-agent-scoring-worker.install",
        "Whether agents are scored; that needs the same Secret");
  weave("clickhouse_source", "global.weaveTrace.clickhouseSource",
        "Which server: that of `clickhouse` (`legacy`), that of the chart's "
        "`global.olap`, or what is configured (`auto`)");
  weave("use_default_bucket", "global.weave-trace.fileStorage.useDefaultBucket",
        "Keep files of traces in `default_bucket`, which must be one container "
        "in Azure, with `azure_storage_identity`");
}

void AddMessages(Rows& out) {
  out.push_back({.attribute = "smtp",
                 .path = "global.email.smtp",
                 .doc = "Mail server that W&B sends through",
                 .example = "{ host = \"smtp.example.com\", port = 587, user "
                            "= \"wandb\", password = var.smtp_password }"});
  out.push_back({.attribute = "smtp.host",
                 .path = "global.email.smtp.host",
                 .doc = "Host name",
                 .required = true});
  out.push_back({.attribute = "smtp.port",
                 .path = "global.email.smtp.port",
                 .doc = "Port",
                 .least = 1,
                 .most = 65535});
  out.push_back({.attribute = "smtp.user",
                 .path = "global.email.smtp.user",
                 .doc = "User"});
  out.push_back({.attribute = "smtp.password",
                 .path = "global.email.smtp.password",
                 .doc = "Password"});
  out.push_back({.attribute = "smtp.mail_from",
                 .path = "global.email.smtp.mailFrom",
                 .doc = "Sender of the mails"});

  out.push_back({.attribute = "slack",
                 .path = "global.slack",
                 .doc = "Slack application that W&B sends alerts through",
                 .example = "{ client_id = \"123.456\", secret = "
                            "var.slack_secret }"});
  out.push_back({.attribute = "slack.client_id",
                 .path = "global.slack.clientId",
                 .doc = "Id of the application",
                 .required = true});
  out.push_back({.attribute = "slack.secret",
                 .path = "global.slack.secret",
                 .doc = "Its secret"});
}

void AddLogin(Rows& out) {
  const auto ldap = [&](const char* member, const char* variable,
                        const char* doc, bool required,
                        std::vector<absl::string_view> old) {
    out.push_back({.attribute = absl::StrCat("ldap.", member),
                   .path = absl::StrCat("global.extraEnv.", variable),
                   .doc = doc,
                   .required = required,
                   .is_switch = absl::string_view(member) == "tls",
                   .old_values = std::move(old)});
  };
  out.push_back(
      {.attribute = "ldap",
       .path = "global.extraEnv",
       .doc = "Login by LDAP, written as environment variables, which is what "
              "W&B reads",
       .example = "{ address = \"ldaps://ldap.example.com\", base_dn = "
                  "\"dc=example,dc=com\" }",
       .with = {{"global.extraEnv.LOCAL_LDAP_LOGIN", "true"}}});
  ldap("address", "LOCAL_LDAP_ADDRESS", "Address of the server, a URL", true,
       {"ldap.host", "ldap.address"});
  ldap("base_dn", "LOCAL_LDAP_BASE_DN", "Where users are looked for", false,
       {"ldap.baseDN"});
  ldap("bind_dn", "LOCAL_LDAP_BIND_DN", "User who looks", false,
       {"ldap.bindDN"});
  ldap("bind_password", "LOCAL_LDAP_BIND_PW", "The password", false,
       {"ldap.bindPW"});
  ldap("attributes", "LOCAL_LDAP_ATTRIBUTES",
       "Which attributes are e-mail address and group, like "
       "`email=mail,group=gidNumber`",
       false, {"ldap.attributes"});
  ldap("group_allow_list", "LOCAL_LDAP_GROUP_ALLOW_LIST",
       "Groups whose members may log in", false, {"ldap.groupAllowList"});
  ldap("tls", "LOCAL_LDAP_TLS_ENABLE", "Speak TLS with the server", false,
       {"ldap.tls"});

  out.push_back({.attribute = "oidc",
                 .path = "global.auth.oidc",
                 .doc = "Login by OpenID Connect",
                 .example = "{ client_id = \"wandb\", issuer = "
                            "\"https://login.example.com\", auth_method = "
                            "\"pkce\" }"});
  out.push_back(
      {.attribute = "oidc.client_id",
       .path = "global.auth.oidc.clientId",
       .doc = "Id of the client. Needed, unless a `config_map` has it",
       .required_unless = "config_map",
       .variable = "OIDC_CLIENT_ID",
       .old_values = {"sso.clientId"}});
  out.push_back({.attribute = "oidc.secret",
                 .path = "global.auth.oidc.secret",
                 .doc = "Secret of the client",
                 .variable = "OIDC_SECRET",
                 .old_values = {"sso.clientSecret"}});
  out.push_back({.attribute = "oidc.auth_method",
                 .path = "global.auth.oidc.authMethod",
                 .doc = "Flow",
                 .variable = "OIDC_AUTH_METHOD",
                 .old_values = {"sso.method"}});
  out.push_back({.attribute = "oidc.issuer",
                 .path = "global.auth.oidc.issuer",
                 .doc = "URL of the identity provider",
                 .variable = "OIDC_ISSUER",
                 .old_values = {"sso.issuer"}});
  AddSecretReference("oidc.secret_ref", "global.auth.oidc.oidcSecret",
                     "Secret of Kubernetes that has the client's secret, in "
                     "place of it",
                     "name", "key", "secretKey", "Key in it", out);
  out.push_back({.attribute = "oidc.config_map",
                 .path = "global.auth.oidc.oidcConfigMap.name",
                 .doc = "ConfigMap that has client, issuer and flow, in place "
                        "of them",
                 .example = "\"wandb-oidc\""});

  out.push_back({.attribute = "session_key_rotation",
                 .path = "global.auth.sessionKeyRotation",
                 .doc = "Rotation of the key that sessions are signed with. "
                        "All pods of `app` and `api` have to be new before the "
                        "next phase",
                 .example = "{ id = \"2026-11\", phase = \"prepare\" }"});
  out.push_back({.attribute = "session_key_rotation.id",
                 .path = "global.auth.sessionKeyRotation.id",
                 .doc = "Name of the rotation, another one for each",
                 .required = true});
  out.push_back({.attribute = "session_key_rotation.phase",
                 .path = "global.auth.sessionKeyRotation.phase",
                 .doc = "Phase: `prepare`, then `activate`, then `clear`; or "
                        "`hard-cutover`, which logs everybody out",
                 .required = true});
}

// An Ingress: the one, or the second.
void AddIngressOf(const std::string& name, const std::string& path,
                  const std::string& doc, const std::string& example,
                  bool legacy, Rows& out) {
  const auto add = [&](const char* member, const char* key, const char* text,
                       const char* old = "", Shape shape = Shape::kNone) {
    SettingRow row = {.attribute = absl::StrCat(name, ".", member),
                      .path = absl::StrCat(path, ".", key),
                      .doc = text,
                      .shape = shape};
    if (legacy && *old != '\0') row.old_values = {old};
    out.push_back(std::move(row));
  };
  out.push_back(
      {.attribute = name, .path = path, .doc = doc, .example = example});
  add("create", "create", "Whether the Ingress is made");
  add("class", "class", "IngressClass", "ingress.className");
  add("annotations", "annotations", "Annotations", "ingress.annotations");
  add("labels", "labels", "Labels");
  add("additional_hosts", "additionalHosts", "Hosts beside that of `host`");
  add("default_backend", "defaultBackend",
      "Component that gets what no rule names");
  add("name_override", "nameOverride",
      "Name of the Ingress; the chart's default is that of the instance, which "
      "two cannot have");
  add("tls", "tls", "Certificates", "ingress.tls", Shape::kIngressTls);
  add("issuer", "issuer",
      "Issuer of a certificate, in place of `tls`: one of cert-manager");
}

void AddIngress(Rows& out) {
  AddIngressOf("ingress", "ingress", "The Ingress of W&B",
               "{ class = \"nginx\", tls = [{ secret_name = \"wandb-tls\", "
               "hosts = [\"wandb.example.com\"] }] }",
               true, out);
  out.push_back({.attribute = "ingress.install",
                 .path = "ingress.install",
                 .doc = "Whether there is an Ingress at all"});
  out.push_back({.attribute = "ingress.issuer.create",
                 .path = "ingress.issuer.create",
                 .doc = "Whether it is made and used",
                 .required = true});
  out.push_back({.attribute = "ingress.issuer.provider",
                 .path = "ingress.issuer.provider",
                 .doc = "`google` for a managed certificate of GKE in place of "
                        "cert-manager"});
  out.push_back({.attribute = "ingress.issuer.server",
                 .path = "ingress.issuer.server",
                 .doc = "ACME server; the chart's default is Let's Encrypt",
                 .is_url = true});
  out.push_back({.attribute = "ingress.issuer.email",
                 .path = "ingress.issuer.email",
                 .doc = "Address that the ACME server writes to"});
  AddIngressOf("ingress.secondary", "ingress.secondary",
               "A second Ingress, for example an internal one",
               "{ create = true, name_override = \"wandb-internal\", class = "
               "\"internal\" }",
               false, out);
  out.push_back({.attribute = "ingress.secondary.issuer.create",
                 .path = "ingress.secondary.issuer.create",
                 .doc = "Whether the issuer of `ingress` is used",
                 .required = true});
}

void AddComponents(Rows& out) {
  out.push_back({.attribute = "components",
                 .path = "",
                 .doc = "Settings of single components, by their names in the "
                        "chart: `app`, `console`, `weave`, `parquet`, …",
                 .example = "{ app = { image = { tag = \"0.76.0\" } } }"});
  out.push_back(
      {.attribute = "components.*", .path = "*", .doc = "The component"});
  const auto add = [&](const char* member, const char* key, const char* doc) {
    out.push_back({.attribute = absl::StrCat("components.*.", member),
                   .path = absl::StrCat("*.", key),
                   .doc = doc});
  };
  add("install", "install", "Whether it runs");
  out.push_back(
      {.attribute = "components.*.replicas",
       .path = "*.replicaCount",
       .doc = "Number of pods, where no autoscaler has the say: sizes have "
              "some, which `autoscaling` switches off",
       .least = 0});
  add("image", "image", "Image");
  add("image.repository", "image.repository", "Repository");
  add("image.tag", "image.tag", "Tag");
  add("image.digest", "image.digest", "Digest, which goes before the tag");
  add("image.pull_policy", "image.pullPolicy", "When to pull");
  add("service_account", "serviceAccount", "ServiceAccount");
  add("service_account.create", "serviceAccount.create",
      "Whether the chart makes it");
  add("service_account.name", "serviceAccount.name", "Name");
  add("service_account.annotations", "serviceAccount.annotations",
      "Annotations, which clouds read for workload identity");
  add("size", "size", "Size, in place of that of all");
  out.push_back({.attribute = "components.*.resources",
                 .path = "*.resources",
                 .doc = "Resources. What is not given is that of the size",
                 .shape = Shape::kResources});
  out.push_back({.attribute = "components.*.autoscaling",
                 .path = "*.autoscaling",
                 .doc = "Autoscalers, in place of those of the size",
                 .shape = Shape::kAutoscaling});
  out.push_back(
      {.attribute = "components.*.env",
       .path = "*.env",
       .doc = "Environment variables. They are shown in plans: secrets belong "
              "into `sensitive_values`",
       .example = "{ GORILLA_LOG_LEVEL = \"debug\" }",
       .old_path = "*.extraEnv"});
  add("node_selector", "nodeSelector",
      "Labels of the nodes to run on, in place of those of all");
  out.push_back({.attribute = "components.*.tolerations",
                 .path = "*.tolerations",
                 .doc = "Taints of nodes that are tolerated, in place of those "
                        "of all",
                 .shape = Shape::kTolerations});
  out.push_back({.attribute = "components.*.pod_labels",
                 .path = "*.podLabels",
                 .doc = "Labels of the pods, beside those of all",
                 .old_path = "*.pod.labels"});
  out.push_back({.attribute = "components.*.pod_annotations",
                 .path = "*.podAnnotations",
                 .doc = "Annotations of the pods",
                 .old_path = "*.pod.annotations"});
  out.push_back({.attribute = "components.*.pod_security_context",
                 .path = "*.podSecurityContext",
                 .doc = "Security context of the pods",
                 .shape = Shape::kPodSecurityContext,
                 .old_path = "*.pod.securityContext"});
  out.push_back({.attribute = "components.*.security_context",
                 .path = "*.securityContext",
                 .doc = "Security context of the containers",
                 .shape = Shape::kSecurityContext,
                 .old_path = "*.container.securityContext"});
}

Rows MakeRows() {
  Rows out;
  AddGeneral(out);
  AddImages(out);
  AddPods(out);
  AddBucket("bucket", "global.bucket",
            "Object store for files and artifacts. The System Console cannot "
            "change it",
            true, out);
  AddBucket("default_bucket", "global.defaultBucket",
            "Object store that is used until another is chosen in the System "
            "Console; without effect beside `bucket`",
            false, out);
  AddAzureIdentity(out);
  AddServers(out);
  AddWeave(out);
  AddMessages(out);
  AddLogin(out);
  AddIngress(out);
  AddComponents(out);
  return out;
}

}  // namespace

const std::vector<SettingRow>& SettingRows() {
  static const auto* const kRows = new Rows(MakeRows());  // NOLINT
  return *kRows;
}

}  // namespace wandb
