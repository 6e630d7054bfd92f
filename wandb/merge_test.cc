#include "wandb/merge.h"

#include <algorithm>
#include <chrono>
#include <map>

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

constexpr size_t kFirst = 0, kSecond = 1, kThird = 2;

Merged MergeAll(const std::vector<Json>& trees) {
  std::vector<const Json*> list;
  for (const Json& tree : trees) list.push_back(&tree);
  return Merge(list);
}

// FormatPath(leaf) -> source.
std::map<std::string, size_t> SourceMap(const Merged& merged) {
  std::map<std::string, size_t> result;
  for (const Leaf& leaf : Flatten(merged.values)) {
    const size_t i = result.size();
    result.emplace(leaf.path, merged.sources.at(i));
  }
  return result;
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
      EXPECT_TRUE(merged.clashes.empty());
      EXPECT_EQ(merged.sources.size(), Flatten(merged.values).size());
    } else {
      ASSERT_EQ(merged.clashes.size(), 1U);
      EXPECT_EQ(merged.clashes[0].kind,
                error == "panic" ? Clash::Kind::kNull : Clash::Kind::kKinds);
    }
  }
}

TEST(Merge, ReportsEveryClashWithPathAndBothTrees) {
  const Merged merged = MergeAll({
      {{"a", "1"}, {"m", {{"x", nullptr}, {"l", {1}}}}},
      {{"m", {{"x", 1}}}, {"q", true}},
      {{"a", 1}, {"m", {{"l", {{"k", 1}}}}}, {"q", "true"}},
  });
  std::vector<std::string> texts;
  for (const Clash& clash : merged.clashes) {
    texts.push_back(absl::StrCat(FormatPath(clash.path), " ", clash.upper, " ",
                                 clash.upper_kind, " ", clash.lower, " ",
                                 clash.lower_kind));
  }
  EXPECT_THAT(texts, ElementsAre("a 0 string 2 number", "m.l 0 list 2 map",
                                 "m.x 0 null 1 number", "q 1 bool 2 string"));
  EXPECT_EQ(
      merged.values,
      Json({{"a", "1"}, {"m", {{"x", nullptr}, {"l", {1}}}}, {"q", true}}));
}

TEST(ProblemOf, NamesPathAndBothSourcesAndNoValue) {
  const Merged merged =
      MergeAll({{{"global", {{"port", "s3cr3t"}}}, {"n", nullptr}},
                {{"global", {{"port", 6379}}}, {"n", 1}}});
  ASSERT_EQ(merged.clashes.size(), 2U);
  EXPECT_EQ(
      ProblemOf(merged.clashes[0], "one.yaml", "other.yaml"),
      (Problem{.id = "kind-clash",
               .path = "global.port",
               .message = "global.port is a string in one.yaml and a number "
                          "in other.yaml: the operator can't merge different "
                          "kinds, applies nothing, and says so only in its "
                          "log."}));
  const Problem null = ProblemOf(merged.clashes[1], "one.yaml", "other.yaml");
  EXPECT_EQ(null.id, "null-clash");
  EXPECT_THAT(null.message, HasSubstr("n is null in one.yaml and a number"));
  EXPECT_THAT(null.message, HasSubstr("crashes"));
}

TEST(Merge, GivesEachLeafItsSource) {
  const Merged merged = MergeAll({{{"l", {"a"}}, {"e", Json::object()}},
                                  {{"l", {"b"}}, {"m", {{"x", 1}}}},
                                  {{"m", {{"x", 2}, {"y", 3}}}},
                                  {{"e", Json::object()}}});
  EXPECT_THAT(SourceMap(merged),
              ElementsAre(Pair("e", kFirst), Pair("l[0]", kFirst),
                          Pair("l[1]", kSecond), Pair("m.x", kSecond),
                          Pair("m.y", kThird)));
}

TEST(Merge, OfNothingIsEmpty) {
  EXPECT_EQ(Merge(std::vector<Json>()).values, Json::object());
  const Json null;
  EXPECT_EQ(Merge({nullptr, &null}).values, Json::object());
  EXPECT_TRUE(Merge({nullptr, &null}).sources.empty());
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
    EXPECT_EQ(ok, merged.clashes.empty());
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
      ASSERT_LT(leaves, merged.sources.size());
      if (!merged.clashes.empty()) return;
      const size_t layer = merged.sources[leaves];
      ASSERT_LT(layer, layers.size());
      const Json* source =
          FindPath(layers[layer], InLayer(layers, layer, path));
      ASSERT_NE(source, nullptr) << text;
      EXPECT_EQ(*source, leaf) << text;
      ++leaves;
    });
    if (merged.clashes.empty()) {
      EXPECT_EQ(leaves, merged.sources.size());
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
    EXPECT_EQ(merged.clashes.size(), c.problems);
  }
}

TEST(Merge, SpreadsAnUnknownShapeOnlyAsFarAsItReaches) {
  const Json u = MakeUnknown(Unknown::kShape);
  const Merged over = MergeAll({{{"k", u}, {"x", 1}}, {{"k", {{"a", 1}}}}});
  EXPECT_EQ(over.values, Json({{"k", u}, {"x", 1}}));
  EXPECT_THAT(over.sources, ElementsAre(kFirst, kFirst));
  const Merged under =
      MergeAll({{{"k", {{"a", 1}}}, {"s", "t"}}, {{"k", u}, {"s", u}}});
  EXPECT_EQ(under.values, Json({{"k", u}, {"s", "t"}}));
  EXPECT_TRUE(under.clashes.empty());
  const Merged null = MergeAll({{{"k", u}}, {{"k", nullptr}}});
  ASSERT_EQ(null.clashes.size(), 1U);
  EXPECT_EQ(null.clashes[0].kind, Clash::Kind::kNull);
}

TEST(Merge, ChecksTheLayersAroundAnUnknownShape) {
  const Merged merged =
      MergeAll({MakeUnknown(Unknown::kShape), {{"p", "1"}}, {{"p", 1}}});
  EXPECT_TRUE(HasUnknownShape(merged.values));
  ASSERT_EQ(merged.clashes.size(), 1U);
  EXPECT_EQ(FormatPath(merged.clashes[0].path), "p");
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
    EXPECT_EQ(now.sources.size(), Flatten(now.values).size());
    if (!later.clashes.empty()) continue;
    EXPECT_TRUE(now.clashes.empty());
    const auto sources = SourceMap(later);
    size_t at = 0;
    ForEachLeaf(now.values, [&](const Path& path, const std::string& text,
                                const Json& leaf) {
      const size_t source = now.sources[at++];
      if (UnknownKind(leaf) == Unknown::kShape) return;
      const Json* value = FindPath(later.values, path);
      ASSERT_NE(value, nullptr) << text;
      if (UnknownKind(leaf).has_value()) {
        EXPECT_EQ(KindName(leaf), KindName(*value)) << text;
      } else {
        EXPECT_EQ(leaf, *value) << text;
      }
      EXPECT_EQ(sources.at(text), source) << text;
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
