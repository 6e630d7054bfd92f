#include "wandb/settings/compile.h"

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "tests/support/sample_settings.h"
#include "wandb/chart/catalogue.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// "attribute: message" of all problems.
std::vector<std::string> Problems(const Json& settings,
                                  const std::string& version = "") {
  std::vector<std::string> out;
  for (const Problem& problem : CompileSettings(settings, version).problems) {
    out.push_back(SourceName(*problem.source) + ": " + problem.message);
  }
  return out;
}

TEST(SettingsTest, AllOfThemForTheNewestChart) {
  EXPECT_EQ(ValuesOf(AllSettings()), *base::ParseJson(R"({
    "app": {
      "image": {"repository": "r", "tag": "t", "pullPolicy": "Always"},
      "podSecurityContext": {"runAsUser": 1001,
                             "seccompProfile": {"type": "RuntimeDefault"}},
      "resources": {"limits": {"cpu": "1"}},
      "securityContext": {"readOnlyRootFilesystem": true},
      "serviceAccount": {"create": false, "name": "sa"}},
    "global": {
      "auth": {"oidc": {"authMethod": "pkce", "clientId": "c",
                        "issuer": "https://i",
                        "oidcSecret": {"name": "os", "secretKey": "ok"}},
               "sessionLengthHours": 720},
      "bucket": {"kmsKey": "arn", "name": "b", "path": "p", "provider": "s3",
                 "region": "r",
                 "secret": {"accessKeyName": "A", "secretKeyName": "S",
                            "secretName": "s"}},
      "caCertsConfigMap": "cm",
      "customCACerts": ["pem"],
      "email": {"smtp": {"host": "s", "password": "p", "port": 587,
                         "user": "u"}},
      "extraEnv": {"A": "b", "LOCAL_LDAP_ADDRESS": "ldaps://l",
                   "LOCAL_LDAP_ATTRIBUTES": "email=mail",
                   "LOCAL_LDAP_BASE_DN": "dc=x", "LOCAL_LDAP_BIND_DN": "cn=x",
                   "LOCAL_LDAP_BIND_PW": "pw",
                   "LOCAL_LDAP_GROUP_ALLOW_LIST": "cn=ml",
                   "LOCAL_LDAP_LOGIN": "true", "LOCAL_LDAP_TLS_ENABLE": "true"},
      "host": "https://w.example",
      "licenseSecret": {"key": "k", "name": "l"},
      "mysql": {"database": "d", "host": "m",
                "passwordSecret": {"name": "ms", "passwordKey": "mk"},
                "port": 3306, "user": "u"},
      "redis": {"host": "r", "params": {"tls": "true"}, "port": 6379,
                "secret": {"secretKey": "rk", "secretName": "rs"}},
      "size": "large"},
    "ingress": {"additionalHosts": ["h"], "annotations": {"a.b/c": "d"},
                "class": "nginx",
                "tls": [{"hosts": ["h"], "secretName": "t"}]},
    "mysql": {"install": false},
    "redis": {"install": false}})",
                                                      "wanted"));
}

// The chart prints it as 1e+06, and quotes are no way out.
TEST(SettingsTest, ANumberThatHasAnExponentIsTooBig) {
  EXPECT_THAT(Problems({{"session_length_hours", 1'000'000}}),
              testing::ElementsAre(HasSubstr("must be from 1 to 999999")));
}

// Which the values define, and FindMistakes() looks for.
TEST(SettingsTest, ASizeMayBeOnesOwn) {
  EXPECT_THAT(Problems({{"size", "huge"}}), IsEmpty());
}

TEST(SettingsTest, AnOldChartGetsItsOwnKeys) {
  EXPECT_EQ(ValuesOf({{"components",
                       {{"app",
                         {{"pod_security_context", {{"run_as_user", 1}}},
                          {"security_context", {{"privileged", false}}}}}}}},
                     "0.32.0"),
            (Json{{"app",
                   {{"pod", {{"securityContext", {{"runAsUser", 1}}}}},
                    {"container",
                     {{"securityContext", {{"privileged", false}}}}}}}}));
}

TEST(SettingsTest, WhatAnOldChartCannotReadIsSaid) {
  EXPECT_THAT(
      Problems({{"redis", {{"host", "r"}, {"secret", {{"name", "s"}}}}}},
               "0.18.0"),
      Contains(AllOf(HasSubstr("redis.secret.name"),
                     HasSubstr("needs chart 0.21.0 or newer, and "
                               "0.18.0 is configured"))));
  EXPECT_THAT(Problems({{"ca_certs_config_map", "c"}}, "0.18.0").size(), 1);
  // One group is one mistake.
  EXPECT_THAT(
      Problems({{"license_secret", {{"name", "l"}, {"key", "k"}}}}, "0.17.0"),
      ElementsAre(HasSubstr("`license_secret.key`, `license_secret.name` need "
                            "chart 0.18.3 or newer, and 0.17.0")));
  EXPECT_THAT(Problems(AllSettings(), "0.43.8"), IsEmpty());
}

TEST(SettingsTest, AMisspeltComponentIsToldWhichWasMeant) {
  EXPECT_THAT(
      Problems({{"components", {{"weave-trase", {{"install", true}}}}}}),
      ElementsAre(AllOf(HasSubstr("`components.weave-trase` is no component"),
                        HasSubstr("Did you mean weave-trace? There are "))));
}

TEST(SettingsTest, AServerThatTheChartDoesNotBundleIsNotSwitchedOff) {
  const Json own = {{"clickhouse", {{"host", "c"}, {"user", "u"}}}};
  const Json server = {{"host", "c"}, {"user", "u"}};
  EXPECT_THAT(Problems(own, "0.25.0"), IsEmpty());
  EXPECT_EQ(ValuesOf(own, "0.25.0"),
            Json({{"global", {{"clickhouse", server}}}}));
  EXPECT_EQ(ValuesOf(own, "0.43.8"),
            Json({{"global", {{"clickhouse", server}}},
                  {"clickhouse", {{"install", false}}}}));
  EXPECT_THAT(Problems(own, "0.14.17"), testing::Not(IsEmpty()));
}

TEST(SettingsTest, TheOtherBucketsAreCompiledAndChecked) {
  EXPECT_EQ(ValuesOf({{"bucket",
                       {{"provider", "az"},
                        {"name", "account"},
                        {"path", "container"},
                        {"access_key", "key"}}}}),
            (Json{{"global",
                   {{"bucket",
                     {{"provider", "az"},
                      {"name", "account"},
                      {"path", "container"},
                      {"accessKey", "key"}}}}}}));
  EXPECT_EQ(
      ValuesOf({{"default_bucket", {{"provider", "gcs"}, {"name", "b"}}}}),
      (Json{{"global",
             {{"defaultBucket", {{"provider", "gcs"}, {"name", "b"}}}}}}));
  EXPECT_EQ(ValuesOf({{"bucket",
                       {{"provider", "cw"},
                        {"name", "b"},
                        {"access_key", "a"},
                        {"secret_key", "s"}}}})["global"]["bucket"]["provider"],
            "cw");
}

TEST(SettingsTest, MistakesNameTheSettingAndNoValue) {
  struct Case {
    Json settings;
    std::string attribute;
    std::string message;
  };
  for (const Case& each : std::vector<Case>{
           {{{"hots", "canary"}}, "hots", "is no setting"},
           {{{"mysql", {{"hots", "canary"}, {"host", "h"}}}},
            "mysql.hots",
            "is no setting"},
           {{{"mysql", "canary"}}, "mysql", "must be an object"},
           {{{"mysql", {{"port", 3306}}}}, "mysql.host", "is missing"},
           {{{"mysql", {{"host", "h"}, {"port", 0}}}},
            "mysql.port",
            "from 1 to 65535"},
           {{{"mysql",
              {{"host", "h"},
               {"password", "canary"},
               {"password_secret", {{"name", "s"}}}}}},
            "mysql.password_secret",
            "goes before `mysql.password`"},
           {{{"license", "canary"},
             {"license_secret", {{"name", "n"}, {"key", "k"}}}},
            "license_secret",
            "has no effect beside `license`"},
           {{{"license_secret", {{"name", "n"}}}},
            "license_secret.key",
            "is missing"},
           {{{"bucket", {{"name", "b"}}}}, "bucket.provider", "is missing"},
           {{{"bucket", {{"provider", "canary"}, {"name", "b"}}}},
            "bucket.provider",
            "s3, gcs, az or cw"},
           {{{"bucket",
              {{"provider", "gcs"}, {"name", "b"}, {"kms_key", "canary"}}}},
            "bucket.kms_key",
            "outside AWS"},
           {{{"bucket",
              {{"provider", "s3"}, {"name", "b"}, {"access_key", "canary"}}}},
            "bucket",
            "only one of `bucket.access_key` and `bucket.secret_key`"},
           {{{"bucket",
              {{"provider", "az"}, {"name", "b"}, {"secret_key", "canary"}}}},
            "bucket.secret_key",
            "`bucket.access_key`"},
           {{{"oidc", {{"client_id", "c"}, {"auth_method", "canary"}}}},
            "oidc.auth_method",
            "pkce, implicit or oidc"},
           {{{"oidc", {{"issuer", "i"}}}}, "oidc.client_id", "is missing"},
           {{{"redis", {{"port", 6379}}}}, "redis.host", "is missing"},
           {{{"ldap", {{"address", "canary"}}},
             {"extra_env", {{"LOCAL_LDAP_ADDRESS", "other"}}}},
            "ldap.address",
            "`extra_env` has a different value there"},
           {{{"session_length_hours", 0}},
            "session_length_hours",
            "from 1 to 999999"},
           {{{"components", {{"canary", {{"image", {{"tag", "t"}}}}}}}},
            "components.canary",
            "no component"},
           {{{"components", {{"api", {{"install", true}}}}}},
            "components.api.install",
            "has no effect in any chart. Use global.api.enabled"},
           {{{"mysql", {{"host", ""}}}}, "mysql.host", "is empty"},
           {{{"weave_trace", {{"worker", true}}}},
            "weave_trace.install",
            "is missing"},
           {{{"weave_trace", {{"install", true}}},
             {"components", {{"weave-trace", {{"install", false}}}}}},
            "weave_trace.install",
            "`components.weave-trace.install` sets it to a different value"},
           {{{"session_key_rotation", {{"id", "i"}, {"phase", "canary"}}}},
            "session_key_rotation.phase",
            "must be prepare, activate, clear or hard-cutover"},
           {{{"azure_storage_identity", {{"tenant_id", "t"}}}},
            "azure_storage_identity.client_id",
            "is missing"},
           {{{"ingress",
              {{"issuer", {{"create", true}, {"server", "canary"}}}}}},
            "ingress.issuer.server",
            "must be a URL"},
           {{{"ingress", {{"secondary", {{"default_backend", "canary"}}}}}},
            "ingress.secondary.default_backend",
            "must be app or console"},
           {{{"components", {{"app", {{"replicas", -1}}}}}},
            "components.app.replicas",
            "at least 0"},
           {{{"components",
              {{"app",
                {{"pod_security_context",
                  {{"seccomp_profile", {{"type", "canary"}}}}}}}}}},
            "components.app.pod_security_context.seccomp_profile.type",
            "must be RuntimeDefault, Localhost or Unconfined"},
           {{{"components",
              {{"app",
                {{"autoscaling",
                  {{"vertical",
                    {{"container_policies",
                      {{{"mode", "Auto"}}, {{"mode", "canary"}}}}}}}}}}}}},
            "components.app.autoscaling.vertical.container_policies",
            "container_policies[1].mode` must be Auto or Off"},
           {{{"tolerations", {{{"effect", "canary"}}}}},
            "tolerations",
            "`tolerations[0].effect` must be NoSchedule"}}) {
    const auto problems = Problems(each.settings);
    EXPECT_THAT(problems,
                Contains(AllOf(testing::StartsWith(each.attribute + ": "),
                               HasSubstr(each.message))))
        << each.settings;
    if (absl::StrContains(each.attribute, "canary")) continue;
    EXPECT_THAT(problems, testing::Each(testing::Not(HasSubstr("canary"))));
  }
}

// Which chart will run is the release channel's to say.
TEST(SettingsTest, WithoutAChartNothingIsTooNew) {
  const Json settings = {{"default_bucket",
                          {{"provider", "az"},
                           {"name", "n"},
                           {"azure_auth_method", "workloadIdentity"}}}};
  EXPECT_THAT(Problems(settings, ""), IsEmpty());
  EXPECT_THAT(
      Problems(settings, "0.43.8"),
      testing::ElementsAre(HasSubstr("default_bucket.azure_auth_method: ")));
  EXPECT_THAT(CompileSettings(settings, std::nullopt).problems, IsEmpty());
  const Json unreleased = {{"oidc", {{"config_map", "c"}}}};
  EXPECT_THAT(Problems(unreleased, ""), IsEmpty());
  EXPECT_THAT(Problems(unreleased, "99.0.0"), IsEmpty());
  EXPECT_THAT(
      Problems(unreleased, "0.43.8"),
      testing::ElementsAre(AllOf(HasSubstr("oidc.config_map: "),
                                 HasSubstr("needs a chart newer than"))));
}

// Not what is written beside it, which other charts read.
TEST(SettingsTest, ASettingThatIsTooNewIsSaidOnce) {
  EXPECT_THAT(
      Problems(
          {{"mysql", {{"host", "h"}, {"user", "u"}, {"rds_iam_auth", true}}}},
          "0.18.0"),
      testing::ElementsAre(AllOf(HasSubstr("mysql.rds_iam_auth: "),
                                 HasSubstr("needs a chart newer than"))));
}

TEST(SettingsTest, AComponentMayBeTooNew) {
  const Json settings = {
      {"components", {{"filemeta", {{"image", {{"tag", "t"}}}}}}}};
  EXPECT_THAT(Problems(settings, "0.32.0"), IsEmpty());
  EXPECT_THAT(Problems(settings, "0.31.0"),
              testing::ElementsAre(HasSubstr("needs chart 0.32.0 or newer")));
  // What it reads now it did not before it was rebuilt.
  EXPECT_THAT(
      Problems({{"components", {{"app", {{"size", "large"}}}}}}, "0.32.9"),
      testing::ElementsAre(HasSubstr("needs chart 0.33.0 or newer")));
  EXPECT_THAT(
      Problems({{"components", {{"app", {{"replicas", 2}}}}}}, "0.32.9"),
      testing::ElementsAre(HasSubstr("needs chart 0.33.0 or newer")));
  EXPECT_THAT(
      Problems({{"components", {{"executor", {{"replicas", 2}}}}}}, "0.32.9"),
      IsEmpty());
  EXPECT_THAT(
      Problems({{"components",
                 {{"app", {{"security_context", {{"run_as_user", 1}}}}}}}},
               "0.18.16"),
      testing::ElementsAre(HasSubstr("needs chart 0.18.17 or newer")));
}

TEST(SettingsTest, WhatIsWrittenBesideASwitchIsAsOpenAsTheSwitch) {
  const Json open = MakeUnknown(Unknown::kBool);
  const Json values =
      ValuesOf({{"weave_trace", {{"install", open}}},
                {"mysql", {{"host", "h"}, {"rds_iam_auth", open}}}});
  EXPECT_EQ(UnknownKind(values["weave-trace"]["install"]), Unknown::kBool);
  EXPECT_EQ(UnknownKind(values["global"]["weave-trace"]["enabled"]),
            Unknown::kBool);
  // It may be that nothing is written there.
  EXPECT_EQ(UnknownKind(values["app"]), Unknown::kShape);
  EXPECT_EQ(UnknownKind(values["prometheus"]), Unknown::kShape);
  EXPECT_EQ(
      ValuesOf({{"mysql", {{"host", "h"}, {"rds_iam_auth", false}}}}),
      (Json{{"global", {{"mysql", {{"host", "h"}, {"rdsIamAuth", false}}}}},
            {"mysql", {{"install", false}}}}));
  // So it is while the group is.
  const Json group =
      ValuesOf({{"mysql", MakeUnknown(Unknown::kShape)},
                {"default_bucket", MakeUnknown(Unknown::kShape)}});
  EXPECT_EQ(UnknownKind(group["app"]), Unknown::kShape);
  EXPECT_EQ(UnknownKind(group["global"]["mysql"]), Unknown::kShape);
  EXPECT_EQ(group["mysql"]["install"], false);
  EXPECT_EQ(UnknownKind(group["global"]["bucket"]["secret"]), Unknown::kShape);
  // What is in no section may be anywhere.
  EXPECT_EQ(
      UnknownKind(ValuesOf({{"host", "https://h"},
                            {"weave_trace", MakeUnknown(Unknown::kShape)}})),
      Unknown::kShape);
}

TEST(SettingsTest, OneBucketDoesNotGetTheSecretOfTheOther) {
  const Json bucket = {{"provider", "s3"}, {"name", "canary"}};
  Json with_secret = bucket;
  with_secret["secret"] = {{"name", "canary"}};
  EXPECT_THAT(Problems({{"bucket", bucket}, {"default_bucket", with_secret}}),
              ElementsAre(testing::StartsWith("default_bucket.secret: ")));
  EXPECT_THAT(
      Problems({{"bucket", with_secret}, {"default_bucket", with_secret}}),
      IsEmpty());
  EXPECT_THAT(Problems({{"default_bucket", with_secret}}), IsEmpty());
}

TEST(SettingsTest, AConfigMapIsInPlaceOfTheClient) {
  EXPECT_THAT(Problems({{"oidc", {{"config_map", "c"}}}}), IsEmpty());
  EXPECT_THAT(Problems({{"oidc", {{"config_map", nullptr}}}}),
              Contains(HasSubstr("`oidc.client_id` is missing")));
}

TEST(SettingsTest, NullsAreAbsentAndUnknownsStayOneLeaf) {
  EXPECT_EQ(ValuesOf({{"host", nullptr}, {"mysql", nullptr}}), Json());
  const Json text = MakeUnknown(Unknown::kString);
  const Json values = ValuesOf(
      {{"host", text},
       {"mysql", {{"host", text}, {"password", text}}},
       {"ldap", {{"address", text}, {"tls", MakeUnknown(Unknown::kBool)}}}});
  EXPECT_EQ(UnknownKind(values["global"]["host"]), Unknown::kString);
  EXPECT_EQ(UnknownKind(values["global"]["mysql"]["password"]),
            Unknown::kString);
  EXPECT_EQ(UnknownKind(values["global"]["extraEnv"]["LOCAL_LDAP_TLS_ENABLE"]),
            Unknown::kString);
  EXPECT_EQ(values["mysql"]["install"], false);
  // So does a chart whose version is, where the path depends on it.
  ValueSources sources;
  sources.typed =
      CompileSettings({{"components",
                        {{"app",
                          {{"image", {{"tag", "t"}}},
                           {"security_context", {{"privileged", false}}}}}}},
                       {"host", "https://h"}},
                      std::nullopt)
          .settings;
  const Json maybe = MergeConfiguredValues(sources).values;
  EXPECT_EQ(UnknownKind(maybe["app"]), Unknown::kShape);
  EXPECT_EQ(maybe["global"]["host"], "https://h");
  // A group whose fields are open leaves its section open.
  const Json open = ValuesOf({{"bucket", MakeUnknown(Unknown::kShape)}});
  EXPECT_EQ(UnknownKind(open["global"]["bucket"]), Unknown::kShape);
}

// What a write-only twin says is nowhere; its Secret is named instead.
TEST(SettingsTest, WriteOnlyTwinsAreReferences) {
  const auto compiled = [](const std::vector<std::string>& settings,
                           const std::string& version = "") {
    return CompileSettings(Json::object(), version,
                           {.settings = settings, .secret = "s"});
  };
  std::vector<std::string> all;
  for (const SettingRow& row : SettingRows()) {
    if (!HasWriteOnlyTwin(row)) continue;
    EXPECT_EQ(EntryOf(row) == nullptr || EntryOf(row)->secret ||
                  !EntryOf(row)->by_reference.empty(),
              true)
        << row.attribute;
    all.push_back(row.attribute);
  }
  EXPECT_THAT(all, testing::SizeIs(11));
  for (const std::string& setting : all) {
    const CompiledSettings one = compiled({setting});
    ASSERT_EQ(one.settings.size(), 2U) << setting;
    EXPECT_THAT(one.problems, IsEmpty());
    EXPECT_EQ(one.settings[0].attribute, WriteOnlyTwinOf(setting));
    EXPECT_EQ(one.settings[0].value, Json("s"));
    EXPECT_EQ(one.settings[1].value, Json(WriteOnlyKeyOf(setting)));
    for (const TypedSetting& each : one.settings) {
      EXPECT_TRUE(CatalogueIndex::Get().Find(each.path).known) << setting;
    }
  }
  // Where the chart takes no reference yet.
  const auto too_old = [&](const char* setting, const char* version) {
    return compiled({setting}, version).problems;
  };
  EXPECT_THAT(too_old("smtp.password", "0.39.5"), testing::SizeIs(1));
  EXPECT_THAT(too_old("smtp.password", "0.40.0"), IsEmpty());
  EXPECT_THAT(too_old("license", "0.18.2"), Not(IsEmpty()));
  EXPECT_THAT(compiled({"slack.secret"}).problems, testing::SizeIs(1));
  // In `settings` they say nothing.
  EXPECT_THAT(Problems({{"license_wo", "canary"}}), IsEmpty());
  EXPECT_THAT(Problems({{"host_wo", "x"}}), testing::SizeIs(1));
}

}  // namespace
}  // namespace wandb
