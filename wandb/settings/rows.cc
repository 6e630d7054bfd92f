// The rows. Facts only; what is done with them is elsewhere.
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
                        "trust; its keys end in `.crt`"});
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
  // That of `bucket` is for both.
  if (path != "global.bucket") return;
  add("secret", "secret", "Secret that has both keys, in place of them");
  add("secret.name", "secret.secretName", "Name of the Secret", true);
  add("secret.access_key_name", "secret.accessKeyName",
      "Key of the access key in it");
  add("secret.secret_key_name", "secret.secretKeyName",
      "Key of the secret key in it");
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
                 .doc = "CA certificate of the server, as PEM"});
  out.push_back({.attribute = "mysql.password_secret",
                 .path = "global.mysql.passwordSecret",
                 .doc = "Secret that has the password, in place of it"});
  out.push_back({.attribute = "mysql.password_secret.name",
                 .path = "global.mysql.passwordSecret.name",
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = "mysql.password_secret.password_key",
                 .path = "global.mysql.passwordSecret.passwordKey",
                 .doc = "Key of the password in it"});

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
                 .doc = "CA certificate of the server, as PEM"});
  out.push_back({.attribute = "redis.params",
                 .path = "global.redis.params",
                 .doc = "Parameters of the connection",
                 .example = "{ tls = \"true\" }"});
  out.push_back({.attribute = "redis.secret",
                 .path = "global.redis.secret",
                 .doc = "Secret that has the password, in place of it"});
  out.push_back({.attribute = "redis.secret.name",
                 .path = "global.redis.secret.secretName",
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = "redis.secret.key",
                 .path = "global.redis.secret.secretKey",
                 .doc = "Key of the password in it"});

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
  out.push_back({.attribute = "oidc.client_id",
                 .path = "global.auth.oidc.clientId",
                 .doc = "Id of the client",
                 .required = true,
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
  out.push_back({.attribute = "oidc.secret_ref",
                 .path = "global.auth.oidc.oidcSecret",
                 .doc = "Secret of Kubernetes that has the client's secret, in "
                        "place of it"});
  out.push_back({.attribute = "oidc.secret_ref.name",
                 .path = "global.auth.oidc.oidcSecret.name",
                 .doc = "Name of the Secret",
                 .required = true});
  out.push_back({.attribute = "oidc.secret_ref.key",
                 .path = "global.auth.oidc.oidcSecret.secretKey",
                 .doc = "Key in it"});
}

void AddIngress(Rows& out) {
  out.push_back({.attribute = "ingress",
                 .path = "ingress",
                 .doc = "The Ingress of W&B",
                 .example = "{ class = \"nginx\", tls = [{ secret_name = "
                            "\"wandb-tls\", hosts = [\"wandb.example.com\"] }] "
                            "}"});
  out.push_back({.attribute = "ingress.class",
                 .path = "ingress.class",
                 .doc = "IngressClass",
                 .old_values = {"ingress.className"}});
  out.push_back({.attribute = "ingress.annotations",
                 .path = "ingress.annotations",
                 .doc = "Annotations",
                 .old_values = {"ingress.annotations"}});
  out.push_back({.attribute = "ingress.labels",
                 .path = "ingress.labels",
                 .doc = "Labels"});
  out.push_back({.attribute = "ingress.additional_hosts",
                 .path = "ingress.additionalHosts",
                 .doc = "Hosts beside that of `host`"});
  out.push_back({.attribute = "ingress.default_backend",
                 .path = "ingress.defaultBackend",
                 .doc = "Component that gets what no rule names"});
  out.push_back({.attribute = "ingress.name_override",
                 .path = "ingress.nameOverride",
                 .doc = "Name of the Ingress"});
  out.push_back({.attribute = "ingress.tls",
                 .path = "ingress.tls",
                 .doc = "Certificates",
                 .shape = Shape::kIngressTls,
                 .old_values = {"ingress.tls"}});
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
  out.push_back({.attribute = "components.*.resources",
                 .path = "*.resources",
                 .doc = "Resources, in place of those of `size`",
                 .shape = Shape::kResources});
  out.push_back({.attribute = "components.*.pod_security_context",
                 .path = "*.podSecurityContext",
                 .doc = "Security context of the pods",
                 .shape = Shape::kPodSecurityContext,
                 .before = "0.33.0",
                 .old_path = "*.pod.securityContext"});
  out.push_back({.attribute = "components.*.security_context",
                 .path = "*.securityContext",
                 .doc = "Security context of the containers",
                 .shape = Shape::kSecurityContext,
                 .before = "0.33.0",
                 .old_path = "*.container.securityContext"});
}

Rows MakeRows() {
  Rows out;
  AddGeneral(out);
  AddBucket("bucket", "global.bucket",
            "Object store for files and artifacts. The System Console cannot "
            "change it",
            true, out);
  AddBucket("default_bucket", "global.defaultBucket",
            "Object store that is used until another is chosen in the System "
            "Console; without effect beside `bucket`",
            false, out);
  AddServers(out);
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
