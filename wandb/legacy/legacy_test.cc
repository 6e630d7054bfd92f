#include "wandb/legacy/legacy.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/compile.h"
#include "wandb/settings/table.h"
#include "wandb/settings/take.h"

namespace wandb {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

TEST(LegacyTest, AnEnvironmentBecomesValues) {
  const LegacyValues out = FromLegacyEnvironment({
      {"HOST", "https://w.example"},
      {"LICENSE", "jwt"},
      {"BUCKET", "s3://bucket"},
      {"AWS_REGION", "eu-central-1"},
      {"AWS_S3_KMS_ID", "arn"},
      {"MYSQL", "mysql://us%40er:p%2Fw@db.example:3307/wandb"},
      {"REDIS", "redis://:pw@cache.example:6380?tls=true&poolSize=60"},
      {"OIDC_ISSUER", "https://i"},
      {"OIDC_CLIENT_ID", "c"},
      {"OIDC_AUTH_METHOD", "pkce"},
      {"LOCAL_LDAP_LOGIN", "true"},
  });
  EXPECT_THAT(out.unmapped, IsEmpty());
  EXPECT_EQ(out.values, *base::ParseJson(R"({
    "global": {
      "auth": {"oidc": {"authMethod": "pkce", "clientId": "c",
                        "issuer": "https://i"}},
      "bucket": {"provider": "s3", "name": "bucket", "region": "eu-central-1",
                 "kmsKey": "arn"},
      "extraEnv": {"LOCAL_LDAP_LOGIN": "true"},
      "host": "https://w.example", "license": "jwt",
      "mysql": {"host": "db.example", "port": 3307, "user": "us@er",
                "password": "p%2Fw", "database": "wandb"},
      "redis": {"host": "cache.example", "port": 6380, "password": "pw",
                "params": {"tls": "true", "poolSize": "60"}}},
    "mysql": {"install": false}, "redis": {"install": false}})",
                                         "wanted"));
}

// What `environment` gives for global.<section>.
Json Section(const std::string& section,
             const std::map<std::string, std::string>& environment) {
  return FromLegacyEnvironment(environment).values["global"][section];
}

// As the files have them that variables are read from.
TEST(LegacyTest, NewlinesBehindUrlsAreNoPartOfThem) {
  EXPECT_EQ(Section("mysql", {{"MYSQL", "mysql://u:p@h/d\n"}}),
            Section("mysql", {{"MYSQL", "mysql://u:p@h/d"}}));
  for (const char* url : {"redis://:p@s:26379?master=gorilla", "redis://s"}) {
    EXPECT_EQ(Section("redis", {{"REDIS", std::string(url) + "\n"}}),
              Section("redis", {{"REDIS", url}}));
  }
}

TEST(LegacyTest, BucketsOfEveryKind) {
  const auto bucket = [](const std::string& url) {
    return Section("bucket", {{"BUCKET", url}});
  };
  EXPECT_EQ(bucket("s3://key:secret@minio.example:9000/b"),
            (Json{{"provider", "s3"},
                  {"name", "minio.example:9000"},
                  {"path", "b"},
                  {"accessKey", "key"},
                  {"secretKey", "secret"}}));
  EXPECT_EQ(bucket("s3://minio:9000"),
            (Json{{"provider", "s3"}, {"name", "minio:9000"}}));
  EXPECT_EQ(bucket("cw://files/a%20b/"),
            (Json{{"provider", "cw"}, {"name", "files"}, {"path", "a%20b/"}}));
  EXPECT_EQ(bucket("gs://b"), (Json{{"provider", "gcs"}, {"name", "b"}}));
  EXPECT_EQ(bucket("az://account/container/prefix"),
            (Json{{"provider", "az"},
                  {"name", "account"},
                  {"path", "container/prefix"}}));
}

// The chart writes keys and path into the URL as they are.
TEST(LegacyTest, BucketsKeepQueriesAndEncoding) {
  EXPECT_EQ(Section("bucket",
                    {{"BUCKET",
                      "s3://AKIA:a%2Fb+c=@store.example:9000/files?tls=true&"
                      "region=x"}}),
            (Json{{"provider", "s3"},
                  {"name", "store.example:9000"},
                  {"path", "files?tls=true&region=x"},
                  {"accessKey", "AKIA"},
                  {"secretKey", "a%2Fb+c="}}));
  EXPECT_EQ(Section("bucket", {{"BUCKET", "s3://store:9000?tls=true"}})["path"],
            "?tls=true");
  // Go took it as it is; the chart's own readers may not.
  EXPECT_EQ(Section("bucket", {{"BUCKET", "s3://a:x@y%zz@h:1/b"}})["secretKey"],
            "x%40y%25zz");
}

TEST(LegacyTest, AzuresKeyGoesToTheBucket) {
  const std::map<std::string, std::string> azure = {
      {"AZURE_STORAGE_KEY", "a/b=="}, {"BUCKET", "az://account/container"}};
  EXPECT_EQ(FromLegacyEnvironment(azure).values,
            (Json{{"global",
                   {{"bucket",
                     {{"provider", "az"},
                      {"name", "account"},
                      {"path", "container"},
                      {"accessKey", "a/b=="}}}}}}));
  // Of a release, where it is one of extraEnv.
  const LegacyValues release = FromLegacyChart(
      {{"bucket", "az://account/container"},
       {"extraEnv", {{{"name", "AZURE_STORAGE_KEY"}, {"value", "k"}}}}});
  EXPECT_EQ(release.values["global"]["bucket"]["accessKey"], "k");
  EXPECT_FALSE(release.values["global"].contains("extraEnv"));
  EXPECT_THAT(
      FromLegacyEnvironment({{"AZURE_STORAGE_KEY", "k"}, {"BUCKET", "gs://b"}})
          .unmapped,
      ElementsAre("AZURE_STORAGE_KEY (the bucket is none of Azure)"));
}

TEST(LegacyTest, AKmsKeyIsOnlyForAws) {
  const LegacyValues out = FromLegacyEnvironment(
      {{"AWS_S3_KMS_ID", "arn"}, {"BUCKET", "gs://files"}});
  EXPECT_THAT(out.unmapped, ElementsAre("AWS_S3_KMS_ID (only AWS has it)"));
  EXPECT_FALSE(out.values["global"]["bucket"].contains("kmsKey"));
  EXPECT_THAT(
      FromLegacyEnvironment({{"AWS_S3_KMS_ID", ""}, {"BUCKET", "gs://files"}})
          .unmapped,
      IsEmpty());
}

// The chart's init script decodes MySQL's as a form, and hands it to a shell.
TEST(LegacyTest, WhatIsNoUrlOfItsKindIsToldWhatThatLooksLike) {
  EXPECT_THAT(
      FromLegacyEnvironment({{"MYSQL", "db.example.com"},
                             {"BUCKET", "files"},
                             {"REDIS", "http://r"}})
          .unmapped,
      UnorderedElementsAre(
          HasSubstr("MYSQL (this is no URL like mysql://USER:PASSWORD@HOST"),
          HasSubstr("BUCKET (this is no URL like s3://KEY:SECRET@HOST/BUCKET"),
          HasSubstr("REDIS (this is no URL like redis://:PASSWORD@HOST")));
}

TEST(LegacyTest, PasswordsStayEncoded) {
  const auto mysql = [](const std::string& login) {
    return Section("mysql", {{"MYSQL", "mysql://" + login + "@h/d"}});
  };
  for (const auto& [text, want] :
       {std::pair("p%40ss%2Fw", "p%40ss%2Fw"), std::pair("a%2bb", "a%2bb"),
        std::pair("a+b", "a%2Bb"), std::pair("p@ss", "p%40ss"),
        std::pair("100%", "100%25"), std::pair("a*$b", "a%2A%24b"),
        std::pair("Az-._~9", "Az-._~9")}) {
    EXPECT_EQ(mysql(std::string("u:") + text)["password"], want);
    EXPECT_EQ(FromLegacyChart({{"mysql", {{"password", text}}}})
                  .values["global"]["mysql"]["password"],
              want);
  }
  EXPECT_EQ(Section("redis", {{"REDIS", "redis://:p%2F@w+=@h"}})["password"],
            "p%2F%40w+=");
  EXPECT_EQ(Section("email", {{"GORILLA_EMAIL_SINK",
                               "smtp://me%40a.example:p%2Fw@mail:25"}})["smtp"],
            (Json{{"host", "mail"},
                  {"port", 25},
                  {"user", "me%40a.example"},
                  {"password", "p%2Fw"}}));
}

// The chart gives it to a client as it is, too.
TEST(LegacyTest, TheUserOfMysqlIsDecodedWhereItMayBe) {
  EXPECT_EQ(Section("mysql", {{"MYSQL", "mysql://me@srv:p@h/d"}})["user"],
            "me@srv");
  const LegacyValues out =
      FromLegacyEnvironment({{"MYSQL", "mysql://a%2Fb:canary@h/d"}});
  EXPECT_EQ(out.values["global"]["mysql"]["user"], "a%2Fb");
  EXPECT_THAT(out.unmapped, ElementsAre(HasSubstr("MYSQL (the user needs")));
}

TEST(LegacyTest, WhatServersCannotTakeIsNamed) {
  EXPECT_THAT(
      FromLegacyEnvironment(
          {{"MYSQL", "mysql://u:p@h/d?tls=preferred&tls=skip&charset=canary"}})
          .unmapped,
      ElementsAre(HasSubstr("MYSQL (parameter tls: "),
                  HasSubstr("MYSQL (parameter charset: ")));
  const LegacyValues redis = FromLegacyEnvironment(
      {{"REDIS", "rediss://me:p@[fd00::1]:1/3?caCertPath=%2Fx&ttl=a%20b"}});
  EXPECT_EQ(
      redis.values["global"]["redis"],
      (Json{{"host", "[fd00::1]"},
            {"port", 1},
            {"password", "p"},
            {"params",
             {{"tls", "true"}, {"caCertPath", "%2Fx"}, {"ttl", "a%20b"}}}}));
  EXPECT_THAT(redis.unmapped,
              ElementsAre(HasSubstr("REDIS (parameter caCertPath: "),
                          HasSubstr("REDIS (the user: "),
                          HasSubstr("REDIS (the number of the database: ")));
  const LegacyValues with_ttl =
      FromLegacyEnvironment({{"REDIS", "redis://h?ttlInSeconds=60&tls=true"}});
  EXPECT_EQ(with_ttl.values["global"]["redis"]["params"],
            (Json{{"tls", "true"}}));
  EXPECT_THAT(with_ttl.unmapped,
              ElementsAre(HasSubstr("REDIS (parameter ttlInSeconds: ")));
  EXPECT_THAT(
      FromLegacyEnvironment({{"REDIS", "redis://h?ttlInSeconds=604800"}})
          .unmapped,
      IsEmpty());
  EXPECT_THAT(
      FromLegacyEnvironment({{"REDIS", "redis://default:p@h/0"}}).unmapped,
      IsEmpty());
}

TEST(LegacyTest, ServersInTheOldContainerAreNoServers) {
  const LegacyValues out =
      FromLegacyEnvironment({{"MYSQL", "mysql://u:canary@localhost:3306/d"},
                             {"REDIS", "redis://127.0.0.1:6379"}});
  EXPECT_EQ(out.values, Json::object());
  EXPECT_THAT(out.unmapped,
              ElementsAre(HasSubstr("MYSQL (the server in the old container"),
                          HasSubstr("REDIS (the server in the old container")));
}

TEST(LegacyTest, ReferencesToOtherVariablesAreNamed) {
  const LegacyValues out = FromLegacyEnvironment(
      {{"DB_USER", "u"}, {"MYSQL", "mysql://u:$(DB_PASSWORD)@h/d"}});
  EXPECT_EQ(
      out.values["global"]["mysql"],
      (Json{{"host", "h"}, {"port", 3306}, {"user", "u"}, {"database", "d"}}));
  EXPECT_THAT(out.unmapped,
              ElementsAre("DB_USER (a part of MYSQL, which has it)",
                          HasSubstr("MYSQL (the password: it is the variable "
                                    "$(DB_PASSWORD)")));
}

TEST(LegacyTest, HostAndLicenseAreTidied) {
  EXPECT_EQ(FromLegacyEnvironment(
                {{"HOST", "https://ml.example.org//\n"}, {"LICENSE", "jwt\n"}})
                .values["global"],
            (Json{{"host", "https://ml.example.org"}, {"license", "jwt"}}));
}

TEST(LegacyTest, OtherVariablesStayOrAreNamed) {
  const LegacyValues out =
      FromLegacyEnvironment({{"GORILLA_X", "1"},
                             {"GORILLA_EMAIL_SINK", "https://a/b"},
                             {"OIDC_CLIENT_SECRET", "s"},
                             {"BUCKET_QUEUE", "pubsub:/a/b/c"},
                             {"LOCAL_RESTORE", "false"},
                             {"MYSQL", ""},
                             {"REDIS", ""}});
  EXPECT_EQ(out.values["global"],
            (Json{{"extraEnv",
                   {{"GORILLA_X", "1"}, {"GORILLA_EMAIL_SINK", "https://a/b"}}},
                  {"auth", {{"oidc", {{"secret", "s"}}}}}}));
  EXPECT_THAT(out.unmapped, ElementsAre(HasSubstr("BUCKET_QUEUE (the chart "),
                                        HasSubstr("LOCAL_RESTORE (")));
}

TEST(LegacyTest, TheSecondOfTwoValuesIsNamed) {
  const LegacyValues out = FromLegacyEnvironment(
      {{"OIDC_CLIENT_SECRET", "a"}, {"OIDC_SECRET", "canary"}});
  EXPECT_EQ(out.values["global"]["auth"]["oidc"]["secret"], "a");
  EXPECT_THAT(out.unmapped,
              ElementsAre("OIDC_SECRET (global.auth.oidc.secret has another "
                          "value already)"));
}

TEST(LegacyTest, WhatIsNotUnderstoodIsNamedWithoutItsValue) {
  const LegacyValues out =
      FromLegacyEnvironment({{"BUCKET", "ftp://canary"},
                             {"MYSQL", "canary"},
                             {"REDIS", "redis://h:canary"}});
  EXPECT_EQ(out.values, Json::object());
  EXPECT_THAT(out.unmapped,
              ElementsAre("BUCKET (no bucket of s3, gs, az or cw)",
                          HasSubstr("MYSQL (this is no URL"),
                          HasSubstr("REDIS (this is no URL")));
  EXPECT_THAT(testing::PrintToString(out.unmapped), Not(HasSubstr("canary")));
  for (const char* port : {"0", "65536", "-1", "x", ""}) {
    EXPECT_THAT(FromLegacyEnvironment(
                    {{"MYSQL", std::string("mysql://u:p@h:") + port + "/d"}})
                    .unmapped,
                ElementsAre(HasSubstr("MYSQL (this is no URL")))
        << port;
  }
}

// As the chart `wandb` makes it: one variable is made of others.
TEST(LegacyTest, VariablesOfAContainerAreExpandedAsKubernetesDoes) {
  const LegacyValues out = FromLegacyContainer(*base::ParseJson(R"json({
    "envFrom": [{"secretRef": {"name": "s"}}],
    "env": [
      {"name": "LICENSE",
       "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
      {"name": "DB_PASSWORD",
       "valueFrom": {"secretKeyRef": {"name": "s", "key": "p"}}},
      {"name": "HOST",
       "valueFrom": {"configMapKeyRef": {"name": "c", "key": "h"}}},
      {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "x"}}},
      {"name": "R", "valueFrom": {"secretKeyRef": {"name": "s", "key": "r"}}},
      {"name": "DB_USER", "value": "u"},
      {"name": "DB", "value": "d"},
      {"name": "MYSQL", "value": "mysql://$(DB_USER):$(DB_PASSWORD)@h/$(DB)"},
      {"name": "A", "value": "$$(DB) $(LATER) $(open $"},
      {"name": "LATER", "value": "x"},
      {"name": "EMPTY"},
      {"value": "canary"}]})json",
                                                                "container"));
  EXPECT_EQ(out.values["global"], *base::ParseJson(R"json({
    "mysql": {"host": "h", "port": 3306, "user": "u", "database": "d"},
    "env": {"R": {"valueFrom": {"secretKeyRef": {"name": "s", "key": "r"}}}},
    "extraEnv": {"A": "$(DB) $(LATER) $(open $", "LATER": "x", "EMPTY": ""}
  })json",
                                                   "wanted"));
  EXPECT_THAT(
      out.unmapped,
      ElementsAre("LICENSE (valueFrom: the value is key k of the Secret s, "
                  "which license_secret may name)",
                  "DB_PASSWORD (valueFrom: the value is key p of the Secret s, "
                  "which mysql.password_secret may name)",
                  "HOST (valueFrom: the value is key h of the ConfigMap c)",
                  HasSubstr("NODE (valueFrom: neither a value nor"),
                  "(nameless) (a variable without a name)",
                  HasSubstr("DB (a part of"), HasSubstr("DB_USER (a part of"),
                  HasSubstr("MYSQL (the password: it is the variable "
                            "$(DB_PASSWORD)"),
                  HasSubstr("envFrom (the variables of whole")));
  EXPECT_EQ(FromLegacyContainer(nullptr).values, Json::object());
}

// A list of the old chart may say what else it knows by itself.
TEST(LegacyTest, SettingsAmongExtraVariablesAreSettings) {
  const LegacyValues out = FromLegacyChart(*base::ParseJson(R"({
    "extraEnv": [
      {"name": "AWS_S3_KMS_ID", "value": "arn"},
      {"name": "BUCKET", "value": "gs://b"},
      {"name": "OIDC_SECRET",
       "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]})",
                                                            "old"));
  EXPECT_EQ(
      out.values,
      (Json{{"global", {{"bucket", {{"provider", "gcs"}, {"name", "b"}}}}}}));
  EXPECT_THAT(out.unmapped,
              ElementsAre("OIDC_SECRET (valueFrom: the value is key k of the "
                          "Secret s, which oidc.secret_ref may name)",
                          "AWS_S3_KMS_ID (only AWS has it)"));
}

TEST(LegacyTest, AReleaseOfTheOldChartBecomesValues) {
  const LegacyValues out = FromLegacyChart(*base::ParseJson(R"({
    "image": {"repository": "r", "tag": "t", "pullPolicy": "Always"},
    "license": "jwt", "bucket": "gs://b", "bucketRegion": "eu",
    "mysql": {"managed": false, "host": "m", "user": "u", "password": "p",
              "database": "d"},
    "redis": "redis://h", "sso": {"issuer": "i", "clientId": "c"},
    "smtpServer": "smtp://u:p@mail.example:25",
    "extraEnv": [{"name": "A", "value": "b"}, {"name": "S", "valueFrom": {}},
                 {"name": "R", "valueFrom":
                   {"secretKeyRef": {"name": "s", "key": "k"}}}],
    "ldap": {"enabled": true, "host": "ldaps://l", "tlsCert": {"x": 1},
             "baseDN": ["x"]},
    "ingress": {"className": "nginx", "annotations": {"a": "b"}},
    "customCACerts": ["pem"], "replicas": 3, "host": ""})",
                                                            "old"));
  EXPECT_THAT(
      out.unmapped,
      ElementsAre(HasSubstr("S (valueFrom: neither a value nor"),
                  HasSubstr("image.pullPolicy (no value of the image of app"),
                  HasSubstr("ldap.baseDN (a variable of the environment is"),
                  HasSubstr("ldap.tlsCert (the chart mounts no"),
                  "replicas (no value of the chart means it)"));
  EXPECT_EQ(out.values, *base::ParseJson(R"({
    "app": {"image": {"repository": "r", "tag": "t"}},
    "global": {
      "auth": {"oidc": {"clientId": "c", "issuer": "i"}},
      "bucket": {"provider": "gcs", "name": "b", "region": "eu"},
      "customCACerts": ["pem"],
      "email": {"smtp": {"host": "mail.example", "port": 25, "user": "u",
                         "password": "p"}},
      "extraEnv": {"A": "b", "LOCAL_LDAP_ADDRESS": "ldaps://l",
                   "LOCAL_LDAP_LOGIN": "true"},
      "env": {"R": {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}},
      "license": "jwt",
      "mysql": {"host": "m", "user": "u", "password": "p", "database": "d"},
      "redis": {"host": "h", "port": 6379}},
    "ingress": {"class": "nginx", "annotations": {"a": "b"}},
    "mysql": {"install": false}, "redis": {"install": false}})",
                                         "wanted"));
}

TEST(LegacyTest, TheOldChartsDefaultsAreSaid) {
  // Its user was wandb_local, its flow implicit.
  EXPECT_EQ(
      FromLegacyChart(
          {{"mysql", {{"host", "m.example:3307"}}},
           {"sso",
            {{"enabled", true}, {"clientId", "c"}, {"autoProvision", false}}}})
          .values,
      *base::ParseJson(R"({
    "global": {
      "auth": {"oidc": {"authMethod": "implicit", "clientId": "c"}},
      "extraEnv": {"GORILLA_DISABLE_SSO_PROVISIONING": "true"},
      "mysql": {"host": "m.example", "port": 3307, "user": "wandb_local"}},
    "mysql": {"install": false}})",
                       "wanted"));
}

TEST(LegacyTest, TheOldChartsOwnServersKeepTheirData) {
  const LegacyValues out = FromLegacyChart(
      {{"mysql", {{"managed", true}, {"image", {{"tag", "8"}}}}},
       {"existingClaim", "vol"},
       {"imagePullSecrets", Json::array()},
       {"redis", "redis://127.0.0.1:6379"}});
  EXPECT_EQ(out.values, (Json{{"mysql", {{"install", true}}}}));
  EXPECT_THAT(
      out.unmapped,
      ElementsAre(HasSubstr("existingClaim (files are in the volume"),
                  HasSubstr("mysql.managed (the data stay in the old"),
                  HasSubstr("mysql.image (about the old chart's own MySQL"),
                  HasSubstr("redis (the server in the old container")));
}

TEST(LegacyTest, ALoginThatWasOffStaysOff) {
  const LegacyValues out = FromLegacyChart(
      {{"sso", {{"enabled", false}, {"issuer", "i"}, {"clientId", "c"}}}});
  EXPECT_EQ(out.values, Json::object());
  EXPECT_THAT(out.unmapped, ElementsAre("sso.clientId (sso.enabled is false)",
                                        "sso.issuer (sso.enabled is false)"));
}

TEST(LegacyTest, OtherHostsOfTheIngressStay) {
  const LegacyValues out = FromLegacyChart(
      {{"host", "https://a.example/"},
       {"ingress",
        {{"enabled", true},
         {"hosts", {{{"host", "a.example"}}, {{"host", "b.example"}}}}}}});
  EXPECT_EQ(out.values["ingress"],
            (Json{{"install", true}, {"additionalHosts", {"b.example"}}}));
  EXPECT_THAT(out.unmapped, IsEmpty());
}

// Leaves of `values` as settings have them.
Json Tree(const std::vector<TypedSetting>& settings) {
  Json tree = Json::object();
  for (const TypedSetting& setting : settings) {
    Json* at = &tree;
    for (const Step& step : setting.path) at = &(*at)[step.key];
    *at = setting.value;
  }
  return tree;
}

// There and back: what the table says of old names is what becomes of them,
// and nothing but settings comes out of settings.
TEST(LegacyTest, EveryOldNameOfASettingIsThatSetting) {
  size_t names = 0;
  for (const SettingRow& row : SettingRows()) {
    std::vector<LegacyValues> all;
    if (!row.variable.empty()) {
      all.push_back(FromLegacyEnvironment({{std::string(row.variable), "x"}}));
    }
    for (const absl::string_view old : row.old_values) {
      Json values = "x";
      std::vector<std::string> keys = absl::StrSplit(old, '.');
      std::reverse(keys.begin(), keys.end());
      for (const std::string& key : keys) values = Json{{key, values}};
      all.push_back(FromLegacyChart(values));
    }
    for (const LegacyValues& out : all) {
      SCOPED_TRACE(row.attribute);
      ++names;
      EXPECT_THAT(out.unmapped, IsEmpty());
      const Json* value = FindPath(out.values, PathOf(row, "", ""));
      ASSERT_NE(value, nullptr) << out.values;
      EXPECT_EQ(*value, "x");
    }
  }
  EXPECT_GE(names, 25);
}

TEST(LegacyTest, SettingsHoldAWholeInstallation) {
  const LegacyValues old = FromLegacyEnvironment({
      {"HOST", "https://w.example"},
      {"LICENSE", "jwt"},
      {"BUCKET", "s3://a:b%2Fc@store.example:9000/files?tls=true"},
      {"AWS_REGION", "eu-central-1"},
      {"MYSQL", "mysql://u:p%40@db.example/wandb"},
      {"REDIS", "redis://:pw@cache.example?tls=true"},
      {"GORILLA_EMAIL_SINK", "smtp://u:p@mail.example:25"},
      {"OIDC_ISSUER", "https://i"},
      {"OIDC_CLIENT_ID", "c"},
      {"OIDC_AUTH_METHOD", "pkce"},
      {"LOCAL_LDAP_LOGIN", "true"},
      {"LOCAL_LDAP_ADDRESS", "ldaps://l"},
      {"LOCAL_LDAP_BASE_DN", "dc=example"},
      {"GORILLA_X", "1"},
  });
  EXPECT_THAT(old.unmapped, IsEmpty());
  Json rest = old.values;
  const Json settings = TakeSettings(
      rest, "",
      [](const SettingRow&, const Path&, const Json&) { return true; });
  EXPECT_EQ(rest, Json::object());
  EXPECT_EQ(settings["bucket"]["path"], "files?tls=true");
  EXPECT_EQ(settings["mysql"]["password"], "p%40");
  EXPECT_EQ(settings["ldap"]["base_dn"], "dc=example");
  const CompiledSettings compiled = CompileSettings(settings, "");
  EXPECT_THAT(compiled.problems, IsEmpty());
  EXPECT_EQ(Tree(compiled.settings), old.values);
}

}  // namespace
}  // namespace wandb
