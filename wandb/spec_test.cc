#include "wandb/spec.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/leaf_map.h"
#include "wandb/readiness.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

const Json kChart = {{"url", "https://charts.wandb.ai"},
                     {"name", "operator-wandb"}};

Json Secret(const Json& texts) {
  Json data = Json::object();
  for (const auto& [key, text] : texts.items()) {
    data[key] = absl::Base64Escape(text.get<std::string>());
  }
  return {{"metadata", {{"name", "wandb-spec-user"}, {"namespace", "default"}}},
          {"data", data}};
}

TEST(SpecSecret, ReadsItsThreeKeys) {
  const auto layer =
      ParseSpecSecret(Secret({{"chart", "null"},
                              {"values", R"({"_releaseId":"r1","a":1})"},
                              {"metadata", R"({"releaseId":"r1"})"}}));
  ASSERT_TRUE(layer.ok()) << layer.status();
  EXPECT_EQ(*layer, (SpecLayer{.values = {{"_releaseId", "r1"}, {"a", 1}},
                               .metadata = {{"releaseId", "r1"}}}));
  EXPECT_TRUE(
      ParseSpecSecret(Secret({{"chart", "null"}, {"values", "null"}})).ok());
}

TEST(SpecSecret, NamesSecretAndKeyButNeverTheContent) {
  struct Case {
    Json secret;
    const char* what;
  };
  Json not_base64 = Secret({{"chart", "null"}, {"values", "{}"}});
  not_base64["data"]["values"] = "s3cr3t!";
  const Case cases[] = {
      {Secret({{"chart", "null"}}), "`values`"},
      {Secret({{"values", "{}"}}), "`chart`"},
      {Secret({{"chart", "null"}, {"values", "{s3cr3t"}}), "`values`"},
      {Secret({{"chart", "null"}, {"values", "[\"s3cr3t\"]"}}), "a list"},
      {Secret({{"chart", "{}"}, {"values", "{}"}, {"metadata", "{\"a\":1}"}}),
       "metadata"},
      {not_base64, "base64"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ParseSpecSecret(c.secret).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string message(status.message());
    EXPECT_THAT(message, HasSubstr(c.what));
    EXPECT_THAT(message, HasSubstr("default/wandb-spec-user"));
    EXPECT_THAT(message, Not(HasSubstr("s3cr3t")));
  }
}

TEST(Release, IsReadFromTheChannelsAnswer) {
  const auto release = ParseRelease(ReadTestJson("channel.json"));
  ASSERT_TRUE(release.ok()) << release.status();
  EXPECT_EQ(base::StringAt(release->chart, "/version"), "0.42.4");
  EXPECT_EQ(base::StringAt(release->metadata, "/channelName"), "Stable");
  EXPECT_FALSE(ParseRelease(Json::array()).ok());
  EXPECT_FALSE(ParseRelease({{"values", "x"}}).ok());
  EXPECT_FALSE(ParseRelease({{"metadata", {{"n", 1}}}}).ok());
}

TEST(SecretNames, AreTheOperators) {
  EXPECT_EQ(UserInputSecretName("wandb"), "wandb-spec-user");
  EXPECT_EQ(ActiveSecretName("wandb"), "wandb-spec-active");
  EXPECT_EQ(CachedReleaseSecretName("wandb"), "wandb-latest-cached-release");
}

TEST(EffectiveSpec, PutsTheOperatorsDefaultsBelowAll) {
  const EffectiveSpec spec = ComputeEffectiveSpec(
      {.values = {{"global", {{"host", "h"}}}}}, nullptr, nullptr,
      /*airgapped=*/false, "ops");
  EXPECT_EQ(spec.values, Json({{"global",
                                {{"host", "h"},
                                 {"operator",
                                  {{"apiVersion", "apps.wandb.com/v1"},
                                   {"namespace", "ops"}}}}}}));
  EXPECT_EQ(OriginMap(spec.values, spec.origins)["global.operator.namespace"],
            Origin::kOperatorDefault);
  EXPECT_TRUE(spec.chart.is_null());
  EXPECT_EQ(spec.chart_origin, std::nullopt);
}

TEST(EffectiveSpec, TakesChartAndMetadataWholeFromOneLayer) {
  const SpecLayer user = {.metadata = {{"from", "user"}}};
  const SpecLayer channel = {.chart = kChart,
                             .metadata = {{"from", "channel"}}};
  // A chart with a version alone is none, and inherits nothing.
  const EffectiveSpec spec = ComputeEffectiveSpec(
      {.chart = {{"version", "1"}}}, &user, &channel, false, "wandb");
  EXPECT_EQ(spec.chart, kChart);
  EXPECT_EQ(spec.chart_origin, Origin::kReleaseChannel);
  EXPECT_EQ(spec.metadata, user.metadata);
  const EffectiveSpec own = ComputeEffectiveSpec(
      {.chart = {{"path", "/charts/x"}}}, &user, &channel, false, "wandb");
  EXPECT_EQ(own.chart_origin, Origin::kCustomResource);
  const EffectiveSpec unknown =
      ComputeEffectiveSpec({.chart = {{"url", MakeUnknown(Unknown::kString)}}},
                           &user, &channel, false, "wandb");
  EXPECT_EQ(unknown.chart_origin, Origin::kCustomResource);
}

TEST(EffectiveSpec, IgnoresTheChannelWhenAirgapped) {
  const SpecLayer channel = {.chart = kChart, .values = {{"a", 1}}};
  const EffectiveSpec spec =
      ComputeEffectiveSpec({}, nullptr, &channel, /*airgapped=*/true, "wandb");
  EXPECT_FALSE(spec.values.contains("a"));
  EXPECT_TRUE(spec.chart.is_null());
}

TEST(EffectiveSpec, ReportsProblemsBetweenLowerLayers) {
  const SpecLayer user = {.values = {{"p", "1"}}};
  const SpecLayer channel = {.values = {{"p", 1}}};
  const EffectiveSpec spec =
      ComputeEffectiveSpec({}, &user, &channel, false, "wandb");
  ASSERT_EQ(spec.problems.size(), 1U);
  EXPECT_EQ(spec.problems[0].upper, Origin::kUserInput);
  EXPECT_EQ(spec.problems[0].lower, Origin::kReleaseChannel);
}

SpecLayer Active(const EffectiveSpec& spec) {
  return {.chart = spec.chart, .values = spec.values};
}

TEST(ActiveSpec, MatchesWhateverTheNumbersAreStoredAs) {
  const EffectiveSpec wanted = ComputeEffectiveSpec(
      {.chart = kChart, .values = {{"n", {1, 2.5, 9007199254740993}}}}, nullptr,
      nullptr, false, "wandb");
  SpecLayer active = Active(wanted);
  active.values["n"] = {1.0, 2.5, 9007199254740992};
  active.values["global"]["operator"]["namespace"] = "elsewhere";
  active.chart.update(
      {{"password", ""}, {"username", ""}, {"version", ""}, {"debug", false}});
  EXPECT_TRUE(ActiveSpecMatches(active, wanted));
  EXPECT_EQ(DescribeDifference(active, wanted, Mask()), "");
}

TEST(ActiveSpec, DiffersByAnyLeafOrTheChart) {
  Json chart = kChart;
  chart["version"] = "0.43.8";
  const EffectiveSpec wanted = ComputeEffectiveSpec(
      {.chart = chart,
       .values = {{"a", "s3cr3t"}, {"l", {1, 2}}, {"m", {{"x", nullptr}}}}},
      nullptr, nullptr, false, "wandb");
  const Mask mask({*ParsePath("a")});
  struct Case {
    const char* pointer;
    Json value;
    const char* text;
  };
  const Case cases[] = {
      {"/values/a", "0ther", "values.a is another value"},
      {"/values/a", nullptr, "values.a is another value"},
      {"/values/l/1", 3, "values.l[1] is 3, and should be 2"},
      {"/values/l", {1}, "values.l is another value"},
      {"/values/l", "text", "values.l is text, and should be a list"},
      {"/values/m", Json::object(),
       "values.m.x is missing, and should be null"},
      {"/values/new", 1, "values.new is 1, and should be gone"},
      {"/chart/version", "0.43.7",
       "applied last, chart.version is 0.43.7, and should be 0.43.8"},
      {"/chart/url", "https://u:0ther@charts.test",
       "chart.url is https://(sensitive)@charts.test, and should be "},
      {"/chart/password", "0ther", "chart.password should be gone"},
      {"/chart", nullptr, "chart is null, and should be a map"},
  };
  for (const Case& c : cases) {
    Json whole = {{"values", wanted.values}, {"chart", wanted.chart}};
    whole[Json::json_pointer(c.pointer)] = c.value;
    const SpecLayer active = {.chart = whole["chart"],
                              .values = whole["values"]};
    EXPECT_FALSE(ActiveSpecMatches(active, wanted)) << c.pointer;
    const std::string text = DescribeDifference(active, wanted, mask);
    EXPECT_THAT(text, HasSubstr(c.text));
    EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(text, Not(HasSubstr("0ther")));
  }
}

TEST(ActiveSpec, ShowsOnlyTheFirstDifferencesAndNoLongValues) {
  Json values;
  for (int i = 0; i < 50; ++i) {
    values[absl::StrCat("key", i)] = std::string(500, 'x');
  }
  const EffectiveSpec wanted =
      ComputeEffectiveSpec({.values = values}, nullptr, nullptr, false, "w");
  const std::string text = DescribeDifference({}, wanted, Mask());
  EXPECT_THAT(text, HasSubstr("; and more"));
  EXPECT_LT(text.size(), 500U);
}

TEST(ActiveSpec, HidesKnownSecretsBeforeItCutsValues) {
  const EffectiveSpec wanted = ComputeEffectiveSpec(
      {.values = {{"note", std::string(70, 'x') + " hunter2-hunter2"}}},
      nullptr, nullptr, false, "w");
  EXPECT_THAT(DescribeDifference({.values = {{"note", "y"}}}, wanted, Mask(),
                                 Scrubber({"hunter2-hunter2"})),
              Not(HasSubstr("hunt")));
}

TEST(Workloads, AreSelectedByTheLabelsThatHelmSets) {
  EXPECT_EQ(WorkloadSelector("wandb"),
            "app.kubernetes.io/managed-by=Helm,"
            "app.kubernetes.io/instance=wandb");
}

}  // namespace
}  // namespace wandb
