#include "wandb/mask.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/merge.h"
#include "wandb/unknown.h"
#include "wandb/urls.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;

bool IsSecret(absl::string_view path, const Json& leaf = "v",
              const Mask& mask = Mask()) {
  return mask.IsSecret(ParsePath(path).value(), leaf);
}

TEST(LooksSecret, IsGenerous) {
  for (const char* name : {"PASSWORD",
                           "DB_PASSWORD",
                           "dbPassword",
                           "MYSQL_PASSWD",
                           "API_KEY",
                           "WANDB_API_KEY",
                           "APIKey",
                           "APIKEY",
                           "DBPASSWORD",
                           "ACCESSTOKEN",
                           "GITHUB_TOKEN",
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
                           "AWS_ACCESS_KEY_ID"}) {
    EXPECT_TRUE(LooksSecret(name)) << name;
  }
}

TEST(LooksSecret, LeavesReferencesAndPlainNames) {
  for (const char* name :
       {"", "HOST", "secretName", "SECRET_NAME", "accessKeyName", "passwordKey",
        "rootPasswordKey", "usernameKey", "kmsKey", "AWS_S3_KMS_KEY",
        "existingSecret", "existingPasswordSecret", "TOKEN_FILE",
        "GOOGLE_CREDENTIALS_PATH", "secretRef", "KEYCLOAK_URL", "BYPASS",
        "OIDC_CLIENT_ID", "PASSTHROUGH"}) {
    EXPECT_FALSE(LooksSecret(name)) << name;
  }
}

TEST(Mask, HidesTheCatalogueAndEnvironments) {
  for (const char* path : {"global.license",
                           "global.bucket.accessKey",
                           "global.bucket.secretKey",
                           "global.defaultBucket.accessKey",
                           "global.defaultBucket.secretKey",
                           "global.mysql.password",
                           "global.mysql.password.value",
                           "global.redis.password",
                           "global.ldap.bindPW",
                           "global.auth.oidc.secret",
                           "global.email.smtp.password",
                           "global.clickhouse.password",
                           "global.slack.secret",
                           "global.statsig.apiKey",
                           "redis.auth.password",
                           "kafka.sasl.client.passwords[0]",
                           "global.extraEnv.DB_PASSWORD",
                           "app.env.WANDB_API_KEY",
                           "weave.extraEnvs.MY_TOKEN",
                           "app.sizing.small.env.X_SECRET",
                           "app.containers.x.env[0].value",
                           "app.envTpls[0]"}) {
    EXPECT_TRUE(IsSecret(path)) << path;
  }
}

TEST(Mask, ShowsWhatOnlyPointsToASecret) {
  for (const char* path : {"global.licenseSecret.name",
                           "global.licenseSecret.key",
                           "global.bucket.secret.secretName",
                           "global.bucket.secret.accessKeyName",
                           "global.bucket.secret.secretKeyName",
                           "global.bucket.kmsKey",
                           "global.mysql.passwordSecret.name",
                           "global.mysql.passwordSecret.passwordKey",
                           "global.mysql.password.valueFrom.secretKeyRef.name",
                           "global.mysql.password.valueFrom.secretKeyRef.key",
                           "global.redis.secret.secretKey",
                           "global.auth.oidc.oidcSecret.name",
                           "app.env.DB_PASSWORD.valueFrom.secretKeyRef.key",
                           "app.env[0].valueFrom.secretKeyRef.name",
                           "app.env[0].name",
                           "ingress.tls[0].secretName",
                           "global.host",
                           "app.image.tag",
                           "app.env.HTTP_PROXY",
                           "redis.auth.existingSecret",
                           "bucket.secretKey"}) {
    EXPECT_FALSE(IsSecret(path)) << path;
  }
}

TEST(Mask, HidesUrlsWithUserInfoAndPrivateKeysAnywhere) {
  EXPECT_TRUE(IsSecret("a.b", "mysql://user:pw@host:3306/db"));
  EXPECT_TRUE(IsSecret("a.b", "see redis://:pw@host and more"));
  EXPECT_TRUE(IsSecret("a.b", "https://token@host"));
  EXPECT_TRUE(IsSecret("a.b", "-----BEGIN RSA PRIVATE KEY-----\nx"));
  EXPECT_FALSE(IsSecret("a.b", "https://host:8080/@scope/package"));
  EXPECT_FALSE(IsSecret("a.b", "me@example.com"));
  EXPECT_FALSE(IsSecret("a.b", "-----BEGIN CERTIFICATE-----\nx"));
}

TEST(Mask, CoversTheSubtreeOfACallersPath) {
  const Mask mask({*ParsePath("app.extra"), *ParsePath("l[1]")});
  EXPECT_TRUE(IsSecret("app.extra", 1, mask));
  EXPECT_TRUE(IsSecret("app.extra.deep[0].name", "v", mask));
  EXPECT_TRUE(IsSecret("l[1].x", "v", mask));
  EXPECT_FALSE(IsSecret("l[0].x", "v", mask));
  EXPECT_FALSE(IsSecret("app.extras", "v", mask));
  EXPECT_FALSE(IsSecret("app", "v", mask));
  EXPECT_TRUE(IsSecret("anything", "v", Mask({Path{}})));
}

TEST(Mask, HidesScalarsOnly) {
  for (const Json& leaf :
       {Json(), Json::object(), Json::array(), MakeUnknown(Unknown::kString)}) {
    EXPECT_FALSE(IsSecret("global.license", leaf)) << LeafText(leaf);
  }
  for (const Json& leaf : {Json(""), Json(7), Json(1.5), Json(true)}) {
    EXPECT_TRUE(IsSecret("global.license", leaf));
    EXPECT_EQ(Mask().Text(*ParsePath("global.license"), leaf), kMasked);
  }
  EXPECT_EQ(Mask().Text(*ParsePath("global.size"), "small"), "small");
}

TEST(RedactUrls, KeepsAllButTheUserInfo) {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"mysql://u:p@h:1/d", "mysql://(sensitive)@h:1/d"},
      {"x a://u@h y b://:p@h?q z",
       "x a://(sensitive)@h y b://(sensitive)@h?q z"},
      {"mysql://u:p/w#d@h/db", "mysql://(sensitive)@h/db"},
      {"mysql://u:p@w@h/db", "mysql://(sensitive)@h/db"},
      {"https://h:80/a@b", "https://h:80/a@b"},
      {"https://h/a@b", "https://h/a@b"},
      {"\"https://h\" me@x", "\"https://h\" me@x"},
      {"://", "://"},
      {"", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(RedactUrls(c.text), c.want);
    EXPECT_EQ(RedactUrls(c.want), c.want);
    EXPECT_EQ(HasUrlUserInfo(c.text), std::string(c.text) != c.want);
  }
}

TEST(ReplaceSecrets, KeepsKindsAndWhatIsNotSecret) {
  const Json values = {{"global",
                        {{"license", "abc"},
                         {"mysql", {{"password", 5}, {"host", "h"}}},
                         {"auth", {{"oidc", {{"secret", true}}}}},
                         {"redis", {{"password", nullptr}}}}},
                       {"url", "redis://:pw@h:1"},
                       {"l", {"a", "mysql://u:p@h"}}};
  const Json want = {{"global",
                      {{"license", "(sensitive)"},
                       {"mysql", {{"password", 0}, {"host", "h"}}},
                       {"auth", {{"oidc", {{"secret", false}}}}},
                       {"redis", {{"password", nullptr}}}}},
                     {"url", "redis://(sensitive)@h:1"},
                     {"l", {"a", "mysql://(sensitive)@h"}}};
  EXPECT_EQ(ReplaceSecrets(values, Mask()), want);
  EXPECT_EQ(ReplaceSecrets(want, Mask()), want);
  EXPECT_THAT(SecretTexts(values, Mask()),
              ElementsAre("abc", "5", "mysql://u:p@h", "redis://:pw@h:1"));
}

TEST(ReplaceSecrets, ChangesNoMergeForTheReader) {
  RandomTrees random(2);
  const Mask mask({*ParsePath("a"), *ParsePath("b[0]"), *ParsePath("c.a")});
  for (int i = 0; i < 2000; ++i) {
    const Json upper = random.Object(3);
    const Json lower = random.Object(3);
    const Json stored = ReplaceSecrets(lower, mask);
    const Merged real = Merge(
        {{Origin::kCustomResource, &upper}, {Origin::kUserInput, &lower}});
    const Merged recorded = Merge(
        {{Origin::kCustomResource, &upper}, {Origin::kUserInput, &stored}});
    EXPECT_EQ(real.origins, recorded.origins);
    EXPECT_EQ(real.problems.size(), recorded.problems.size());
  }
}

}  // namespace
}  // namespace wandb
