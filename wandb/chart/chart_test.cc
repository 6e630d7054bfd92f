#include "wandb/chart/chart.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Json kRepo = {{"url", "https://charts.wandb.ai"},
                    {"name", "operator-wandb"},
                    {"version", "0.43.8"}};

TEST(Chart, AgreesWithTheVectorsOfTheOperator) {
  const Json cases = ReadTestJson("chart-kinds.json");
  EXPECT_EQ(cases.size(), 12U);
  for (const Json& c : cases) {
    const Json& in = *base::Find(c, "/in");
    SCOPED_TRACE(base::DumpJson(in));
    const std::optional<Chart> chart = ParseChart(in);
    const std::optional<std::string> kind = base::StringAt(c, "/kind");
    EXPECT_EQ(chart.has_value(), kind.has_value());
    if (chart.has_value() && kind.has_value()) {
      EXPECT_EQ(ChartKindName(chart->kind), *kind);
    }
    EXPECT_EQ(CheckChart(in).ok(), kind.has_value() || in.is_null());
  }
}

TEST(Chart, SaysWhyTheOperatorWouldPassItOver) {
  struct Case {
    Json chart;
    const char* start;
    const char* next_step;
  };
  const Case cases[] = {
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", 0.18}},
       "chart.version: is a number",
       "version = \"0.4"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "0.4"}},
       "chart.version: is \"0.4\", and a version has three numbers",
       "lost its zero. Write all three numbers in quotes"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "1"}},
       "chart.version: is \"1\"",
       "such as version = "},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "0.43.x"}},
       "chart.version: is not one version",
       "all three numbers"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "^0.43.0"}},
       "chart.version: is not one version",
       "all three numbers"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "0.43.8 "}},
       "chart.version: is not one version",
       "all three numbers"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "0.43.8-"}},
       "chart.version: is not one version",
       "all three numbers"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"version", "latest"}},
       "chart.version: is not one version",
       "all three numbers"},
      {{{"url", "oci://r.io/p/c"}, {"version", "0.40"}},
       "chart.version: is \"0.40\"",
       "three numbers"},
      {{{"url", "charts.wandb.ai"}, {"name", "n"}},
       "chart.url: isn't a URL",
       "https://charts.wandb.ai"},
      {{{"url", "ftp://c.ai"}, {"name", "n"}}, "chart.url: ", "https://"},
      {{{"url", "c.ai:80/x"}, {"name", "n"}}, "chart.url: ", "https://"},
      {{{"url", "https://c.ai"}}, "chart.name: is missing", "operator-wandb"},
      {{{"url", "oci://r.io/p/c"}},
       "chart.version: is missing",
       "Set chart.version"},
      {{{"url", "oci://r.io"}}, "chart.version: is missing", ""},
      {{{"url", "oci://r.io/p/c:1"}, {"username", "u"}},
       "chart.username: ",
       "credential_secret"},
      {Json::object(), "chart.url: is missing", "Set chart.url"},
      {{{"path", ""}}, "chart.url: is missing", ""},
      {{{"path", 5}}, "chart.url: is missing", ""},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"debug", "true"}},
       "chart.debug: is a string",
       "Write a bool"},
      {{{"url", "https://c.ai"}, {"name", "n"}, {"credentialSecret", "s"}},
       "chart.credentialSecret: is a string",
       "Write a map"},
      {{{"url", "https://c.ai"},
        {"name", "n"},
        {"credentialSecret", {{"name", 1}}}},
       "chart.credentialSecret.name: is a number",
       "name = \"1\""},
      {"text", "chart: must be a map", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(base::DumpJson(c.chart));
    const absl::Status status = CheckChart(c.chart);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), StartsWith(c.start));
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.next_step));
  }
}

TEST(Chart, AVersionAloneIsOneOfWandbsOwn) {
  EXPECT_EQ(CompleteChart({{"version", "0.43.8"}, {"debug", true}}),
            (Json{{"url", "https://charts.wandb.ai"},
                  {"name", "operator-wandb"},
                  {"version", "0.43.8"},
                  {"debug", true}}));
  for (const Json& other :
       {Json{{"version", "0.43.8"}, {"name", "x"}}, Json{{"debug", true}},
        Json{{"version", nullptr}}, Json(nullptr), Json("0.43.8")}) {
    EXPECT_EQ(CompleteChart(other), other);
  }
}

TEST(Chart, AVersionIsThreeNumbersAndWhatMayFollow) {
  for (const char* version : {"0.43.8", "v0.43.8", "0.44.0-PR639-eb0a58b7",
                              "1.0.0-rc.1+build.5", "1.0.0+build"}) {
    Json chart = kRepo;
    chart["version"] = version;
    EXPECT_TRUE(CheckChart(chart).ok()) << version;
  }
  for (const char* version : {"00.43.8", "0.043.8", "0.43.08"}) {
    Json chart = kRepo;
    chart["version"] = version;
    EXPECT_FALSE(CheckChart(chart).ok()) << version;
  }
  // One on the operator's file system has no version to choose.
  EXPECT_TRUE(CheckChart({{"path", "/charts/x"}, {"version", "0.4"}}).ok());
  // The operator takes it all the same.
  EXPECT_TRUE(
      ParseChart({{"url", "https://c.ai"}, {"name", "n"}, {"version", "0.4"}})
          .has_value());
}

TEST(Chart, WhatIsNoVersionIsNotRepeated) {
  const absl::Status status = CheckChart(
      {{"url", "https://c.ai"}, {"name", "n"}, {"version", "canary-1234"}});
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("canary")));
}

TEST(Chart, ReadsItsFields) {
  const std::optional<Chart> chart = ParseChart(kRepo);
  ASSERT_TRUE(chart.has_value());
  EXPECT_EQ(chart->url, "https://charts.wandb.ai");
  EXPECT_EQ(chart->name, "operator-wandb");
  EXPECT_EQ(chart->version, "0.43.8");
  const auto digest = ParseChart({{"url", "oci://r.io/p/c@sha256:0a"}});
  ASSERT_TRUE(digest.has_value());
  EXPECT_EQ(digest->kind, ChartKind::kOci);
}

TEST(Chart, IsNotJudgedWhileAFieldIsUnknown) {
  Json chart = kRepo;
  chart["version"] = MakeUnknown(Unknown::kString);
  EXPECT_TRUE(CheckChart(chart).ok());
  EXPECT_FALSE(ParseChart(chart).has_value());
}

TEST(Chart, IsTheSameAsItsStoredForm) {
  Json stored = kRepo;
  stored.update({{"password", ""}, {"username", ""}, {"debug", false}});
  EXPECT_EQ(CanonicalChart(stored), CanonicalChart(kRepo));
  Json foreign = kRepo;
  foreign["comment"] = "the operator drops it";
  EXPECT_EQ(CanonicalChart(foreign), CanonicalChart(kRepo));
  Json named = kRepo;
  named["credentialSecret"] = {{"name", "s"}};
  Json defaulted = kRepo;
  defaulted["credentialSecret"] = {{"name", "s"},
                                   {"usernameKey", "HELM_USERNAME"},
                                   {"passwordKey", "HELM_PASSWORD"}};
  EXPECT_EQ(CanonicalChart(named), CanonicalChart(defaulted));
  Json other = kRepo;
  other["version"] = "0.43.9";
  EXPECT_NE(CanonicalChart(other), CanonicalChart(kRepo));
}

TEST(DescribeChart, NamesItWithoutCredentials) {
  EXPECT_EQ(DescribeChart({{"url", "https://u:p@charts.test"},
                           {"name", "operator-wandb"},
                           {"version", "0.43.8"},
                           {"password", "p"}}),
            "operator-wandb 0.43.8 of https://(sensitive)@charts.test");
  EXPECT_EQ(DescribeChart({{"url", "https://charts.test"}, {"name", "x"}}),
            "x of https://charts.test");
  EXPECT_EQ(DescribeChart({{"url", "oci://r.test/x"}, {"version", "1.0.0"}}),
            "oci://r.test/x 1.0.0");
  EXPECT_EQ(DescribeChart({{"path", "/charts/x"}}), "/charts/x");
  EXPECT_EQ(DescribeChart(nullptr), "");
}

}  // namespace
}  // namespace wandb
