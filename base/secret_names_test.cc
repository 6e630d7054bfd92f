#include "base/secret_names.h"

#include "gtest/gtest.h"

namespace base {
namespace {

TEST(LooksSecret, FindsTheWordAtAnyPlaceOfAName) {
  for (const char* name : {"PASSWORD",
                           "DB_PASSWORD",
                           "dbPassword",
                           "db.password",
                           "MYSQL_PASSWD",
                           "DB_PASSWRD",
                           "HSM_PIN",
                           "OTP_SEED",
                           "WALLET_SEED",
                           "api_key",
                           "API_KEY",
                           "WANDB_API_KEY",
                           "APIKey",
                           "APIKEY",
                           "DBPASSWORD",
                           "ACCESSTOKEN",
                           "GITHUB_TOKEN",
                           "refreshToken",
                           "CLIENT_SECRET",
                           "clientSecret",
                           "LICENSE",
                           "WANDB_LICENSE",
                           "AWS_SECRET_ACCESS_KEY",
                           "LOCAL_LDAP_BIND_PW",
                           "GOOGLE_CREDENTIALS",
                           "PASSWORD_KEY",
                           "tls.key",
                           "SESSION-KEY",
                           "secretKey",
                           "licenseKey",
                           "private_pem",
                           "jwt",
                           "credentials",
                           "keystorePassword",
                           "serviceAccountKey",
                           "secretConfig",
                           "sessionKeyPrevious",
                           "DB_PASS",
                           "connectionString",
                           "PGPASS",
                           "MYPASS",
                           "DBPASS_OLD",
                           "adminpass",
                           "AUTH",
                           "REDIS_AUTH",
                           "cookie",
                           "SESSION_COOKIE",
                           "hashSalt",
                           "SALT",
                           "requestHmac",
                           "HMAC_KEY",
                           "AWS_ACCESS_KEY_ID"}) {
    EXPECT_TRUE(LooksSecret(name)) << name;
  }
}

TEST(LooksSecret, HasNoWordThatExempts) {
  for (const char* name :
       {"MY_KMS_PASSWORD", "TOKEN_REF", "SECRET_NAME", "TOKEN_FILE",
        "GOOGLE_CREDENTIALS_PATH", "EXISTING_SECRET", "secret_name",
        "kmsPassword", "nameOfPassword"}) {
    EXPECT_TRUE(LooksSecret(name)) << name;
  }
}

TEST(LooksSecret, LeavesReferencesInCamelCaseAndPlainNames) {
  for (const char* name : {"",
                           "HOST",
                           "secretName",
                           "secretRef",
                           "accessKeyName",
                           "passwordKey",
                           "rootPasswordKey",
                           "usernameKey",
                           "existingSecret",
                           "existingSecretPasswordKey",
                           "existingPasswordSecret",
                           "imagePullSecrets",
                           "secretStore",
                           "SecretStore",
                           "licenseServer",
                           "keyUsages",
                           "pullSecrets",
                           "key",
                           "keys",
                           "KEYCLOAK_URL",
                           "PINNED_VERSION",
                           "SEED_DATA",
                           "BYPASS",
                           "BYPASS_CACHE",
                           "compass",
                           "PASS_HEADERS",
                           "author",
                           "authMethod",
                           "authEnabled",
                           "dsnHost",
                           "saslMechanism",
                           "webhook",
                           "sessions",
                           "id",
                           "rsa",
                           "id_rsa.pub",
                           "AUTHOR",
                           "AUTH_METHOD",
                           "OIDC_CLIENT_ID",
                           "PASSTHROUGH",
                           "passThrough",
                           "tokenizer",
                           "TOKENIZERS_PARALLELISM",
                           "MONKEY_PATCH",
                           "sessionLengthHours",
                           "privateEndpoint",
                           "authorizationUrl"}) {
    EXPECT_FALSE(LooksSecret(name)) << name;
  }
}

// Such a name groups settings, too.
TEST(LooksSecret, FindsWordsOfLeavesThatAreNoNamesOfTrees) {
  for (const char* name : {"auth", "smtpAuth", "X-Auth", "sessionId"}) {
    EXPECT_TRUE(LooksSecret(name)) << name;
    EXPECT_FALSE(IsNameOfSecret(name)) << name;
  }
  for (const char* name : {"psk",
                           "wifiPsk",
                           "pswd",
                           "DB_PSW",
                           "auths",
                           "basicAuth",
                           "basicAuthUsers",
                           "authHeader",
                           "bearer",
                           "sas",
                           "kubeconfig",
                           "id_rsa",
                           "id_ed25519",
                           "accessTok",
                           "dsn",
                           "dsns",
                           "SENTRY_DSN",
                           "webhookUrl",
                           "webhookUrls",
                           "WEBHOOK_URL",
                           "connStr",
                           "CONN_STR",
                           "bindpw",
                           "githubPat",
                           "PAT",
                           "netrc",
                           "saslJaasConfig",
                           "recoveryCodes"}) {
    EXPECT_TRUE(IsNameOfSecret(name)) << name;
  }
}

TEST(IsNameOfSecret, GoesByTheLastWord) {
  for (const char* name : {"password", "dbPasswords", "credentials", "apiKey",
                           "CLIENT_SECRET", "license", "secrets"}) {
    EXPECT_TRUE(IsNameOfSecret(name)) << name;
  }
  for (const char* name :
       {"passwordPolicy", "tokenLifetime", "secretConfig", "sessionKeyRotation",
        "secretName", "host", "key", "internalJWTMap"}) {
    EXPECT_FALSE(IsNameOfSecret(name)) << name;
  }
}

TEST(IsColumn, GoesByTheValue) {
  EXPECT_TRUE(IsColumn("primaryKey", "user_id"));
  EXPECT_TRUE(IsColumn("spec.sortKey", "id"));
  EXPECT_FALSE(IsColumn("primaryKey", "Zm9vYmFy"));
  EXPECT_FALSE(IsColumn("primaryKey", "a1b2"));
  EXPECT_FALSE(IsColumn("apiKey", "user_id"));
}

TEST(LooksSecret, ReadsNoNovels) {
  EXPECT_FALSE(LooksSecret(std::string(1000, 'a') + "_PASSWORD"));
}

}  // namespace
}  // namespace base
