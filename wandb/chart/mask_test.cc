#include "wandb/chart/mask.h"

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/merge.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;

bool IsSecret(absl::string_view path, const Json& leaf = "v",
              const Mask& mask = Mask()) {
  return mask.IsSecret(ParsePath(path).value(), leaf);
}

const Mask& Strict() {
  static const base::NeverDestroyed<Mask> kMask(std::vector<Path>(),
                                                Masking::kStrict);
  return *kMask;
}

std::vector<std::string> Shown(const Json& values, const Mask& mask) {
  std::vector<std::string> texts;
  ForEachLeaf(
      values, [&](const Path& path, const std::string& name, const Json& leaf) {
        texts.push_back(
            absl::StrCat(name, " = ", mask.Text(path, leaf, {&values})));
      });
  return texts;
}

// What ReplaceSecrets() leaves of a list under `args`.
Json Arguments(Json list) {
  return ReplaceSecrets({{"args", std::move(list)}}, Mask())["args"];
}

TEST(Mask, HidesWhatFollowsAFlagOfASecret) {
  for (const char* text : {"hunter2", "/x8KqLong+Base64", "1234567890",
                           "-dashsecret99", "two words", "true"}) {
    EXPECT_EQ(Arguments({"run", "--token", text}),
              Json({"run", "--token", kMasked}))
        << text;
  }
  EXPECT_EQ(Arguments({"--password", "--salt", "x"}),
            Json({"--password", kMasked, kMasked}));
  EXPECT_EQ(Arguments({"--token", "x", "app.py", "-v", "serve"}),
            Json({"--token", kMasked, "app.py", "-v", "serve"}));
  EXPECT_EQ(Arguments({"--password", 12345}), Json({"--password", 0}));
  EXPECT_EQ(Arguments({{"--password", "x"}, {"-H", "y"}}),
            Json({{"--password", kMasked}, {"-H", "y"}}));
  EXPECT_EQ(Arguments({"--password", {"x", "y"}}),
            Json({"--password", {kMasked, kMasked}}));
  EXPECT_EQ(Arguments({"mysql", "-p", "hunter2", "-u", "me:pw"}),
            Json({"mysql", "-p", kMasked, "-u", kMasked}));
  EXPECT_EQ(Arguments({"redis-cli", "-h", "r", "-a", "hunter", "ping"}),
            Json({"redis-cli", "-h", "r", "-a", kMasked, "ping"}));
  EXPECT_EQ(Arguments({"/usr/bin/mysql", "-uroot", "-phunter", "wandb"}),
            Json({"/usr/bin/mysql", "-uroot", kMasked, "wandb"}));
  EXPECT_EQ(Arguments({"sh", "-c", "curl -u me:hunter https://h"}),
            Json({"sh", "-c", kMasked}));
  for (const Json& list :
       {Json({"python", "app.py"}), Json({"ls", "-a", "hunter"}),
        Json({"-p", "8080:80"}), Json({"mkdir", "-p", "/data"}),
        Json({"-u", "me"}), Json({"--token", "$(TOKEN)", "x"}),
        Json({"--token=$(TOKEN)", "x"}), Json({"--port", "80", "-v", "serve"}),
        Json({"--password", true})}) {
    EXPECT_EQ(Arguments(list), list);
  }
}

TEST(Mask, HidesTheValueBesideANameThatLooksSecret) {
  const Json values = {
      {"httpHeaders",
       {{{"name", "Authorization"}, {"value", "hunter2"}},
        {{"name", "X-Api-Key"}, {"value", "hunter2"}},
        {{"name", "Host"}, {"value", "open"}}}},
      {"items", {{{"key", "PASSWORD"}, {"value", {{"deep", "hunter2"}}}}}}};
  Json want = values;
  want["httpHeaders"][0]["value"] = kMasked;
  want["httpHeaders"][1]["value"] = kMasked;
  want["items"][0]["value"]["deep"] = kMasked;
  EXPECT_EQ(ReplaceSecrets(values, Mask()), want);
}

TEST(Mask, EntriesOfListsAreHiddenByTheNameBesideThem) {
  for (const char* name : {"env", "id", "key", "name", "variable"}) {
    for (const char* value : {"content", "data", "literal", "val", "value"}) {
      const auto list = [&](const char* of, const char* text) {
        Json entry = Json::object();
        entry[name] = of;
        entry[value] = text;
        Json out = Json::object();
        out["x"] = Json::array({entry});
        return out;
      };
      EXPECT_EQ(ReplaceSecrets(list("DB_PASSWORD", "hunter2"), Mask()),
                list("DB_PASSWORD", kMasked));
      const Json open = list("DB_HOST", "open");
      EXPECT_EQ(ReplaceSecrets(open, Mask()), open);
    }
  }
}

TEST(Mask, KeysAreSecretByWhoseTheyAre) {
  for (const char* path : {"otel.daemonset.config.exporters.datadog.api.key",
                           "nginx.tls.key", "x.encryption.key"}) {
    EXPECT_TRUE(IsSecret(path, "4f1d0c9ab37e52d8")) << path;
    EXPECT_FALSE(IsSecret(path, "$(KEY)")) << path;
  }
  for (const char* path : {"tolerations[0].key", "x.matchExpressions[0].key"}) {
    EXPECT_FALSE(IsSecret(path, "team")) << path;
  }
}

TEST(Mask, JudgesNeighboursOfPartsOfATree) {
  const Json list = {"--token", "x"};
  const Path at = *ParsePath("a.args[1]");
  EXPECT_TRUE(Mask().IsSecret(at, "x", {&list, 2}));
  EXPECT_FALSE(Mask().IsSecret(at, "x"));
  const Json unknown = {
      {"a", {{"args", {MakeUnknown(Unknown::kString), "x", "y"}}}}};
  EXPECT_TRUE(BesideUnknown(unknown, at));
  EXPECT_FALSE(BesideUnknown(unknown, *ParsePath("a.args[2]")));
}

TEST(Mask, HidesDockerConfigurations) {
  for (const char* path : {"x.dockerconfigjson", "x[\".dockerconfigjson\"]",
                           "x.dockerConfigJson", "x.dockercfg"}) {
    EXPECT_TRUE(IsSecret(path, "e30=")) << path;
  }
}

TEST(ReplaceSecrets, HidesCredentialsInKeys) {
  EXPECT_EQ(ReplaceSecrets({{"https://u:PW@h/", {{"a", 1}}},
                            {"https://u:PX@h/", {{"b", 2}}},
                            {"a.io/b", "x"}},
                           Mask()),
            Json({{"https://(sensitive)@h/", {{"a", 1}, {"b", 2}}},
                  {"a.io/b", "x"}}));
}

TEST(ShownPath, HidesCredentialsInKeys) {
  EXPECT_EQ(ShownPath(FormatPath({Step::Key("users"), Step::Key("u:p@tcp(db)"),
                                  Step::Key("n")})),
            "users[\"(sensitive)@tcp(db)\"].n");
  for (const char* path :
       {"global.mysql.password", "ingress.annotations[\"a.io/b\"]",
        "ingress.tls[0].secretName", "app.env.API_TOKEN"}) {
    EXPECT_EQ(ShownPath(path), path);
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

TEST(Mask, HidesNamesThatLookSecretAnywhere) {
  for (const char* path :
       {"app.dbPassword", "x.api_key", "x.clientSecret", "x.refreshToken",
        "x.jwt", "x.credentials.user", "x.secrets[0]", "x.tokens.first",
        "bucket.secretKey", "global.kafka.password", "x.passwordHint",
        "app.extraEnv.MY_KMS_PASSWORD", "app.extraEnv.TOKEN_REF",
        "app.extraEnv.secret_name", "app.tolerations[0].secret",
        "app.autoscaling.keda.triggers[0].metadata.apiKey",
        "app.affinity.password"}) {
    EXPECT_TRUE(IsSecret(path)) << path;
  }
  for (const char* path :
       {"x.dbPassword", "x.pass", "app.extraEnv.MAX_TOKENS"}) {
    EXPECT_TRUE(IsSecret(path, 12345)) << path;
  }
}

TEST(Mask, HidesPassesAndAuthOfEnvironments) {
  for (const char* name :
       {"MYPASS", "DBPASS_OLD", "DB_PASS", "AUTH", "REDIS_AUTH", "PWD"}) {
    const std::string path = absl::StrCat("app.env.", name);
    EXPECT_TRUE(IsSecret(path.c_str(), "hunter2")) << path;
    EXPECT_FALSE(IsSecret(path.c_str(), true)) << path;
  }
  // Elsewhere it names a group of settings as well.
  for (const char* path :
       {"x.basicAuth.admin", "x.basicAuth.users[0]", "x.auths.registry",
        "x.sas.blob", "x.dsn.main", "x.webhookUrls.ops"}) {
    EXPECT_TRUE(IsSecret(path, "x")) << path;
  }
  for (const char* path : {"x.auth", "x.smtpAuth"}) {
    EXPECT_TRUE(IsSecret(path, "v")) << path;
    EXPECT_FALSE(IsSecret(path, true)) << path;
    EXPECT_FALSE(IsSecret(path, 1)) << path;
  }
  for (const char* path :
       {"app.env.AUTHOR", "app.env.OIDC_AUTH_METHOD", "app.env.BYPASS",
        "global.auth.sessionLengthHours", "global.auth.oidc.authMethod",
        "x.auth.mode", "x.auth.enabled"}) {
    EXPECT_FALSE(IsSecret(path, "v")) << path;
  }
}

// A reference is what the chart reads as one: elsewhere such a key may well
// have the secret itself.
TEST(Mask, HidesKeysOfSecretsThatNoChartReads) {
  for (const char* path :
       {"app.secret.apiKey", "app.secret.key", "x.clientSecret.privateKey",
        "x.clientSecret.key", "x.clientSecret.encryptionKey",
        "x.clientSecret.podAnnotations.token", "x.secret.items.a",
        "x.secret.items[0].value", "app.imagePullSecrets[0].password",
        "x.pullSecrets.registry.password"}) {
    EXPECT_TRUE(IsSecret(path, "hunter2")) << path;
    EXPECT_TRUE(IsSecret(path, "hunter2", Strict())) << path;
  }
}

TEST(Mask, HidesWhatIsBelowASecretNameInAndAroundEnvironments) {
  for (const char* path :
       {"credentials.env.DB", "x.password.extraEnv.HTTP_PROXY", "password.env",
        "app.env.PROXY.password", "app.env.DB_PASSWORD.value",
        "secrets.env.GOOGLE_APPLICATION_CREDENTIALS",
        "a.env.x.env.DB_PASSWORD"}) {
    EXPECT_TRUE(IsSecret(path, "hunter2")) << path;
  }
  EXPECT_TRUE(IsSecret("credentials.env.DB", 12345));
  for (const char* path :
       {"app.env.GOOGLE_APPLICATION_CREDENTIALS.value", "app.env.DB.value",
        "secretStore.env.HTTP_PROXY", "mcp-server.datadog.env"}) {
    EXPECT_FALSE(IsSecret(path, "v")) << path;
  }
  EXPECT_FALSE(IsSecret("credentials.env.DB", "$(DB)"));
}

TEST(Mask, HidesTheSecretsOfSubcharts) {
  for (const char* path : {"kafka.tls.keyPassword",
                           "kafka.tls.keystorePassword",
                           "kafka.tls.truststorePassword",
                           "kafka.tls.zookeeper.keystorePassword",
                           "kafka.tls.zookeeper.truststorePassword",
                           "kafka.provisioning.auth.tls.keyPassword",
                           "kafka.provisioning.auth.tls.keystorePassword",
                           "kafka.zookeeper.auth.client.clientPassword",
                           "kafka.zookeeper.auth.client.serverPasswords",
                           "kafka.zookeeper.auth.quorum.learnerPassword",
                           "kafka.zookeeper.tls.client.keystorePassword",
                           "kafka.zookeeper.tls.quorum.truststorePassword",
                           "kafka.secretConfig",
                           "kafka.secretConfig.nested[0].line",
                           "kafka.broker.secretConfig",
                           "kafka.controller.secretConfig",
                           "stackdriver.stackdriver.serviceAccountKey",
                           "global.olap.default.password",
                           "global.olap.history.password",
                           "global.olap.weaveTrace.migrator.password",
                           "global.auth.sessionKey",
                           "global.auth.sessionKeyPrevious"}) {
    EXPECT_TRUE(IsSecret(path)) << path;
  }
}

TEST(Mask, ShowsCountsAndSwitchesWithSuchNames) {
  EXPECT_FALSE(IsSecret("x.maxTokens", 100));
  EXPECT_FALSE(IsSecret("x.tokenLifetimeSeconds", 100));
  EXPECT_FALSE(IsSecret("x.automountServiceAccountToken", true));
  EXPECT_FALSE(IsSecret("x.credentials.enabled", true));
  EXPECT_FALSE(IsSecret("app.env.USE_PASSWORD", false));
}

TEST(Mask, ShowsWhatIsFilledInLater) {
  EXPECT_FALSE(IsSecret("app.env.DB_PASSWORD", "$(MYSQL_PASSWORD)"));
  EXPECT_FALSE(IsSecret("app.envTpls[0]", "{{ include \"wandb.redis\" . }}"));
  EXPECT_FALSE(IsSecret("x.password", "{{ .Values.global.mysql.password }}"));
  EXPECT_TRUE(IsSecret("x.password", "{{ \"literal\" }}"));
  EXPECT_TRUE(IsSecret("global.license", "$(LICENSE)"));  // The catalogue's.
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
                           "global.mysql.passwordSecret.rootPasswordKey",
                           "global.clickhouse.passwordSecret.passwordKey",
                           "global.kafka.passwordSecret.passwordKey",
                           "global.defaultBucket.secret.accessKeyName",
                           "mcp-server.analytics.datadogApiKeySecret.key",
                           "global.mysql.password.valueFrom.secretKeyRef.name",
                           "global.mysql.password.valueFrom.secretKeyRef.key",
                           "global.redis.secret.secretKey",
                           "global.auth.oidc.oidcSecret.name",
                           "global.auth.oidc.oidcSecret.secretKey",
                           "app.env.DB_PASSWORD.valueFrom.secretKeyRef.key",
                           "app.env[0].valueFrom.secretKeyRef.name",
                           "app.env[0].name",
                           "ingress.tls[0].secretName",
                           "global.host",
                           "app.image.tag",
                           "app.env.HTTP_PROXY",
                           "redis.auth.existingSecret",
                           "redis.auth.existingSecretPasswordKey",
                           "global.auth.sessionLengthHours",
                           "global.auth.sessionKeyRotation.phase",
                           "global.auth.sessionKeyRolloutId",
                           "global.imagePullSecrets[0].name",
                           "app.imagePullSecrets[0]",
                           "app.env.GOOGLE_APPLICATION_CREDENTIALS",
                           "app.envFrom.wandb-global-secret",
                           "app.volumes[0].secret.secretName",
                           "app.volumes[0].secret.items[0].key",
                           "a.volumes[0].projected.sources[1].secret.name",
                           "a.volumes[0].projected.sources[1].secret.items[0]."
                           "path",
                           "app.affinity.podAntiAffinity.x[0].topologyKey",
                           "app.tolerations[0].key",
                           "app.internalJWTMap[0].issuer",
                           "mcp-server.datadog.env",
                           "kafka.tls.passwordsSecret",
                           "chart.credentialSecret.passwordKey",
                           "x.tokenizer"}) {
    EXPECT_FALSE(IsSecret(path)) << path;
  }
}

TEST(Mask, HidesCredentialsAnywhere) {
  for (const char* text :
       {"mysql://user:pw@host:3306/db", "see redis://:pw@host and more",
        "https://token@host", "-----BEGIN RSA PRIVATE KEY-----\nx",
        "AKIAIOSFODNN7:wJalrXUtnFEMI@store.internal:9000/files",
        "u:p@tcp(db:3306)/wandb", "Bearer abc123", "https://b/c?sv=1&sig=x",
        "AccountKey=x", "run --password=x"}) {
    EXPECT_TRUE(IsSecret("a.b", text)) << text;
    // Also where no secret is expected.
    EXPECT_TRUE(IsSecret("global.bucket.name", text)) << text;
    EXPECT_TRUE(IsSecret("x.valueFrom.secretKeyRef.name", text)) << text;
  }
  for (const char* text :
       {"https://host:8080/@scope/package", "me@example.com",
        "-----BEGIN CERTIFICATE-----\nx",
        "us-docker.pkg.dev/wandb/local:0.79.0@sha256:0123abcd"}) {
    EXPECT_FALSE(IsSecret("a.b", text)) << text;
  }
}

TEST(Mask, StrictHidesEveryStringThatIsNotListed) {
  for (const char* path :
       {"x", "global.extraEnv.HTTP_PROXY", "ingress.annotations.x",
        "app.podLabels.team", "app.containers.x.args[0]", "app.env[0].name",
        "global.email.smtp.user", "global.license"}) {
    EXPECT_TRUE(IsSecret(path, "v", Strict())) << path;
  }
  for (const char* path :
       {"global.host", "global.size", "global.mysql.host",
        "global.mysql.passwordSecret.name", "global.bucket.name",
        "app.image.tag", "app.image.digest", "app.resources.limits.memory",
        "ingress.class", "ingress.tls[0].secretName", "_releaseId",
        "global.operator.namespace", "app.tolerations[0].key",
        "app.env.DB_PASSWORD.valueFrom.secretKeyRef.key"}) {
    EXPECT_FALSE(IsSecret(path, "v", Strict())) << path;
  }
  EXPECT_TRUE(IsSecret("global.bucket.name", "KEY:SECRET@host", Strict()));
  // What is no string, or an empty one, tells nothing.
  for (const Json& leaf : {Json(1), Json(true), Json("")}) {
    EXPECT_FALSE(IsSecret("x", leaf, Strict())) << LeafText(leaf);
  }
}

TEST(Mask, JudgesMetadataByNameAndContent) {
  const Mask known;
  EXPECT_FALSE(known.IsSecretMetadata("releaseId", "r"));
  EXPECT_FALSE(known.IsSecretMetadata("note", "text"));
  EXPECT_TRUE(known.IsSecretMetadata("apiToken", "text"));
  EXPECT_TRUE(known.IsSecretMetadata("releaseId", "https://u:p@h"));
  EXPECT_FALSE(Strict().IsSecretMetadata("releaseName", "r"));
  EXPECT_TRUE(Strict().IsSecretMetadata("note", "text"));
}

TEST(Mask, CoversTheSubtreeOfACallersPath) {
  const Mask mask({*ParsePath("app.extra"), *ParsePath("m.a")});
  EXPECT_TRUE(IsSecret("app.extra", 1, mask));
  EXPECT_TRUE(IsSecret("app.extra.deep[0].name", "v", mask));
  EXPECT_FALSE(IsSecret("app.extras", "v", mask));
  EXPECT_FALSE(IsSecret("other", "v", mask));
  EXPECT_TRUE(IsSecret("anything", "v", Mask({Path{}})));
}

// Others may write them there.
TEST(Mask, CoversWhatTakesThePlaceOfAMapWithSecrets) {
  const Mask mask({*ParsePath("vault.a.b"), *ParsePath("list[0].k")});
  for (const char* path : {"vault", "vault.a", "vault[0]", "vault.a[1].x",
                           "list", "list[3]", "list.x.k"}) {
    EXPECT_TRUE(IsSecret(path, "v", mask)) << path;
  }
  for (const char* path : {"vault.b", "vault.a.c", "list[0].other", "x"}) {
    EXPECT_FALSE(IsSecret(path, "v", mask)) << path;
  }
}

// The operator appends the lists of all layers, so that an element is elsewhere
// in each of them and in their merge.
TEST(Mask, CoversEveryElementWhereACallersPathNamesOne) {
  const Mask mask({*ParsePath("l[1].x")});
  EXPECT_TRUE(IsSecret("l[1].x", "v", mask));
  EXPECT_TRUE(IsSecret("l[0].x.y", "v", mask));
  EXPECT_FALSE(IsSecret("l[1].y", "v", mask));
}

TEST(Mask, KnowsWhetherItHidesAllThatAnotherHides) {
  const auto mask = [](const std::vector<std::string>& paths,
                       Masking masking = Masking::kKnown) {
    std::vector<Path> parsed;
    for (const std::string& path : paths) parsed.push_back(*ParsePath(path));
    return Mask(parsed, masking);
  };
  const Mask ab = mask({"a", "b.c[2]"});
  EXPECT_TRUE(ab.HidesAllOf(ab));
  EXPECT_TRUE(ab.HidesAllOf(Mask()));
  EXPECT_TRUE(ab.HidesAllOf(mask({"a.x", "a.y[0]", "b.c[0].z"})));
  EXPECT_TRUE(mask({""}).HidesAllOf(ab));
  EXPECT_FALSE(Mask().HidesAllOf(ab));
  EXPECT_FALSE(mask({"a", "b.c[2].d"}).HidesAllOf(ab));
  EXPECT_FALSE(ab.HidesAllOf(mask({"a", "b"})));
  const Mask strict = mask({"a", "b"}, Masking::kStrict);
  EXPECT_TRUE(strict.HidesAllOf(ab));
  EXPECT_FALSE(ab.HidesAllOf(Strict()));
  EXPECT_TRUE(strict.HidesAllOf(Strict()));
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
                     {"url", "(sensitive)"},
                     {"l", {"a", "(sensitive)"}}};
  EXPECT_EQ(ReplaceSecrets(values, Mask()), want);
  EXPECT_EQ(ReplaceSecrets(want, Mask()), want);
  EXPECT_THAT(SecretTexts(values, Mask()),
              ElementsAre("abc", "5", "mysql://u:p@h", "u:p", "p",
                          "redis://:pw@h:1", ":pw", "pw"));
}

// A plan computes with placeholders, an apply with what they stand for.
TEST(ReplaceSecrets, ChangesNoTextThatIsShown) {
  const char* const kTexts[] = {"plain",        "",         "mysql://u:p@h",
                                "password=x y", "K:S@host", "{{ .Values.x }}",
                                "$(X)"};
  const char* const kPaths[] = {"x.password",         "x.open",
                                "global.bucket.name", "app.env.TOKEN",
                                "global.license",     "named"};
  for (const Masking masking : {Masking::kKnown, Masking::kStrict}) {
    const Mask mask({*ParsePath("named")}, masking);
    for (const char* path : kPaths) {
      std::vector<Json> leaves = {7, 1.5, true, nullptr};
      for (const char* text : kTexts) leaves.emplace_back(text);
      const Path at = *ParsePath(path);
      for (const Json& leaf : leaves) {
        Json tree = leaf;
        for (size_t i = at.size(); i-- > 0;) {
          tree = Json::object({{at[i].key, tree}});
        }
        const Json stored = ReplaceSecrets(tree, mask);
        EXPECT_EQ(mask.Text(at, *FindPath(stored, at)), mask.Text(at, leaf))
            << path << " " << leaf;
      }
    }
  }
}

TEST(ReplaceSecrets, ChangesNoTextOfAListOfArguments) {
  const Json values = {{"args", {"--token", 5, "--password", "--salt", "x"}},
                       {"headers", {{{"name", "Cookie"}, {"value", "y"}}}}};
  for (const Masking masking : {Masking::kKnown, Masking::kStrict}) {
    const Mask mask({}, masking);
    EXPECT_EQ(Shown(ReplaceSecrets(values, mask), mask), Shown(values, mask));
  }
}

TEST(SecretTexts, LeaveOutShortOnesThatOnlyStrictHides) {
  const Json values = {{"a", "short"},
                       {"b", "long enough"},
                       {"dbPassword", "brief"},
                       {"named", "mine"}};
  EXPECT_THAT(
      SecretTexts(values, Mask({*ParsePath("named")}, Masking::kStrict)),
      ElementsAre("long enough", "brief", "mine"));
}

TEST(SecretTexts, HaveTheLinesOfLongOnes) {
  EXPECT_THAT(
      SecretTexts({{"password", "first line\nx\nsecond line"}}, Mask()),
      ElementsAre("first line\nx\nsecond line", "first line", "second line"));
}

TEST(ReplaceSecrets, ChangesNoTextOfAListThatTheMergeAppends) {
  const Mask mask({*ParsePath("l[0]")});
  const Json upper = {{"l", {"first"}}};
  const Json lower = {{"l", {"second", "third"}}};
  const Json stored = ReplaceSecrets(lower, mask);
  const auto merged = [&](const Json& below) {
    return Merge({&upper, &below}).values;
  };
  EXPECT_EQ(Shown(merged(stored), mask), Shown(merged(lower), mask));
}

TEST(ReplaceSecrets, ChangesNoMergeForTheReader) {
  RandomTrees random(2);
  const Mask mask({*ParsePath("a"), *ParsePath("b[0]"), *ParsePath("c.a")});
  for (int i = 0; i < 2000; ++i) {
    const Json upper = random.Object(3);
    const Json lower = random.Object(3);
    const Json stored = ReplaceSecrets(lower, mask);
    const Merged real = Merge({&upper, &lower});
    const Merged recorded = Merge({&upper, &stored});
    EXPECT_EQ(real.sources, recorded.sources);
    EXPECT_EQ(real.clashes.size(), recorded.clashes.size());
    EXPECT_EQ(Shown(real.values, mask), Shown(recorded.values, mask));
  }
}

}  // namespace
}  // namespace wandb
