#include "wandb/merge.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ProblemKind = MergeProblem::Kind;

constexpr Origin kOrigins[] = {Origin::kCustomResource, Origin::kUserInput,
                               Origin::kReleaseChannel,
                               Origin::kOperatorDefault};

Merged MergeAll(const std::vector<Json>& layers) {
  std::vector<Layer> list;
  for (size_t i = 0; i < layers.size(); ++i) {
    list.push_back({kOrigins[i], &layers[i]});
  }
  return Merge(list);
}

TEST(Merge, AgreesWithTheVectorsOfTheOperator) {
  const Json file = ReadTestJson("merge-cases.json");
  const Json* cases = base::Find(file, "/cases");
  ASSERT_NE(cases, nullptr);
  EXPECT_EQ(cases->size(), 22U);
  for (const Json& c : *cases) {
    SCOPED_TRACE(base::StringAt(c, "/name").value_or(""));
    const Merged merged = MergeAll(*base::Find(c, "/layers"));
    const std::string error = base::StringAt(c, "/error").value_or("");
    if (const Json* want = base::Find(c, "/want")) {
      EXPECT_EQ(merged.values, *want);
      EXPECT_TRUE(merged.problems.empty());
      EXPECT_EQ(merged.origins.size(), Flatten(merged.values).size());
    } else {
      ASSERT_EQ(merged.problems.size(), 1U);
      EXPECT_EQ(merged.problems[0].kind, error == "panic"
                                             ? ProblemKind::kNullClash
                                             : ProblemKind::kKindClash);
    }
  }
}

TEST(Merge, ReportsEveryProblemWithPathAndBothSources) {
  const Merged merged = MergeAll({
      {{"a", "1"}, {"m", {{"x", nullptr}, {"l", {1}}}}},
      {{"m", {{"x", 1}}}, {"q", true}},
      {{"a", 1}, {"m", {{"l", {{"k", 1}}}}}, {"q", "true"}},
  });
  std::vector<std::string> texts;
  for (const MergeProblem& problem : merged.problems) {
    texts.push_back(
        absl::StrCat(FormatPath(problem.path), " ", OriginName(problem.upper),
                     " ", problem.upper_kind, " ", OriginName(problem.lower),
                     " ", problem.lower_kind));
  }
  EXPECT_THAT(texts,
              ElementsAre("a custom_resource string release_channel number",
                          "m.l custom_resource list release_channel map",
                          "m.x custom_resource null user_input number",
                          "q user_input bool release_channel string"));
  EXPECT_EQ(
      merged.values,
      Json({{"a", "1"}, {"m", {{"x", nullptr}, {"l", {1}}}}, {"q", true}}));
}

TEST(Merge, DescribesAProblemWithoutItsValues) {
  const Merged merged =
      MergeAll({{{"global", {{"port", "s3cr3t"}}}, {"n", nullptr}},
                {{"global", {{"port", 6379}}}, {"n", 1}}});
  ASSERT_EQ(merged.problems.size(), 2U);
  EXPECT_EQ(Describe(merged.problems[0]),
            "global.port is a string in the custom resource and a number in "
            "the user input of the System Console: the operator can't merge "
            "different kinds, applies nothing, and says so only in its log");
  EXPECT_THAT(Describe(merged.problems[1]),
              HasSubstr("n is null in the custom resource and a number"));
  EXPECT_THAT(Describe(merged.problems[1]), HasSubstr("crashes"));
}

TEST(Merge, GivesEachLeafItsOrigin) {
  const Merged merged = MergeAll({{{"l", {"a"}}, {"e", Json::object()}},
                                  {{"l", {"b"}}, {"m", {{"x", 1}}}},
                                  {{"m", {{"x", 2}, {"y", 3}}}},
                                  {{"e", Json::object()}}});
  EXPECT_THAT(OriginMap(merged.values, merged.origins),
              ElementsAre(Pair("e", Origin::kCustomResource),
                          Pair("l[0]", Origin::kCustomResource),
                          Pair("l[1]", Origin::kUserInput),
                          Pair("m.x", Origin::kUserInput),
                          Pair("m.y", Origin::kReleaseChannel)));
}

TEST(Merge, OfNothingIsEmpty) {
  EXPECT_EQ(Merge({}).values, Json::object());
  EXPECT_EQ(Merge({{Origin::kCustomResource, nullptr}}).values, Json::object());
}

// The operator's own way: two at a time, without origins. False on failure.
bool Fold(const Json& upper, const Json& lower, Json& result) {
  if (upper.is_null() || lower.is_null()) return false;
  if (KindName(upper) != KindName(lower)) return false;
  result = upper;
  if (upper.is_array()) {
    for (const Json& element : lower) result.push_back(element);
  } else if (upper.is_object()) {
    for (const auto& [key, value] : lower.items()) {
      const auto found = result.find(key);
      if (found == result.end()) {
        result.emplace(key, value);
        continue;
      }
      Json merged;
      if (!Fold(*found, value, merged)) return false;
      *found = merged;
    }
  }
  return true;
}

TEST(Merge, IsTheOperatorsFoldOfTwoAtATime) {
  RandomTrees random(3);
  int merged_well = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::vector<Json> layers = {random.Object(3), random.Object(3),
                                      random.Object(3)};
    const Merged merged = MergeAll(layers);
    Json first;
    Json all;
    const bool ok =
        Fold(layers[0], layers[1], first) && Fold(first, layers[2], all);
    EXPECT_EQ(ok, merged.problems.empty());
    if (!ok) continue;
    EXPECT_EQ(merged.values, all);
    ++merged_well;
  }
  EXPECT_GT(merged_well, 500);
}

// The number of elements that layers stronger than `layer` put into each list
// on the way moves an element down; take that off again.
Path InLayer(const std::vector<Json>& layers, size_t layer, const Path& path) {
  Path result;
  for (const Step& step : path) {
    Step own = step;
    if (step.IsIndex()) {
      for (size_t i = 0; i < layer; ++i) {
        // Once in a list, the path belongs to this layer alone.
        const bool outermost =
            std::none_of(result.begin(), result.end(),
                         [](const Step& s) { return s.IsIndex(); });
        const Json* list = outermost ? FindPath(layers[i], result) : nullptr;
        if (list != nullptr && list->is_array()) *own.index -= list->size();
      }
    }
    result.push_back(own);
  }
  return result;
}

TEST(Merge, TakesEveryLeafUnchangedFromTheLayerItNames) {
  RandomTrees random(4);
  for (int i = 0; i < 5000; ++i) {
    const std::vector<Json> layers = {random.Object(3), random.Object(3),
                                      random.Object(3)};
    const Merged merged = MergeAll(layers);
    size_t leaves = 0;
    ForEachLeaf(merged.values, [&](const Path& path, const std::string& text,
                                   const Json& leaf) {
      ASSERT_LT(leaves, merged.origins.size());
      if (!merged.problems.empty()) return;
      const auto layer = static_cast<size_t>(std::find(std::begin(kOrigins),
                                                       std::end(kOrigins),
                                                       merged.origins[leaves]) -
                                             std::begin(kOrigins));
      ASSERT_LT(layer, layers.size());
      const Json* source =
          FindPath(layers[layer], InLayer(layers, layer, path));
      ASSERT_NE(source, nullptr) << text;
      EXPECT_EQ(*source, leaf) << text;
      ++leaves;
    });
    if (merged.problems.empty()) {
      EXPECT_EQ(leaves, merged.origins.size());
    }
  }
}

TEST(Merge, TreatsUnknownLeavesAsScalarsOfTheirKind) {
  const Json s = MakeUnknown(Unknown::kString);
  const Json n = MakeUnknown(Unknown::kNumber);
  struct Case {
    Json upper, lower, want;
    size_t problems;
  };
  const Case cases[] = {
      {s, "x", s, 0},
      {"x", s, "x", 0},
      {n, 1, n, 0},
      {s, 1, s, 1},
      {n, "x", n, 1},
      {s, Json::object(), s, 1},
      {Json::array(), s, Json::array(), 1},
      {s, nullptr, s, 1},
      {nullptr, s, nullptr, 1},
  };
  for (const Case& c : cases) {
    const Merged merged = MergeAll({{{"k", c.upper}}, {{"k", c.lower}}});
    EXPECT_EQ(merged.values, Json({{"k", c.want}}));
    EXPECT_EQ(merged.problems.size(), c.problems);
  }
}

TEST(Merge, SpreadsAnUnknownShapeOnlyAsFarAsItReaches) {
  const Json u = MakeUnknown(Unknown::kShape);
  const Merged over = MergeAll({{{"k", u}, {"x", 1}}, {{"k", {{"a", 1}}}}});
  EXPECT_EQ(over.values, Json({{"k", u}, {"x", 1}}));
  EXPECT_THAT(over.origins,
              ElementsAre(Origin::kCustomResource, Origin::kCustomResource));
  const Merged under =
      MergeAll({{{"k", {{"a", 1}}}, {"s", "t"}}, {{"k", u}, {"s", u}}});
  EXPECT_EQ(under.values, Json({{"k", u}, {"s", "t"}}));
  EXPECT_TRUE(under.problems.empty());
  const Merged null = MergeAll({{{"k", u}}, {{"k", nullptr}}});
  ASSERT_EQ(null.problems.size(), 1U);
  EXPECT_EQ(null.problems[0].kind, ProblemKind::kNullClash);
}

TEST(Merge, ChecksTheLayersAroundAnUnknownShape) {
  const Merged merged =
      MergeAll({MakeUnknown(Unknown::kShape), {{"p", "1"}}, {{"p", 1}}});
  EXPECT_TRUE(HasUnknownShape(merged.values));
  ASSERT_EQ(merged.problems.size(), 1U);
  EXPECT_EQ(FormatPath(merged.problems[0].path), "p");
}

// Makes some of `tree` unknown.
Json Blur(RandomTrees& random, const Json& tree, bool top = true) {
  if (!top && random.Below(8) == 0 && !tree.is_null()) {
    if (tree.is_string()) return MakeUnknown(Unknown::kString);
    if (tree.is_number()) return MakeUnknown(Unknown::kNumber);
    if (tree.is_boolean()) return MakeUnknown(Unknown::kBool);
    return MakeUnknown(Unknown::kShape);
  }
  Json result = tree;
  if (tree.is_structured()) {
    for (Json& child : result) child = Blur(random, child, false);
  }
  return result;
}

TEST(Merge, OfPartlyUnknownLayersShowsOnlyWhatWillBe) {
  RandomTrees random(5);
  int checked = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::vector<Json> known = {random.Object(3), random.Object(3),
                                     random.Object(3)};
    std::vector<Json> blurred;
    for (const Json& layer : known) blurred.push_back(Blur(random, layer));
    const Merged later = MergeAll(known);
    const Merged now = MergeAll(blurred);
    EXPECT_EQ(now.origins.size(), Flatten(now.values).size());
    if (!later.problems.empty()) continue;
    EXPECT_TRUE(now.problems.empty());
    const auto origins = OriginMap(later.values, later.origins);
    size_t at = 0;
    ForEachLeaf(now.values, [&](const Path& path, const std::string& text,
                                const Json& leaf) {
      const Origin origin = now.origins[at++];
      if (UnknownKind(leaf) == Unknown::kShape) return;
      const Json* value = FindPath(later.values, path);
      ASSERT_NE(value, nullptr) << text;
      if (UnknownKind(leaf).has_value()) {
        EXPECT_EQ(KindName(leaf), KindName(*value)) << text;
      } else {
        EXPECT_EQ(leaf, *value) << text;
      }
      EXPECT_EQ(origins.at(text), origin) << text;
      ++checked;
    });
  }
  EXPECT_GT(checked, 1000);
}

// Generous for a debug build with sanitizers; quadratic work would take
// minutes.
TEST(Merge, IsQuickForManyLeaves) {
  Json upper;
  Json lower;
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 100; ++j) {
      upper[absl::StrCat("group", i)][absl::StrCat("key", j)] = "value";
      lower[absl::StrCat("group", i)][absl::StrCat("key", j * 2)] = "other";
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const Merged merged = MergeAll({upper, lower});
  const std::vector<Leaf> leaves = Flatten(merged.values);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  EXPECT_EQ(leaves.size(), 15000U);
  EXPECT_LT(took.count(), 2);
  RecordProperty("milliseconds", absl::StrCat(took.count() * 1000));
}

}  // namespace
}  // namespace wandb
