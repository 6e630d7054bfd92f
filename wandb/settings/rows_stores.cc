// Where W&B keeps things: buckets, MySQL, Redis, ClickHouse.
#include <utility>

#include "absl/strings/str_cat.h"
#include "wandb/chart/defaults.h"
#include "wandb/settings/rows.h"

namespace wandb::rows {
namespace {

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
  // The chart has one Secret for both buckets.
  const auto refer = [&](const char* key) {
    out.back().reference = {"global.bucket.secret.secretName",
                            absl::StrCat("global.bucket.secret.", key)};
  };
  refer("accessKeyName");
  add("secret_key", "secretKey", "Secret of the access key");
  refer("secretKeyName");
  const auto secret = [&](const char* member, const char* key, const char* text,
                          bool required = false) {
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
                 .reference = {"global.mysql.passwordSecret.name",
                               "global.mysql.passwordSecret.passwordKey"},
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
  AddSecretReference({.attribute = "mysql.password_secret",
                      .path = "global.mysql.passwordSecret",
                      .doc = "Secret that has the password, in place of it",
                      .key_attribute = "password_key",
                      .key_key = "passwordKey",
                      .key_doc = "Key of the password in it"},
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
                 .doc = "Password",
                 .reference = {"global.redis.secret.secretName",
                               "global.redis.secret.secretKey"}});
  out.push_back({.attribute = "redis.ca_cert",
                 .path = "global.redis.caCert",
                 .doc = "CA certificate of the server, as PEM. Beside `secret` "
                        "the chart takes it from that Secret's key "
                        "`REDIS_CA_CERT`"});
  out.push_back(
      {.attribute = "redis.params",
       .path = "global.redis.params",
       .doc = absl::StrCat(
           "Parameters of the connection. The chart's own go before "
           "them: `ttlInSeconds` is always ",
           kRedisTtlSeconds, ", and `tls` always true beside `ca_cert`"),
       .example = "{ tls = \"true\" }"});
  AddSecretReference({.attribute = "redis.secret",
                      .path = "global.redis.secret",
                      .doc = "Secret that has the password, in place of it",
                      .name_key = "secretName",
                      .key_attribute = "key",
                      .key_key = "secretKey",
                      .key_doc = "Key of the password in it"},
                     out);
}

}  // namespace

void AddStores(Rows& out) {
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
}

}  // namespace wandb::rows
