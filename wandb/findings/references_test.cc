#include "wandb/findings/references.h"

#include "absl/strings/str_cat.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Json Yaml(absl::string_view text) {
  auto json = base::ParseYaml(text, "test");
  EXPECT_TRUE(json.ok()) << json.status();
  return json.ok() ? *json : Json();
}

std::string Line(const Reference& reference) {
  return absl::StrCat(
      KindName(reference.kind), " ", reference.name,
      reference.key.empty() ? "" : absl::StrCat("[", reference.key, "]"), " ",
      FormatPath(reference.path),
      reference.key_path.empty()
          ? ""
          : absl::StrCat(" ", FormatPath(reference.key_path)));
}

std::vector<std::string> Lines(const Json& values) {
  std::vector<std::string> lines;
  for (const Reference& reference : ReferencesOf(values, "wandb")) {
    lines.push_back(Line(reference));
  }
  return lines;
}

TEST(ReferencesTest, SettingsThatNameAnObjectHaveTheChartsDefaultKeys) {
  EXPECT_THAT(
      Lines(Yaml(R"(
global:
  licenseSecret: {name: license}
  mysql: {passwordSecret: {name: db}}
  redis: {secret: {secretName: redis}}
  clickhouse: {passwordSecret: {name: ch}}
  kafka: {passwordSecret: {name: kafka}}
  auth: {oidc: {oidcSecret: {name: oidc}, oidcConfigMap: {name: oidc-map}}}
  caCertsConfigMap: cas
  bucket: {secret: {secretName: bucket}}
)")),
      ElementsAre(
          "Secret license[license] global.licenseSecret.name",
          "Secret db[MYSQL_PASSWORD] global.mysql.passwordSecret.name",
          "Secret redis[REDIS_PASSWORD] global.redis.secret.secretName",
          "Secret ch[CLICKHOUSE_PASSWORD] "
          "global.clickhouse.passwordSecret.name",
          "Secret kafka[client-passwords] global.kafka.passwordSecret.name",
          "Secret oidc[OIDC_SECRET] global.auth.oidc.oidcSecret.name",
          "ConfigMap oidc-map global.auth.oidc.oidcConfigMap.name",
          "ConfigMap cas[*.crt] global.caCertsConfigMap",
          "Secret bucket[ACCESS_KEY] global.bucket.secret.secretName",
          "Secret bucket[SECRET_KEY] global.bucket.secret.secretName"));
}

TEST(ReferencesTest, WorkersNeedTheSecretThatTheirDefaultsName) {
  EXPECT_THAT(
      Lines(Yaml(R"(
weave-trace-worker: {install: true}
weave-evaluate-model-worker: {install: false}
weave-trace-agent-scoring-worker:
  install: true
  env: {WANDB_INTERNAL_SERVICE_TOKEN: {valueFrom: {secretKeyRef: {name: own, key: k}}}}
)")),
      ElementsAre("Secret weave-worker-auth[key] weave-trace-worker.install",
                  "Secret own[k] weave-trace-agent-scoring-worker.env."
                  "WANDB_INTERNAL_SERVICE_TOKEN.valueFrom.secretKeyRef.name "
                  "weave-trace-agent-scoring-worker.env."
                  "WANDB_INTERNAL_SERVICE_TOKEN.valueFrom.secretKeyRef.key"));
}

TEST(ReferencesTest, GivenKeysGoBeforeTheDefaults) {
  EXPECT_THAT(Lines(Yaml(R"(
mysql: {install: true}
global:
  mysql: {passwordSecret: {name: db, passwordKey: p, rootPasswordKey: r}}
)")),
              ElementsAre("Secret db[p] global.mysql.passwordSecret.name "
                          "global.mysql.passwordSecret.passwordKey",
                          "Secret db[r] global.mysql.passwordSecret.name "
                          "global.mysql.passwordSecret.rootPasswordKey"));
  // Null and "" take the default away; what is wrong with that is not said
  // here.
  EXPECT_THAT(Lines(Yaml("global: {licenseSecret: {name: l, key: null}}")),
              ElementsAre("Secret l global.licenseSecret.name"));
}

TEST(ReferencesTest, BucketKeysDependOnTheProviderThatCounts) {
  EXPECT_THAT(Lines(Yaml(R"(
global:
  bucket: {name: b, provider: az, secret: {secretName: s}}
  defaultBucket: {provider: s3}
)")),
              ElementsAre("Secret s[ACCESS_KEY] "
                          "global.bucket.secret.secretName"));
  EXPECT_THAT(Lines(Yaml(R"(
global:
  bucket: {secret: {secretName: s}}
  defaultBucket: {provider: gcs}
)")),
              ElementsAre("Secret s global.bucket.secret.secretName"));
}

TEST(ReferencesTest, SelectorsAreFoundAnywhere) {
  EXPECT_THAT(Lines(Yaml(R"(
global:
  email: {smtp: {password: {valueFrom: {secretKeyRef: {name: mail, key: pw}}}}}
  extraEnvFrom: {A: {configMapKeyRef: {name: env, key: a}}}
app:
  extraEnv:
    B: {valueFrom: {secretKeyRef: {name: b, key: k, optional: true}}}
    C: {valueFrom: {secretKeyRef: {name: c}}}
)")),
              ElementsAre("Secret c "
                          "app.extraEnv.C.valueFrom.secretKeyRef.name",
                          "Secret mail[pw] "
                          "global.email.smtp.password.valueFrom.secretKeyRef."
                          "name "
                          "global.email.smtp.password.valueFrom.secretKeyRef."
                          "key",
                          "ConfigMap env[a] "
                          "global.extraEnvFrom.A.configMapKeyRef.name "
                          "global.extraEnvFrom.A.configMapKeyRef.key"));
}

TEST(ReferencesTest, WhatPodsTakeWholeIsFoundToo) {
  EXPECT_THAT(Lines(Yaml(R"(
global:
  imagePullSecrets: [plain, {name: as-map}]
app:
  envFrom: {own: secretRef, other: configMapRef, third: nonsense}
  volumes:
  - {name: a, secret: {secretName: v}}
  - {name: b, configMap: {name: m}}
  - {name: c, configMap: {name: o, optional: true}}
  - {name: d, projected: {sources: [{secret: {name: p}}]}}
)")),
              ElementsAre("ConfigMap other app.envFrom.other",
                          "Secret own app.envFrom.own",
                          "Secret v app.volumes[0].secret.secretName",
                          "ConfigMap m app.volumes[1].configMap.name",
                          "Secret p app.volumes[3].projected.sources[0]."
                          "secret.name",
                          "Secret plain global.imagePullSecrets[0]",
                          "Secret as-map global.imagePullSecrets[1].name"));
}

TEST(ReferencesTest, IngressNamesItsClassAndCertificates) {
  EXPECT_THAT(Lines(Yaml("ingress: {class: nginx, tls: [{secretName: cert}]}")),
              ElementsAre("IngressClass nginx ingress.class",
                          "Secret cert[tls.crt] ingress.tls[0].secretName"));
  EXPECT_THAT(Lines(Yaml("ingress: {class: nginx, create: false, "
                         "tls: [{secretName: cert}], secondary: {create: "
                         "true, class: other}}")),
              ElementsAre("IngressClass other ingress.secondary.class"));
  EXPECT_THAT(Lines(Yaml("ingress: {class: '', secondary: {class: other}}")),
              IsEmpty());
}

TEST(ReferencesTest, CertificatesThatAreMadeOnDemandNeedNotExist) {
  for (const char* maker : {"annotations: {cert-manager.io/cluster-issuer: x}",
                            "annotations: {kubernetes.io/tls-acme: 'true'}",
                            "issuer: {create: true}"}) {
    EXPECT_THAT(Lines(Yaml(absl::StrCat("ingress: {tls: [{secretName: cert}], ",
                                        maker, "}"))),
                IsEmpty())
        << maker;
  }
}

TEST(ReferencesTest, LeavesOutWhatTheChartMakesItself) {
  EXPECT_THAT(Lines(Yaml(R"(
app:
  envFrom:
    wandb-global-secret: secretRef
    wandb-global-configmap: configMapRef
    "{{ .Release.Name }}-x": secretRef
  extraEnv:
    A: {valueFrom: {secretKeyRef: {name: wandb-mysql, key: k}}}
    B: {valueFrom: {secretKeyRef: {name: "{{ .Release.Name }}-y", key: k}}}
    C: {valueFrom: {secretKeyRef: {name: wandb-mine, key: k}}}
)")),
              ElementsAre("Secret wandb-mine[k] "
                          "app.extraEnv.C.valueFrom.secretKeyRef.name "
                          "app.extraEnv.C.valueFrom.secretKeyRef.key"));
  // Named by a setting, the chart makes none.
  EXPECT_THAT(Lines(Yaml("global: {licenseSecret: {name: wandb-license}}")),
              ElementsAre("Secret wandb-license[license] "
                          "global.licenseSecret.name"));
}

TEST(ReferencesTest, LeavesOutWhatIsNotInstalled) {
  EXPECT_THAT(Lines(Yaml("weave: {install: false, imagePullSecrets: [x]}")),
              IsEmpty());
}

TEST(ReferencesTest, UnknownNamesAreNoReferencesAndUnknownKeysNoDemand) {
  const Json unknown = MakeUnknown(Unknown::kString);
  EXPECT_THAT(Lines({{"global",
                      {{"caCertsConfigMap", unknown},
                       {"licenseSecret", {{"name", "l"}, {"key", unknown}}},
                       {"mysql", {{"passwordSecret", {{"name", unknown}}}}},
                       {"bucket",
                        {{"name", "b"},
                         {"provider", unknown},
                         {"secret", {{"secretName", "s"}}}}},
                       {"imagePullSecrets", Json::array({unknown})}}},
                     {"ingress",
                      {{"tls", Json::array({{{"secretName", "cert"}}})},
                       {"annotations", MakeUnknown(Unknown::kShape)}}}}),
              ElementsAre("Secret l global.licenseSecret.name",
                          "Secret s global.bucket.secret.secretName"));
  EXPECT_THAT(Lines(MakeUnknown(Unknown::kShape)), IsEmpty());
  EXPECT_THAT(Lines(nullptr), IsEmpty());
}

TEST(ReferencesTest, ShapesThatFitNothingAreNoReferences) {
  EXPECT_THAT(Lines(Yaml(R"(
global: {licenseSecret: text, imagePullSecrets: x, mysql: [1]}
ingress: {class: 3, tls: {a: b}}
app: {envFrom: [a], volumes: [text, {projected: {sources: {a: b}}}]}
x: {secretKeyRef: text}
)")),
              IsEmpty());
}

TEST(ReferencesTest, ChartCredentialsAreASecret) {
  std::vector<std::string> lines;
  for (const Reference& reference : ChartReferencesOf(
           Yaml("credentialSecret: {name: repo, usernameKey: u}"))) {
    lines.push_back(Line(reference));
  }
  EXPECT_THAT(lines, ElementsAre("Secret repo[u] chart.credentialSecret.name "
                                 "chart.credentialSecret.usernameKey",
                                 "Secret repo[HELM_PASSWORD] "
                                 "chart.credentialSecret.name"));
  EXPECT_THAT(ChartReferencesOf(nullptr), IsEmpty());
  EXPECT_THAT(ChartReferencesOf(MakeUnknown(Unknown::kShape)), IsEmpty());
}

TEST(ReferencesTest, HasKeyTakesASuffixForAnyKeyThatEndsSo) {
  EXPECT_TRUE(HasKey({.key = ""}, {}));
  EXPECT_TRUE(HasKey({.key = "a"}, {"b", "a"}));
  EXPECT_FALSE(HasKey({.key = "a"}, {"aa"}));
  EXPECT_TRUE(HasKey({.key = "*.crt"}, {"my.crt"}));
  EXPECT_FALSE(HasKey({.key = "*.crt"}, {"my.pem"}));
}

}  // namespace
}  // namespace wandb
