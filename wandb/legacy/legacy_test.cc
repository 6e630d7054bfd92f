#include "wandb/legacy/legacy.h"

#include "gmock/gmock.h"

namespace wandb {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(LegacyTest, AnEnvironmentBecomesValues) {
  const LegacyValues out = FromLegacyEnvironment({
      {"HOST", "https://w.example"},
      {"LICENSE", "jwt"},
      {"BUCKET", "s3://bucket"},
      {"AWS_REGION", "eu-central-1"},
      {"AWS_S3_KMS_ID", "arn"},
      {"MYSQL", "mysql://us%40er:p%2Fw@db.example:3307/wandb"},
      {"REDIS", "redis://:pw@cache.example:6380?tls=true&ttlInSeconds=60"},
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
                "password": "p/w", "database": "wandb"},
      "redis": {"host": "cache.example", "port": 6380, "password": "pw",
                "params": {"tls": "true", "ttlInSeconds": "60"}}},
    "mysql": {"install": false}, "redis": {"install": false}})",
                                         "wanted"));
}

TEST(LegacyTest, BucketsOfEveryKind) {
  const auto bucket = [](const std::string& url) {
    return FromLegacyEnvironment({{"BUCKET", url}}).values["global"]["bucket"];
  };
  EXPECT_EQ(bucket("s3://key:secret@minio.example:9000/b"),
            (Json{{"provider", "s3"},
                  {"name", "minio.example:9000"},
                  {"path", "b"},
                  {"accessKey", "key"},
                  {"secretKey", "secret"}}));
  EXPECT_EQ(bucket("gs://b"), (Json{{"provider", "gcs"}, {"name", "b"}}));
  EXPECT_EQ(bucket("az://account/container/prefix"),
            (Json{{"provider", "az"},
                  {"name", "account"},
                  {"path", "container/prefix"}}));
}

TEST(LegacyTest, WhatIsNotUnderstoodIsNamedWithoutItsValue) {
  const LegacyValues out =
      FromLegacyEnvironment({{"BUCKET", "ftp://canary"},
                             {"MYSQL", "canary"},
                             {"REDIS", "redis://h:canary"}});
  EXPECT_EQ(out.values, Json::object());
  EXPECT_THAT(out.unmapped, UnorderedElementsAre("BUCKET", "MYSQL", "REDIS"));
}

TEST(LegacyTest, AReleaseOfTheOldChartBecomesValues) {
  const LegacyValues out = FromLegacyChart(*base::ParseJson(R"({
    "image": {"repository": "r", "tag": "t", "pullPolicy": "Always"},
    "license": "jwt", "bucket": "gs://b", "bucketRegion": "eu",
    "mysql": {"managed": false, "host": "m", "user": "u", "password": "p",
              "database": "d"},
    "redis": "redis://h", "sso": {"issuer": "i", "clientId": "c"},
    "smtpServer": "smtp://u:p@mail.example:25",
    "extraEnv": [{"name": "A", "value": "b"}, {"name": "S", "valueFrom": {}}],
    "ldap": {"enabled": true, "host": "ldaps://l", "tlsCert": {"x": 1},
             "baseDN": ["x"]},
    "ingress": {"className": "nginx", "annotations": {"a": "b"}},
    "customCACerts": ["pem"], "replicas": 3, "host": ""})",
                                                            "old"));
  EXPECT_THAT(out.unmapped,
              ElementsAre("extraEnv S", "image.pullPolicy", "ldap.baseDN",
                          "ldap.tlsCert", "replicas"));
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
      "license": "jwt",
      "mysql": {"host": "m", "user": "u", "password": "p", "database": "d"},
      "redis": {"host": "h", "port": 6379}},
    "ingress": {"class": "nginx", "annotations": {"a": "b"}},
    "mysql": {"install": false}, "redis": {"install": false}})",
                                         "wanted"));
}

}  // namespace
}  // namespace wandb
