#include "wandb/spec/readiness.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/layers.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

const Json kChart = {{"url", "https://charts.wandb.ai"},
                     {"name", "operator-wandb"}};

EffectiveSpec Wanted(const SpecLayer& layer) {
  return MergeLayers({.custom_resource = &layer});
}

SpecLayer Active(const EffectiveSpec& spec) {
  return {.chart = spec.chart, .values = spec.values};
}

TEST(ActiveSpec, MatchesWhateverTheNumbersAreStoredAs) {
  const EffectiveSpec wanted =
      Wanted({.chart = kChart, .values = {{"n", {1, 2.5, 9007199254740993}}}});
  SpecLayer active = Active(wanted);
  active.values["n"] = {1.0, 2.5, 9007199254740992};
  active.values["global"]["operator"]["namespace"] = "elsewhere";
  active.chart.update(
      {{"password", ""}, {"username", ""}, {"version", ""}, {"debug", false}});
  EXPECT_TRUE(ActiveSpecMatches(active, wanted));
  EXPECT_EQ(DescribeDifference(active, wanted, Mask(), Scrubber()), "");
}

TEST(ActiveSpec, DiffersByAnyLeafOrTheChart) {
  Json chart = kChart;
  chart["version"] = "0.43.8";
  const EffectiveSpec wanted = Wanted(
      {.chart = chart,
       .values = {{"a", "s3cr3t"}, {"l", {1, 2}}, {"m", {{"x", nullptr}}}}});
  const Mask mask({*ParsePath("a")});
  struct Case {
    const char* pointer;
    Json value;
    const char* text;
  };
  const Case cases[] = {
      {"/values/a", "0ther", "values.a is another value"},
      {"/values/a", nullptr, "values.a is another value"},
      {"/values/l/1", 3, "values.l[1] should be 2"},
      {"/values/l", {1}, "values.l is another value"},
      {"/values/l", "0ther", "values.l should be a list"},
      {"/values/m", Json::object(),
       "values.m.x is missing, and should be null"},
      {"/values/new", "0ther", "values.new should be gone"},
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
    const std::string text =
        DescribeDifference(active, wanted, mask, Scrubber());
    EXPECT_THAT(text, HasSubstr(c.text));
    EXPECT_THAT(text, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(text, Not(HasSubstr("0ther")));
  }
}

TEST(ActiveSpec, NamesKeysInBracketsWithoutADot) {
  EXPECT_THAT(DescribeDifference({.values = {{"a/b", {{"q\"r", 1}}}}}, {},
                                 Mask(), Scrubber()),
              HasSubstr(R"(, values["a/b"] is)"));
  EXPECT_EQ(FormatPath("values", {Step::Key("q\"r"), Step::Key("s")}),
            R"(values["q\"r"].s)");
  EXPECT_EQ(FormatPath("values", {Step::Index(1)}), "values[1]");
  EXPECT_EQ(FormatPath("values", {}), "values");
}

TEST(ActiveSpec, ShowsOnlyTheFirstDifferencesAndNoLongValues) {
  Json values;
  for (int i = 0; i < 50; ++i) {
    values[absl::StrCat("key", i)] = std::string(500, 'x');
  }
  const EffectiveSpec wanted = Wanted({.values = values});
  const std::string text = DescribeDifference({}, wanted, Mask(), Scrubber());
  EXPECT_THAT(text, HasSubstr("; and more"));
  EXPECT_LT(text.size(), 500U);
}

TEST(ActiveSpec, HidesKnownSecretsBeforeItCutsValues) {
  const EffectiveSpec wanted =
      Wanted({.values = {{"note", std::string(70, 'x') + " hunter2-hunter2"}}});
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
