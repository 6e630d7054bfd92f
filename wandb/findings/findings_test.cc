#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "wandb/findings/evaluate.h"
#include "wandb/findings/finding_kinds.h"
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
  std::string instance;
};

std::vector<Problem> Check(const Layers& given) {
  const SpecLayer own = {.chart = given.chart, .values = given.values};
  const SpecLayer channel = {.values = given.channel};
  const SpecLayer user = {.values = given.user_input};
  return Evaluate({.custom_resource = &own,
                   .user_input = given.user_input.is_null() ? nullptr : &user,
                   .channel = given.channel.is_null() ? nullptr : &channel,
                   .airgapped = given.airgapped,
                   .instance = given.instance})
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

Json ChartOf(const std::string& version, bool airgapped = false) {
  return {{"url", airgapped ? "https://charts.example.com"
                            : "https://charts.wandb.ai"},
          {"name", "operator-wandb"},
          {"version", version}};
}

// What a whole specification has, and most cases are not about.
bool IsOfWhole(const std::string& name) {
  for (const char* id : {"host-missing ", "mysql-missing ", "bucket-missing ",
                         "public-image ", "clickhouse-missing "}) {
    if (absl::StartsWith(name, id)) return true;
  }
  return false;
}

std::vector<std::string> WithoutThose(std::vector<std::string> names) {
  names.erase(std::remove_if(names.begin(), names.end(), IsOfWhole),
              names.end());
  return names;
}

struct Case {
  std::string name;
  Layers layers;
  bool whole = false;
  std::vector<std::string> expected;  // "id path".
};

void PrintTo(const Case& test, std::ostream* os) { *os << test.name; }

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const Json& each : Yaml(File("findings.yaml"))) {
    Case test = {
        .name = each.at("name").get<std::string>(),
        .layers = {.values = each.at("values"),
                   .channel = each.value("channel", Json()),
                   .airgapped = each.value("airgapped", false),
                   .instance = std::string(each.value("name_length", 0), 'n')},
        .whole = each.value("whole", false),
        .expected = each.at("findings").get<std::vector<std::string>>()};
    if (const auto chart = base::StringAt(each, "/chart")) {
      test.layers.chart = ChartOf(*chart, test.layers.airgapped);
    }
    for (const auto& [key, value] : each.items()) {
      EXPECT_THAT(
          key, testing::AnyOf("name", "chart", "values", "channel", "airgapped",
                              "whole", "name_length", "findings"))
          << test.name;
    }
    cases.push_back(std::move(test));
  }
  return cases;
}

class FindingsTest : public testing::TestWithParam<Case> {};

TEST_P(FindingsTest, OfValues) {
  const Case& test = GetParam();
  const auto findings = Check(test.layers);
  const std::vector<std::string> names =
      test.whole ? Names(findings) : WithoutThose(Names(findings));
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(test.expected));
  for (const Problem& finding : findings) {
    const FindingKind* kind = FindFindingKind(finding.id);
    ASSERT_NE(kind, nullptr) << finding.id;
    EXPECT_EQ(finding.severity, kind->severity);
    EXPECT_THAT(finding.message, testing::MatchesRegex("(.|\n)*[.?]"));
    // No finding prints a value.
    EXPECT_THAT(finding.message, Not(HasSubstr("canary")));
  }
}

INSTANTIATE_TEST_SUITE_P(Data, FindingsTest, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<Case>& each) {
                           std::string name;
                           for (const char c : each.param.name) {
                             name += absl::ascii_isalnum(
                                         static_cast<unsigned char>(c))
                                         ? c
                                         : '_';
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

TEST(FindingsTest, AChartThatWasNeverReleasedIsTold) {
  const auto names = [](const Json& chart) {
    return Names(Check({.values = {}, .chart = chart}));
  };
  EXPECT_THAT(names(ChartOf("0.42.10")),
              ElementsAre("chart-not-released chart.version"));
  EXPECT_THAT(names(ChartOf("0.27.1")),
              ElementsAre("chart-not-released chart.version"));
  for (const char* version :
       {"0.42.9", "0.10.46", "0.43.99", "0.9.9", "0.42.10-rc1"}) {
    EXPECT_THAT(names(ChartOf(version)), IsEmpty()) << version;
  }
  Json mirrored = ChartOf("0.42.10");
  mirrored["url"] = "https://charts.example.com";
  EXPECT_THAT(names(mirrored), IsEmpty());
  Json other = ChartOf("0.42.10");
  other["name"] = "another";
  EXPECT_THAT(names(other), IsEmpty());
  const auto told = Check({.values = {}, .chart = ChartOf("0.42.10")});
  EXPECT_THAT(told.at(0).message, HasSubstr("The last one of 0.42 is 0.42.9"));
}

// Who runs a newer chart knows more than this provider does.
TEST(FindingsTest, OfANewerChartUnknownKeysAreRemarks) {
  const Json values = Yaml(
      "{global: {newThing: 1}, ingress: {extraRules: [{host: h}]}, api: "
      "{install: true}}");
  const auto newer = Check({.values = values, .chart = ChartOf("0.45.0")});
  EXPECT_THAT(Names(newer), UnorderedElementsAre("unknown-key global.newThing",
                                                 "stale-key api.install",
                                                 "chart-newer chart.version"));
  for (const Problem& finding : newer) {
    EXPECT_EQ(finding.severity,
              finding.id == "stale-key" ? Severity::kWarning : Severity::kInfo);
  }
  for (const char* version : {"0.44.20", "0.44.20-rc.1", "0.43.8"}) {
    const auto known = Check({.values = values, .chart = ChartOf(version)});
    EXPECT_THAT(Names(known),
                UnorderedElementsAre("unknown-key global.newThing",
                                     "unreleased-key ingress.extraRules",
                                     "stale-key api.install"))
        << version;
    for (const Problem& finding : known) {
      EXPECT_EQ(finding.severity, finding.id == "unreleased-key"
                                      ? Severity::kInfo
                                      : Severity::kWarning);
    }
  }
}

// It is rather a typo than a chart that nobody knows yet.
TEST(FindingsTest, AChartOfAnotherMajorVersionIsAWarning) {
  const auto severity = [](const char* version) {
    const auto findings =
        Check({.values = Json::object(), .chart = ChartOf(version)});
    EXPECT_THAT(Names(findings), ElementsAre("chart-newer chart.version"));
    return findings.at(0).severity;
  };
  EXPECT_EQ(severity("9.9.9"), Severity::kWarning);
  EXPECT_EQ(severity("0.45.0"), Severity::kInfo);
}

TEST(FindingsTest, AKeyOfAChartToComeNamesTheOneThatRuns) {
  const Json values = Yaml("global: {mysql: {rdsIamAuth: true}}");
  EXPECT_THAT(
      Check({.values = values, .chart = ChartOf("0.43.8")})[0].message,
      EndsWith(" is read by no chart up to 0.44.20, and 0.43.8 runs. Use a "
               "newer chart that has it, or leave it out."));
}

TEST(FindingsTest, AKeyThatIsTooNewNamesTheOneBefore) {
  const auto message = [](const char* values, const char* version) {
    return Check({.values = Yaml(values), .chart = ChartOf(version)})[0]
        .message;
  };
  EXPECT_THAT(message("app: {podSecurityContext: {runAsUser: 1}}", "0.18.0"),
              EndsWith(" or write app.pod.securityContext."));
  EXPECT_THAT(message("global: {bufstream: {enabled: true}}", "0.30.0"),
              EndsWith(" or write global.beta.bufstream."));
  EXPECT_THAT(message("global: {bufstream: {enabled: true}}", "0.18.0"),
              EndsWith(" or drop the key."));
  EXPECT_THAT(message("anaconda2: {install: true}", "0.18.0"),
              EndsWith(" or drop the key."));
  EXPECT_THAT(message("app: {securityContext: {runAsUser: 1}}", "0.32.9"),
              EndsWith(" or write app.container.securityContext."));
  EXPECT_THAT(message("app: {securityContext: {runAsUser: 1}}", "0.18.16"),
              EndsWith(" or drop the key."));
  EXPECT_THAT(message("weave: {env: {A: b}}", "0.32.9"),
              EndsWith(" or write weave.extraEnv."));
  EXPECT_THAT(message("parquet: {replicaCount: 2}", "0.32.9"),
              EndsWith(" or write parquet.replicas."));
}

TEST(FindingsTest, AMapInPlaceOfTextNamesTheSecretSettings) {
  const auto findings =
      Check({.values = Yaml("global: {license: {name: n, key: k}}")});
  EXPECT_THAT(findings[0].message,
              EndsWith(" A Secret is named in global.licenseSecret."));
}

TEST(FindingsTest, AnUnknownChartVersionIsSaidOnce) {
  const auto findings =
      Check({.values = Yaml("{global: {redis: {auth: {enabled: true}}, ldap: "
                            "{enabled: true}}}")});
  ASSERT_EQ(findings.size(), 3);
  EXPECT_EQ(findings[2].id, "chart-version-unknown");
  EXPECT_EQ(findings[2].severity, Severity::kInfo);
}

TEST(FindingsTest, ANameThatIsTooLongNamesTheObjectAndTheLongest) {
  const auto findings = Check({.values = Json::object(),
                               .chart = ChartOf("0.43.8"),
                               .instance = std::string(36, 'n')});
  ASSERT_THAT(Names(findings), ElementsAre("name-too-long "));
  EXPECT_EQ(findings[0].source, (Source{"name", std::nullopt}));
  EXPECT_EQ(findings[0].message,
            "The name of the instance has 36 characters, and chart 0.43.8 puts "
            "it before -parquet-backfill in the name of a CronJob, of which "
            "the API server takes 52 characters: the release is refused. "
            "Choose a name of up to 35.");
}

TEST(FindingsTest, AHostThatIsMissingSaysWhetherItIsSet) {
  const auto message = [](const char* values) {
    for (const Problem& finding :
         Check({.values = Yaml(values), .channel = Json::object()})) {
      if (finding.id == "host-missing") return finding.message;
    }
    return std::string();
  };
  EXPECT_THAT(message("{}"), HasSubstr("global.host is not set, and the"));
  EXPECT_THAT(message("{ingress: {install: false}}"),
              HasSubstr("would be in all links of W&B. Set it"));
  const char* local = "global: {host: 'http://localhost:8080'}";
  EXPECT_THAT(message(local),
              HasSubstr("global.host is http://localhost:8080, the chart's "
                        "own, which is no host of an Ingress"));
  EXPECT_EQ(message("{global: {host: 'http://localhost:8080'}, "
                    "ingress: {create: false}}"),
            "");
}

TEST(FindingsTest, SuggestsWhatWasMeant) {
  const auto resources =
      Check({.values = Yaml(
                 "app: {resources: {limit: {cpu: 1}, limits: {mem: 1Gi}}}")});
  EXPECT_THAT(resources[0].message,
              EndsWith(" Did you mean app.resources.limits?"));
  EXPECT_THAT(resources[1].message, EndsWith(" Did you mean memory?"));
  const auto findings = Check({.values = Yaml("global: {msyql: {host: h}}")});
  EXPECT_THAT(findings[0].message, EndsWith(" Did you mean global.mysql?"));
}

TEST(FindingsTest, APairSaysWhatItsOwnHalfIsGoodFor) {
  const auto message = [](const char* values) {
    for (const Problem& finding :
         Check({.values = Yaml(values), .channel = Json::object()})) {
      if (finding.id == "component-pair") return finding.message;
    }
    return std::string();
  };
  EXPECT_THAT(message("{run-store-accelerator-run-updater: {install: true}}"),
              HasSubstr("runStoreAccelerator.enabled is not: the service"));
  EXPECT_THAT(message("{weave-trace: {install: true}}"),
              HasSubstr("global.weave-trace.enabled is not: the service runs"));
  EXPECT_THAT(message("{global: {weave-trace: {enabled: true}}}"),
              HasSubstr("weave-trace.install is not: traces are sent to"));
  EXPECT_THAT(message("{app: {install: false}, frontend: {install: true}}"),
              HasSubstr("is off: global.localService.bypass, "
                        "global.api.enabled. "));
}

TEST(FindingsTest, AVariableThatIsAListIsNotToBeQuoted) {
  const auto findings =
      Check({.values = Yaml("{app: {env: {A: [1, 2], B: 1}}}"),
             .chart = ChartOf("0.33.0")});
  EXPECT_THAT(findings[0].message, EndsWith(" Make one string of it."));
  EXPECT_THAT(findings[1].message, EndsWith(" Write it in quotes."));
}

TEST(FindingsTest, AnAirgappedOperatorNeedsAChart) {
  const auto names = [](const Layers& layers) {
    return WithoutThose(Names(Check(layers)));
  };
  EXPECT_THAT(names({.values = {}, .airgapped = true}),
              ElementsAre("chart-missing chart"));
  EXPECT_THAT(
      names(
          {.values = {}, .chart = ChartOf("0.43.8", true), .airgapped = true}),
      IsEmpty());
  EXPECT_THAT(
      names({.values = {}, .chart = ChartOf("0.43.8"), .airgapped = true}),
      ElementsAre("public-chart chart.url"));
  EXPECT_THAT(names({.values = {}, .chart = ChartOf("0.43.8")}), IsEmpty());
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

// Nor is anything missing that an unknown may bring.
TEST(FindingsTest, WhatIsUnknownMayHaveAllThatIsNeeded) {
  const Json text = MakeUnknown(Unknown::kString);
  for (const Json& values : std::vector<Json>{
           MakeUnknown(Unknown::kShape),
           {{"global", MakeUnknown(Unknown::kShape)},
            {"redis", {{"install", MakeUnknown(Unknown::kBool)}}}},
           {{"global",
             {{"host", text},
              {"bucket", {{"provider", "s3"}, {"name", text}}},
              {"mysql", {{"host", text}, {"password", text}}},
              {"repositoryPrefix", text},
              {"imageRegistry", text}}}}}) {
    EXPECT_THAT(Names(Check({.values = values,
                             .chart = ChartOf("0.43.8", true),
                             .airgapped = true})),
                IsEmpty())
        << values;
  }
}

TEST(FindingsTest, OnPremisesReferenceHasExactlyItsStaleKeys) {
  EXPECT_THAT(Names(Check({.values = Yaml(File("onprem.values.yaml"))})),
              UnorderedElementsAre("stale-key global.ldap",
                                   "stale-key global.redis.auth",
                                   "stale-key app.pod.securityContext"));
}

// Also where all layers are known, and what is missing would be said.
TEST(FindingsTest, TheModulesValuesLackNothing) {
  for (const char* version : {"0.33.0", "0.43.8", "0.44.20"}) {
    EXPECT_THAT(Names(Check({.values = Yaml(File("aws.values.yaml")),
                             .chart = ChartOf(version),
                             .channel = Json::object()})),
                ElementsAre("stale-key weave.persistence"))
        << version;
    for (const std::string& name :
         Names(Check({.values = Yaml(File("onprem.values.yaml")),
         .chart = ChartOf(version),
         .channel = Json::object()}))) {
      EXPECT_THAT(name, testing::AnyOf(testing::StartsWith("stale-key "),
                                       testing::StartsWith("key-too-new ")))
          << version;
    }
  }
}

TEST(FindingsTest, TheAwsModulesValuesAreJudgedRightly) {
  EXPECT_THAT(Names(Check({.values = Yaml(File("aws.values.yaml"))})),
              ElementsAre("stale-key weave.persistence"));
  EXPECT_THAT(
      Names(Check({.values = Yaml(File("aws.helm-escaped.values.yaml"))})),
      testing::Contains(testing::StartsWith("helm-escape ingress")));
}

TEST(FindingsTest, TheGuideHasTheTableOfAllKinds) {
  EXPECT_THAT(File("../../docs/guides/findings.md"),
              HasSubstr("\n\n" + FindingTable() + "\n"))
      << "docs/guides/findings.md is out of date; run: make docs";
}

}  // namespace
}  // namespace wandb
