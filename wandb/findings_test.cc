#include "wandb/findings.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "wandb/leaf_map.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

Json Yaml(const std::string& text) {
  auto read = base::ReadYaml(text, "test");
  EXPECT_TRUE(read.ok()) << read.status();
  return std::move(read->json);
}

std::string File(const std::string& name) {
  std::ifstream in(std::string(TFW_TEST_DATA) + "/" + name);
  EXPECT_TRUE(in.good()) << name;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Layers {
  Json values;
  Json chart = nullptr;
  Json channel = nullptr;     // Values of the release channel; null: unknown.
  Json user_input = nullptr;  // Likewise.
  bool airgapped = false;
};

std::vector<Problem> Check(const Layers& given) {
  const SpecLayer own = {.chart = given.chart, .values = given.values};
  const SpecLayer channel = {.values = given.channel};
  const SpecLayer user = {.values = given.user_input};
  return Evaluate({.custom_resource = &own,
                   .user_input = given.user_input.is_null() ? nullptr : &user,
                   .channel = given.channel.is_null() ? nullptr : &channel,
                   .airgapped = given.airgapped})
      .findings;
}

// "id path" of all findings but the remark on the chart's version.
std::vector<std::string> Names(const std::vector<Problem>& findings) {
  std::vector<std::string> names;
  for (const Problem& finding : findings) {
    if (finding.id == "chart-version-unknown") continue;
    names.push_back(finding.id + " " + finding.path);
  }
  return names;
}

Json ChartOf(const std::string& version) {
  return {{"url", "https://charts.wandb.ai"},
          {"name", "operator-wandb"},
          {"version", version}};
}

struct Case {
  std::string name;
  std::string values;                 // YAML.
  std::vector<std::string> expected;  // "id path".
  std::string chart_version;
  std::string channel;  // YAML; "" for unknown.
};

void PrintTo(const Case& test, std::ostream* os) { *os << test.name; }

class FindingsTest : public testing::TestWithParam<Case> {};

TEST_P(FindingsTest, OfValues) {
  const Case& test = GetParam();
  Layers layers = {.values = Yaml(test.values)};
  if (!test.chart_version.empty()) layers.chart = ChartOf(test.chart_version);
  if (!test.channel.empty()) layers.channel = Yaml(test.channel);
  const auto findings = Check(layers);
  EXPECT_THAT(Names(findings),
              testing::UnorderedElementsAreArray(test.expected));
  for (const Problem& finding : findings) {
    const FindingKind* kind = FindFindingKind(finding.id);
    ASSERT_NE(kind, nullptr) << finding.id;
    EXPECT_EQ(finding.severity, kind->severity);
    EXPECT_THAT(finding.message, testing::MatchesRegex("(.|\n)*[.?]"));
    // No finding prints a value.
    EXPECT_THAT(finding.message, Not(HasSubstr("canary")));
  }
}

constexpr char kAll[] = "global: {}";  // A channel that says nothing.

INSTANTIATE_TEST_SUITE_P(
    Table, FindingsTest,
    testing::Values(
        Case{"nothing", "global: {host: 'https://a.example'}", {}},
        Case{"kind clash",
             "global: {mysql: {port: '3306'}}",
             {"kind-clash global.mysql.port"},
             "",
             "global: {mysql: {port: 3306}}"},
        Case{"null clash",
             "global: {bucket: {kmsKey: null}}",
             {"null-clash global.bucket.kmsKey"},
             "",
             "global: {bucket: {kmsKey: x}}"},
        Case{"null alone", "global: {bucket: {kmsKey: null}}", {}, "", kAll},
        Case{"unsafe integer",
             "app: {resources: {x: 9007199254740993}}",
             {"unsafe-integer app.resources.x",
              "number-notation app.resources.x"}},
        Case{"list repeats",
             "ingress: {additionalHosts: [a, b]}",
             {"list-repeats ingress.additionalHosts"},
             "",
             "ingress: {additionalHosts: [b]}"},
        Case{"list grows",
             "ingress: {additionalHosts: [a]}",
             {},
             "",
             "ingress: {additionalHosts: [b]}"},
        Case{"big number",
             "app: {podSecurityContext: {runAsUser: 1000650000}}",
             {"number-notation app.podSecurityContext.runAsUser"}},
        Case{"smaller number",
             "app: {podSecurityContext: {runAsUser: 999999}}",
             {}},
        Case{"quoted switches",
             "{mysql: {install: 'false'}, ingress: {create: 'true'}}",
             {"quoted-boolean ingress.create", "quoted-boolean mysql.install"}},
        Case{"text that is no switch",
             "{app: {env: {enabled: 'true'}, podLabels: {install: 'false'}, "
             "nodeSelector: {create: 'true'}, affinity: {matchLabels: "
             "{enabled: 'true'}}}, prometheus: {external_labels: {install: "
             "'true'}}}",
             {}},
        Case{"quoted switch that nothing reads",
             "{nonsense: {enabled: 'false'}, mysql: {install: 'false'}}",
             {"quoted-boolean mysql.install", "unknown-key nonsense"}},
        Case{"unknown key",
             "global: {mysql: {hots: canary}}",
             {"unknown-key global.mysql.hots"}},
        Case{"nothing set at an unknown key",
             "{zzz: {}, yyy: null, app: {xxx: []}}",
             {}},
        Case{"below what is open", "redis: {any: {thing: 1}}", {}},
        Case{"stale",
             "global: {redis: {auth: {enabled: true}}}",
             {"stale-key global.redis.auth"}},
        Case{"stale for this chart",
             "app: {pod: {securityContext: {runAsUser: 1}}}",
             {"stale-key app.pod.securityContext"},
             "0.33.0"},
        Case{"not yet stale",
             "app: {pod: {securityContext: {runAsUser: 1}}}",
             {},
             "0.32.9"},
        Case{"ingress below global",
             "global: {ingress: {class: nginx}}",
             {"stale-key global.ingress"}},
        Case{"misspelt by a module",
             "app: {extraEnvs: {A: b}}",
             {"stale-key app.extraEnvs"}},
        Case{"labels of a service account",
             "app: {serviceAccount: {labels: {a: b}}}",
             {"stale-key app.serviceAccount.labels"}},
        Case{"too new",
             "global: {redis: {secret: {secretName: s}}}",
             {"key-too-new global.redis.secret"},
             "0.18.0"},
        Case{"new enough",
             "global: {redis: {secret: {secretName: s}}}",
             {},
             "0.21.0"},
        Case{"wrong type",
             "{ingress: {tls: {secretName: s}}, app: text}",
             {"wrong-type ingress.tls", "wrong-type app"}},
        Case{"reference for text",
             "global: {mysql: {user: {valueFrom: {secretKeyRef: {name: s}}}}}",
             {}},
        Case{"invalid value",
             "global: {size: canary}",
             {"invalid-value global.size"}},
        Case{"valid value", "global: {size: xlarge}", {}},
        Case{
            "numbers in the environment",
            "{global: {extraEnv: {A: 1, B: 'b', C: true, D: {valueFrom: {}}}},"
            " weave: {env: {E: 2}}}",
            {"env-not-string global.extraEnv.A",
             "env-not-string global.extraEnv.C", "env-not-string weave.env.E"}},
        Case{"port in the host",
             "global: {host: 'https://a.example:8443'}",
             {"host-shape global.host"}},
        Case{"slash behind the host",
             "global: {host: 'https://a.example/'}",
             {"host-shape global.host"}},
        Case{"no scheme",
             "global: {host: a.example}",
             {"host-shape global.host"}},
        Case{
            "comma escaped for Helm",
            "ingress: {annotations: {a: 'x\\,y', b: '[{\\\"HTTPS\\\": 443}]'}}",
            {"helm-escape ingress.annotations.a",
             "helm-escape ingress.annotations.b"}},
        Case{"backslash of a regex",
             "ingress: {annotations: {a: '/x\\.y'}}",
             {}},
        Case{"no certificate",
             "global: {customCACerts: [canary]}",
             {"pem-invalid global.customCACerts[0]"}},
        Case{"release id",
             "_releaseId: canary",
             {"release-id-in-values _releaseId"}},
        Case{"half a license reference",
             "global: {licenseSecret: {name: s}}",
             {"license-reference global.licenseSecret"}},
        Case{"two licenses",
             "global: {license: canary, licenseSecret: {name: s, key: k}}",
             {"license-reference global.licenseSecret"}},
        Case{"half of the bucket's credentials",
             "global: {bucket: {provider: s3, name: b, accessKey: canary}}",
             {"bucket-credentials global.bucket"}},
        Case{"all of the bucket's credentials",
             "global: {bucket: {provider: s3, name: b, accessKey: canary, "
             "secretKey: canary}}",
             {}},
        Case{"credentials twice",
             "global: {bucket: {provider: s3, name: b, accessKey: canary, "
             "secretKey: canary, secret: {secretName: s}}}",
             {"bucket-secret-twice global.bucket.secret"}},
        Case{"Azure's storage key",
             "global: {defaultBucket: {provider: az, name: b, secretKey: "
             "canary}}",
             {"azure-storage-key global.defaultBucket.secretKey"}},
        Case{"Azure's storage key in its place",
             "global: {bucket: {provider: az, name: b, accessKey: canary}}",
             {}},
        Case{"kms key elsewhere",
             "global: {bucket: {provider: gcs, name: b, kmsKey: k}}",
             {"kms-key-outside-aws global.bucket.kmsKey"}},
        Case{"kms key for a server of one's own",
             "global: {bucket: {provider: s3, name: 's3.a.example:9000', "
             "kmsKey: k}}",
             {"kms-key-outside-aws global.bucket.kmsKey"}},
        Case{"kms key in AWS",
             "global: {bucket: {provider: s3, name: b, kmsKey: k}}",
             {}},
        Case{"MySQL's password twice",
             "global: {mysql: {host: h, password: canary, passwordSecret: "
             "{name: s}}}",
             {"mysql-password-twice global.mysql.passwordSecret"}},
        Case{"no MySQL",
             "mysql: {install: false}",
             {"mysql-missing mysql.install"},
             "",
             kAll},
        Case{"empty host of MySQL",
             "global: {mysql: {host: '', password: p}}",
             {"mysql-host-empty global.mysql.host"}},
        Case{"empty host beside the bundled MySQL",
             "{global: {mysql: {host: ''}}, mysql: {install: true}}",
             {}},
        Case{"MySQL perhaps by the channel", "mysql: {install: false}", {}},
        Case{"no password for MySQL",
             "global: {mysql: {host: h}}",
             {"mysql-password-missing global.mysql"},
             "",
             kAll},
        Case{"two servers for Redis",
             "{global: {redis: {host: h}}, redis: {install: true}}",
             {"redis-twice global.redis.host"}},
        Case{"bundled Redis by default",
             "global: {redis: {host: h}}",
             {"redis-twice global.redis.host"},
             "",
             kAll},
        Case{"one Redis",
             "{global: {redis: {host: h}}, redis: {install: false}}",
             {},
             "",
             kAll},
        Case{"Redis's password twice",
             "{global: {redis: {password: canary, secret: {secretName: s}}}}",
             {"redis-password-twice global.redis.secret"}},
        Case{"OIDC without client",
             "global: {auth: {oidc: {issuer: i}}}",
             {"oidc-incomplete global.auth.oidc"},
             "",
             kAll},
        Case{"ingress class twice",
             "ingress: {class: nginx, annotations: "
             "{kubernetes.io/ingress.class: nginx}}",
             {"ingress-class-twice ingress.class"}},
        Case{"second ingress",
             "ingress: {secondary: {class: nginx}}",
             {"ingress-secondary-name ingress.secondary"}},
        Case{"half of weave-trace",
             "weave-trace: {install: true}",
             {"component-pair weave-trace.install"},
             "",
             kAll},
        Case{"the other half of weave-trace",
             "global: {weave-trace: {enabled: true}}",
             {"component-pair global.weave-trace.enabled"},
             "",
             kAll},
        Case{"all of weave-trace",
             "{weave-trace: {install: true}, global: {weave-trace: {enabled: "
             "true}}}",
             {},
             "",
             kAll},
        Case{"weave-trace perhaps by the channel",
             "weave-trace: {install: true}",
             {}},
        Case{"no app",
             "app: {install: false}",
             {"component-pair app.install"},
             "",
             kAll}),
    [](const testing::TestParamInfo<Case>& each) {
      std::string name;
      for (const char c : each.param.name) {
        name += absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '_';
      }
      return name;
    });

TEST(FindingsTest, ChartsThatTheOperatorPassesOver) {
  EXPECT_THAT(Names(Check({.values = {},
                           .chart = {{"url", "https://c.example"},
                                     {"name", "n"},
                                     {"version", 0.18}}})),
              ElementsAre("chart-version-type chart.version"));
  EXPECT_THAT(Names(Check({.values = {}, .chart = {{"version", "1"}}})),
              ElementsAre("chart-unrecognized chart"));
  Json chart = ChartOf("0.43.8");
  EXPECT_THAT(Check({.values = {}, .chart = chart}), IsEmpty());
  chart["credentialSecret"] = {{"name", "s"}};
  EXPECT_THAT(Names(Check({.values = {}, .chart = chart})),
              ElementsAre("chart-credential-keys chart.credentialSecret"));
}

TEST(FindingsTest, TheSpecificationMustFitIntoItsSecret) {
  const Json values = {
      {"app", {{"podAnnotations", {{"a", std::string(1'100'000, 'x')}}}}}};
  EXPECT_THAT(Names(Check({.values = values})), ElementsAre("spec-too-large "));
}

TEST(FindingsTest, AnUnknownChartVersionIsSaidOnce) {
  const auto findings =
      Check({.values = Yaml("{global: {redis: {auth: {enabled: true}}, ldap: "
                            "{enabled: true}}}")});
  ASSERT_EQ(findings.size(), 3);
  EXPECT_EQ(findings[2].id, "chart-version-unknown");
  EXPECT_EQ(findings[2].severity, Severity::kInfo);
}

TEST(FindingsTest, SuggestsWhatWasMeant) {
  const auto findings = Check({.values = Yaml("global: {msyql: {host: h}}")});
  EXPECT_THAT(findings[0].message, EndsWith(" Did you mean global.mysql?"));
}

TEST(FindingsTest, AVariableThatIsAListIsNotToBeQuoted) {
  const auto findings =
      Check({.values = Yaml("{app: {env: {A: [1, 2], B: 1}}}")});
  EXPECT_THAT(findings[0].message, EndsWith(" Make one string of it."));
  EXPECT_THAT(findings[1].message, EndsWith(" Write it in quotes."));
}

TEST(FindingsTest, AnAirgappedOperatorNeedsAChart) {
  const auto names = [](const Layers& layers) { return Names(Check(layers)); };
  EXPECT_THAT(names({.values = {}, .airgapped = true}),
              ElementsAre("chart-missing chart"));
  EXPECT_THAT(
      names({.values = {}, .chart = ChartOf("0.43.8"), .airgapped = true}),
      IsEmpty());
  EXPECT_THAT(names({.values = {}}), IsEmpty());
  // Another finding says what is wrong with it.
  EXPECT_THAT(names({.values = {}, .chart = {{"url", 1}}, .airgapped = true}),
              ElementsAre("chart-unrecognized chart"));
}

// A few mistyped keys are helped with; a tree of another chart is not searched.
TEST(FindingsTest, SuggestsNothingToMany) {
  Json keys = Json::object();
  for (int i = 0; i < 10'000; ++i) keys["a" + std::to_string(i)] = 1;
  keys["ingres"] = {{"class", "x"}};
  const auto findings = Check({.values = keys});
  ASSERT_GT(findings.size(), 10'000U);
  EXPECT_THAT(findings[10'000].path, "ingres");
  EXPECT_THAT(findings[10'000].message, Not(HasSubstr("Did you mean")));
  EXPECT_THAT(Check({.values = {{"ingres", {{"class", "x"}}}}})[0].message,
              HasSubstr("Did you mean ingress"));
}

TEST(FindingsTest, FindsRepeatedElementsInListsOfAnyKind) {
  const Json ours = {{"l", {1, "a", {{"x", 1}}}}};
  for (const Json& element : {Json(1), Json(1.0), Json("a"), Json{{"x", 1}}}) {
    EXPECT_THAT(
        Names(Check({.values = ours, .channel = {{"l", {"b", element}}}})),
        testing::Contains("list-repeats l"))
        << element;
  }
  EXPECT_THAT(Names(Check({.values = ours, .channel = {{"l", {"1", 2}}}})),
              Not(testing::Contains("list-repeats l")));
}

TEST(FindingsTest, AClashSaysWhatToDo) {
  for (const char* values : {"{a: {b: x}}", "{a: {b: null}}"}) {
    const auto findings =
        Check({.values = Yaml(values), .channel = Yaml("{a: {b: {c: 1}}}")});
    const auto clash =
        std::find_if(findings.begin(), findings.end(), [](const auto& finding) {
          return finding.id == "kind-clash" || finding.id == "null-clash";
        });
    ASSERT_NE(clash, findings.end()) << values;
    EXPECT_THAT(clash->message,
                testing::EndsWith(". Correct one of the two sources."));
  }
}

TEST(FindingsTest, WhatIsUnknownIsNoFinding) {
  const Json shape = MakeUnknown(Unknown::kShape);
  const Json text = MakeUnknown(Unknown::kString);
  const Json number = MakeUnknown(Unknown::kNumber);
  const Json values = {
      {"global",
       {{"host", text},
        {"size", text},
        {"extraEnv", {{"A", number}}},
        {"customCACerts", Json::array({text})},
        {"licenseSecret", {{"name", "s"}, {"key", text}}},
        {"bucket",
         {{"provider", "s3"}, {"accessKey", "a"}, {"secretKey", text}}},
        {"redis", shape},
        {"mysql", {{"host", text}, {"password", text}}}}},
      {"ingress", shape},
      {"weave-trace", {{"install", true}}},
      {"app", {{"internalJWTMap", shape}, {"resources", shape}}}};
  EXPECT_THAT(Names(Check({.values = values})), IsEmpty());
}

TEST(FindingsTest, OnPremisesReferenceHasExactlyItsStaleKeys) {
  EXPECT_THAT(Names(Check({.values = Yaml(File("onprem.values.yaml"))})),
              UnorderedElementsAre("stale-key global.ldap",
                                   "stale-key global.redis.auth",
                                   "stale-key app.pod.securityContext"));
}

TEST(FindingsTest, TheAwsModulesValuesAreJudgedRightly) {
  EXPECT_THAT(Names(Check({.values = Yaml(File("aws.values.yaml"))})),
              ElementsAre("stale-key weave.persistence"));
  EXPECT_THAT(
      Names(Check({.values = Yaml(File("aws.helm-escaped.values.yaml"))})),
      testing::Contains(testing::StartsWith("helm-escape ingress")));
}

TEST(FindingsTest, EveryKindIsDocumented) {
  const std::string page = File("../../docs/guides/findings.md");
  size_t rows = 0;
  for (size_t at = page.find("\n| `"); at != std::string::npos;
       at = page.find("\n| `", at + 1)) {
    ++rows;
  }
  EXPECT_EQ(rows, FindingKinds().size());
  for (const FindingKind& kind : FindingKinds()) {
    EXPECT_THAT(page, HasSubstr("\n| `" + std::string(kind.id) + "` | " +
                                std::string(SeverityName(kind.severity))));
    EXPECT_THAT(page, HasSubstr(std::string(kind.summary)));
  }
}

}  // namespace
}  // namespace wandb
