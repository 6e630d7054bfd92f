#include "wandb/spec/configured_values.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/custom_resource.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

TypedSetting MakeTypedSetting(const std::string& attribute, base::Json value) {
  return {attribute, *ParsePath("global." + attribute), std::move(value)};
}

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ConfiguredValues, StrongerSourcesReplaceAllButMaps) {
  const ConfiguredValues merged = MergeConfiguredValues({
      .values_yaml = {{{"m", {{"a", 1}, {"b", 1}}}, {"l", {1, 2}}, {"s", "1"}},
                      {{"m", {{"b", 2}, {"c", 2}}},
                       {"n", 1},
                       {"x", {{"y", 1}}}}},
      .values = {{"m", {{"c", 3}}}, {"l", {3}}, {"n", nullptr}, {"x", "flat"}},
      .sensitive_values = {{"m", {{"d", "4"}}}, {"s", {{"now", "map"}}}},
      .typed = {MakeTypedSetting("host", "https://h"),
                MakeTypedSetting("license", nullptr)},
  });
  EXPECT_THAT(merged.problems, IsEmpty());
  EXPECT_EQ(merged.values,
            Json({{"m", {{"a", 1}, {"b", 2}, {"c", 3}, {"d", "4"}}},
                  {"l", {3}},
                  {"s", {{"now", "map"}}},
                  {"n", nullptr},
                  {"x", "flat"},
                  {"global", {{"host", "https://h"}}}}));
  EXPECT_THAT(merged.sensitive,
              ElementsAre(*ParsePath("m.d"), *ParsePath("s.now")));
}

TEST(ConfiguredValues, AreAbsentWithoutASource) {
  EXPECT_TRUE(MergeConfiguredValues({}).values.is_null());
  EXPECT_EQ(MergeConfiguredValues({.values = Json::object()}).values,
            Json::object());
}

TEST(ConfiguredValues, EmptySensitiveMapHidesNothing) {
  const ConfiguredValues merged = MergeConfiguredValues(
      {.sensitive_values = {{"global", Json::object()}, {"l", Json::array()}}});
  EXPECT_THAT(merged.sensitive, IsEmpty());
}

TEST(ConfiguredValues, WholeUnknownSensitiveValuesHideEverything) {
  const ConfiguredValues merged = MergeConfiguredValues(
      {.values = {{"a", 1}}, .sensitive_values = MakeUnknown(Unknown::kShape)});
  EXPECT_THAT(merged.sensitive, ElementsAre(Path{}));
  EXPECT_TRUE(HasUnknownShape(merged.values));
  EXPECT_THAT(merged.problems, IsEmpty());
}

TEST(ConfiguredValues, TypedSettingBesideADifferentValueIsAProblem) {
  struct Case {
    const char* name;
    Json values, sensitive;
    const char* path;  // Null: no problem.
    const char* other;
  };
  const Json unknown = MakeUnknown(Unknown::kString);
  const Case cases[] = {
      {"different",
       {{"global", {{"host", "b"}}}},
       nullptr,
       "global.host",
       "`values`"},
      {"equal", {{"global", {{"host", "a"}}}}, nullptr, nullptr, ""},
      {"sensitive",
       nullptr,
       {{"global", {{"host", "b"}}}},
       "global.host",
       "`sensitive_values`"},
      {"null",
       {{"global", {{"host", nullptr}}}},
       nullptr,
       "global.host",
       "`values`"},
      {"other kind",
       {{"global", {{"host", {{"a", 1}}}}}},
       nullptr,
       "global.host",
       "`values`"},
      {"no map on the way",
       {{"global", "text"}},
       nullptr,
       "global",
       "`values`"},
      {"neighbour", {{"global", {{"size", "s"}}}}, nullptr, nullptr, ""},
      {"unknown", {{"global", {{"host", unknown}}}}, nullptr, nullptr, ""},
      {"unknown map",
       {{"global", MakeUnknown(Unknown::kShape)}},
       nullptr,
       nullptr,
       ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const ConfiguredValues merged =
        MergeConfiguredValues({.values = c.values,
                               .sensitive_values = c.sensitive,
                               .typed = {MakeTypedSetting("host", "a")}});
    ASSERT_EQ(merged.problems.size(), c.path == nullptr ? 0U : 1U);
    if (c.path == nullptr) continue;
    EXPECT_EQ(merged.problems[0].source->attribute, "host");
    EXPECT_EQ(merged.problems[0].path, c.path);
    EXPECT_THAT(merged.problems[0].message, HasSubstr("`host`"));
    EXPECT_THAT(merged.problems[0].message, HasSubstr(c.other));
  }
}

TEST(ConfiguredValues, WhatIsNoMapBesideManySettingsIsOneProblem) {
  const auto typed = [](const char* key) {
    return TypedSetting{key, {Step::Key("global"), Step::Key(key)}, "x"};
  };
  const auto problems =
      MergeConfiguredValues({.values = {{"global", nullptr}},
                             .typed = {typed("host"), typed("license")}})
          .problems;
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(problems[0].path, "global");
}

TEST(ConfiguredValues, TypedSettingOverridesYamlWithoutAWord) {
  const ConfiguredValues merged =
      MergeConfiguredValues({.values_yaml = {{{"global", {{"host", "b"}}}}},
                             .typed = {MakeTypedSetting("host", "a")}});
  EXPECT_THAT(merged.problems, IsEmpty());
  EXPECT_EQ(merged.values, Json({{"global", {{"host", "a"}}}}));
}

TEST(ConfiguredValues, SourceThatIsNoMapIsNamed) {
  const ConfiguredValues merged =
      MergeConfiguredValues({.values_yaml = {Json::object(), Json({1})},
                             .values = "text",
                             .sensitive_values = {{"a", 1}}});
  ASSERT_EQ(merged.problems.size(), 2U);
  EXPECT_EQ(merged.problems[0].source, (Source{"values_yaml", 1}));
  EXPECT_THAT(merged.problems[0].message,
              HasSubstr("`values_yaml[1]` must be a map, and is a list"));
  EXPECT_THAT(merged.problems[1].message, HasSubstr("is a string"));
  EXPECT_EQ(merged.values, Json({{"a", 1}}));
}

TEST(ConfiguredValues, TextInThePlaceOfAMapGetsTheRightHint) {
  const ConfiguredValues merged = MergeConfiguredValues(
      {.values_yaml = {"./conf/values.yaml", "{\"a\": \"hunter2\"}"},
       .values = "{\"a\":\"hunter2\"}"});
  ASSERT_EQ(merged.problems.size(), 3U);
  EXPECT_THAT(merged.problems[0].message, HasSubstr("file(\"...\")"));
  EXPECT_THAT(merged.problems[1].message, HasSubstr("encoded twice"));
  EXPECT_THAT(merged.problems[2].message, HasSubstr("Take jsonencode()"));
  for (const Problem& problem : merged.problems) {
    EXPECT_THAT(problem.message, Not(HasSubstr("hunter2")));
  }
}

// Plans print `values_yaml`.
TEST(ConfiguredValues, SensitiveTextIsNotSentToWherePlansShowIt) {
  const ConfiguredValues merged = MergeConfiguredValues(
      {.values = "a: 1", .sensitive_values = "a: hunter2"});
  ASSERT_EQ(merged.problems.size(), 2U);
  EXPECT_THAT(merged.problems[0].message,
              HasSubstr("put the text into `values_yaml`"));
  EXPECT_THAT(merged.problems[1].message,
              AllOf(HasSubstr("write the map itself, or decode the text: "
                              "yamldecode(...) or jsondecode(...)"),
                    Not(HasSubstr("values_yaml"))));
}

TEST(ConfiguredValues, IntegerThatADoubleCantHoldIsAProblem) {
  const ConfiguredValues merged = MergeConfiguredValues(
      {.values_yaml = {{{"b", 9007199254740993}}},
       .values = {{"a", {{"n", 9007199254740993}}}, {"ok", 9007199254740992}}});
  ASSERT_EQ(merged.problems.size(), 2U);
  EXPECT_EQ(merged.problems[0].source->attribute, "values");
  EXPECT_EQ(merged.problems[0].path, "a.n");
  EXPECT_EQ(merged.problems[1].source->attribute, "values_yaml");
  EXPECT_THAT(merged.problems[0].message, HasSubstr("string"));
  EXPECT_THAT(merged.problems[0].message, Not(HasSubstr("9007199254740993")));
}

// Each leaf's strongest writer; of a section, that of its strongest leaf.
TEST(LeafSources, NameWhoWroteWhat) {
  const ConfiguredValues merged = MergeConfiguredValues(
      {.values_yaml = {{{"a", {{"x", 1}, {"y", 1}}}, {"l", {1, 2}}, {"n", 1}},
                       {{"a", {{"y", 2}}}, {"l", {3}}, {"n", {{"k", 1}}}}},
       .values = {{"a", {{"z", 3}}}, {"e", Json::object()}},
       .typed = {MakeTypedSetting("host", "h"),
                 MakeTypedSetting("license", nullptr)}});
  const auto at = [&](const char* path) {
    std::vector<Problem> problems = {{.path = path}};
    merged.sources.NameIn(merged.values, problems);
    return problems[0].source.has_value() ? SourceName(*problems[0].source)
                                          : "nobody";
  };
  EXPECT_EQ(at("a.x"), "values_yaml[0]");
  EXPECT_EQ(at("a.y"), "values_yaml[1]");
  EXPECT_EQ(at("a.z"), "values");
  EXPECT_EQ(at("a"), "values");
  EXPECT_EQ(at("e"), "values");
  EXPECT_EQ(at("l[0]"), "values_yaml[1]");
  EXPECT_EQ(at("l[1]"), "nobody");
  EXPECT_EQ(at("n.k"), "values_yaml[1]");
  EXPECT_EQ(at("global.host"), "host");
  EXPECT_EQ(at("global.license"), "nobody");
  EXPECT_TRUE(merged.sources.AreSeveral());
  EXPECT_FALSE(MergeConfiguredValues({.values = {{"a", 1}, {"b", 2}},
                                      .sensitive_values = Json::object()})
                   .sources.AreSeveral());
}

TEST(LeafSources, MembersOfOneSettingAreThatSetting) {
  const auto setting = [](const char* attribute, const char* path) {
    return TypedSetting{attribute, *ParsePath(path), "x"};
  };
  const ConfiguredValues merged = MergeConfiguredValues(
      {.values = {{"global", {{"mysql", {{"x", "y"}}}}}},
       .typed = {setting("host", "global.host"),
                 setting("mysql.host", "global.mysql.host"),
                 setting("mysql.ca_cert.name", "global.mysql.caCert.name"),
                 setting("mysql.ca_cert.key", "global.mysql.caCert.key")}});
  const auto at = [&](const char* path) {
    std::vector<Problem> problems = {{.path = path}};
    merged.sources.NameIn(merged.values, problems);
    return SourceName(*problems[0].source);
  };
  EXPECT_EQ(at("global.mysql"), "mysql");
  EXPECT_EQ(at("global.mysql.caCert"), "mysql.ca_cert");
  EXPECT_EQ(at("global.mysql.host"), "mysql.host");
  EXPECT_EQ(at("global.mysql.x"), "values");
}

// All leaves, in all shapes: of two trees, the last that has the leaf wrote it.
TEST(LeafSources, AgreeWithTheMergeOfRandomTrees) {
  RandomTrees random(7);
  for (int i = 0; i < 2000; ++i) {
    const std::vector<Json> trees = {random.Object(3), random.Object(3),
                                     random.Object(3)};
    const ConfiguredValues merged =
        MergeConfiguredValues({.values_yaml = trees});
    std::vector<Problem> problems;
    for (const Leaf& leaf : Flatten(merged.values)) {
      if (!leaf.path.empty()) problems.push_back({.path = leaf.path});
    }
    merged.sources.NameIn(merged.values, problems);
    for (const Problem& problem : problems) {
      ASSERT_TRUE(problem.source.has_value()) << problem.path;
      const Path path = *ParsePath(problem.path);
      const Json* wrote = FindPath(trees[*problem.source->element], path);
      ASSERT_NE(wrote, nullptr) << problem.path;
      EXPECT_EQ(*wrote, *FindPath(merged.values, path)) << problem.path;
    }
  }
}

TEST(UnsafeIntegers, AreThoseThatChangeInADouble) {
  const int64_t exact = int64_t{1} << 53;
  const Json safe = {0,
                     1,
                     -1,
                     exact,
                     -exact,
                     exact + 2,
                     int64_t{1} << 62,
                     INT64_MIN,
                     uint64_t{1} << 63,
                     1e300,
                     0.1,
                     "9007199254740993"};
  EXPECT_THAT(UnsafeIntegers(safe), IsEmpty());
  for (const Json& number :
       {Json(exact + 1), Json(-exact - 1), Json(INT64_MAX), Json(UINT64_MAX)}) {
    EXPECT_EQ(UnsafeIntegers({{"n", number}}).size(), 1U) << number.dump();
  }
}

TEST(ConfiguredValues, UnknownShapeSwallowsWhatDependsOnIt) {
  const Json u = MakeUnknown(Unknown::kShape);
  struct Case {
    Json weak, strong, want;
  };
  const Case cases[] = {
      {{{"a", 1}}, u, u},
      {u, {{"a", 1}}, u},
      {u, "text", "text"},
      {"text", u, u},
      {u, {1}, {1}},
      {{{"a", 1}},
       {{"a", MakeUnknown(Unknown::kNumber)}},
       {{"a", MakeUnknown(Unknown::kNumber)}}},
  };
  for (const Case& c : cases) {
    const ConfiguredValues merged = MergeConfiguredValues(
        {.values_yaml = {{{"k", c.weak}}}, .values = {{"k", c.strong}}});
    EXPECT_EQ(merged.values, Json({{"k", c.want}}));
  }
}

TEST(CustomResource, HasTheStandardLabelsUnlessTheyAreGiven) {
  const Json resource = MakeCustomResource(
      {.name = "wandb",
       .ns = "default",
       .labels = {{"team", "ml"}, {"app.kubernetes.io/instance", "other"}},
       .annotations = {{"a", "b"}},
       .chart = {{"path", "/charts/x"}},
       .values = {{"global", {{"host", "h"}}}}});
  EXPECT_EQ(resource, Json({{"apiVersion", "apps.wandb.com/v1"},
                            {"kind", "WeightsAndBiases"},
                            {"metadata",
                             {{"name", "wandb"},
                              {"namespace", "default"},
                              {"labels",
                               {{"app.kubernetes.io/name", "weightsandbiases"},
                                {"app.kubernetes.io/instance", "other"},
                                {"team", "ml"}}},
                              {"annotations", {{"a", "b"}}}}},
                            {"spec",
                             {{"chart", {{"path", "/charts/x"}}},
                              {"values", {{"global", {{"host", "h"}}}}}}}}));
}

TEST(CustomResource, LeavesOutOnlyWhatIsAbsent) {
  const Json absent = MakeCustomResource({.name = "w", .ns = "n"});
  EXPECT_EQ(*base::Find(absent, "/spec"), Json::object());
  EXPECT_FALSE(base::Find(absent, "/metadata")->contains("annotations"));
  const Json empty =
      MakeCustomResource({.name = "w", .ns = "n", .values = Json::object()});
  EXPECT_EQ(*base::Find(empty, "/spec"), Json({{"values", Json::object()}}));
}

}  // namespace
}  // namespace wandb
