#include "resources/instance/drift.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wandb/leaf_map.h"

namespace resources {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::map<std::string, std::string> Live(
    const Json& wrote, const Json& live,
    const std::vector<std::string>& secret = {}) {
  std::vector<wandb::Path> paths;
  for (const std::string& text : secret) {
    paths.push_back(wandb::ParsePath(text).value());
  }
  std::map<std::string, std::string> out;
  for (const auto& [path, text] :
       LiveLeafMap(wrote, live, wandb::Mask(paths))) {
    out[path] = text.value_or("(unknown)");
  }
  return out;
}

TEST(LiveLeafMapTest, EqualValuesReadAsWritten) {
  const Json tree = {{"a", {{"b", 1}, {"c", {"x", true}}}}, {"d", nullptr}};
  EXPECT_THAT(Live(tree, tree),
              ElementsAre(Pair("a.b", "1"), Pair("a.c[0]", "x"),
                          Pair("a.c[1]", "true"), Pair("d", "null")));
}

TEST(LiveLeafMapTest, ChangedValuesShow) {
  EXPECT_THAT(Live({{"a", 1}, {"b", "x"}}, {{"a", 2}, {"b", "y"}}),
              ElementsAre(Pair("a", "2"), Pair("b", "y")));
}

TEST(LiveLeafMapTest, VanishedValuesAreLeftOut) {
  EXPECT_THAT(Live({{"a", 1}, {"b", {{"c", 2}}}}, {{"a", 1}}),
              ElementsAre(Pair("a", "1")));
  EXPECT_THAT(Live({{"a", {1, 2}}}, {{"a", {1}}}),
              ElementsAre(Pair("a[0]", "1")));
}

TEST(LiveLeafMapTest, KeysThatWeDidNotWriteDoNotCount) {
  EXPECT_THAT(
      Live({{"a", {{"b", 1}}}}, {{"a", {{"b", 1}, {"x", 2}}}, {"y", 3}}),
      ElementsAre(Pair("a.b", "1")));
  EXPECT_THAT(Live({}, {{"a", 1}}), IsEmpty());
  EXPECT_THAT(Live(nullptr, {{"a", 1}}), IsEmpty());
}

TEST(LiveLeafMapTest, EmptyMapOfOursClaimsNothing) {
  EXPECT_THAT(Live({{"a", Json::object()}}, {{"a", {{"x", 1}}}}),
              ElementsAre(Pair("a", "{}")));
}

TEST(LiveLeafMapTest, NullOfOursGivesWayToKeys) {
  EXPECT_THAT(Live({{"a", nullptr}}, {{"a", {{"x", 1}}}}),
              ElementsAre(Pair("a", "null")));
  EXPECT_THAT(Live({{"a", nullptr}}, {{"a", Json::object()}}),
              ElementsAre(Pair("a", "{}")));
}

TEST(LiveLeafMapTest, ElementsAddedToOurListCount) {
  EXPECT_THAT(
      Live({{"a", {1}}}, {{"a", {1, 2, {{"k", 3}}}}}),
      ElementsAre(Pair("a[0]", "1"), Pair("a[1]", "2"), Pair("a[2].k", "3")));
  EXPECT_THAT(Live({{"a", Json::array()}}, {{"a", {1}}}),
              ElementsAre(Pair("a[0]", "1")));
}

TEST(LiveLeafMapTest, AnotherKindShowsAsItIs) {
  EXPECT_THAT(Live({{"a", {{"b", 1}}}}, {{"a", "text"}}),
              ElementsAre(Pair("a", "text")));
  EXPECT_THAT(Live({{"a", 1}}, {{"a", {{"b", 2}}}}),
              ElementsAre(Pair("a.b", "2")));
}

TEST(LiveLeafMapTest, NumbersAreComparedAsTheOperatorStoresThem) {
  EXPECT_THAT(Live({{"a", 1}}, {{"a", 1.0}}), ElementsAre(Pair("a", "1")));
}

// Others moved a secret of ours, or put another kind of thing around it.
TEST(LiveLeafMapTest, SecretsThatWereMovedNeverShow) {
  const Json wrote = {{"hosts", {"s1", "s2"}},
                      {"vault", {{"a", "s3"}}},
                      {"list", {{{"k", "s4"}}}}};
  const Json live = {{"hosts", {"theirs", "s1", "s2"}},
                     {"vault", "a=s3"},
                     {"list", {{"x", {{"k", "s4"}}}}}};
  const auto shown =
      Live(wrote, live, {"hosts[0]", "hosts[1]", "vault.a", "list[0].k"});
  EXPECT_THAT(shown, ::testing::SizeIs(5));
  for (const auto& [path, text] : shown) {
    EXPECT_THAT(text, ::testing::StartsWith("(sensitive")) << path;
  }
}

TEST(LiveLeafMapTest, SecretsNeverShow) {
  EXPECT_THAT(Live({{"a", "s1"}}, {{"a", "s1"}}, {"a"}),
              ElementsAre(Pair("a", wandb::kMasked)));
  EXPECT_THAT(Live({{"a", "s1"}}, {{"a", "s2"}}, {"a"}),
              ElementsAre(Pair("a", wandb::kMaskedChanged)));
  // Not even in another shape.
  EXPECT_THAT(Live({{"a", "s1"}}, {{"a", {{"b", "s2"}}}}, {"a"}),
              ElementsAre(Pair("a.b", wandb::kMaskedChanged)));
  EXPECT_THAT(Live({{"l", {"s1"}}}, {{"l", {"s1", "s2"}}}, {"l"}),
              ElementsAre(Pair("l[0]", wandb::kMasked),
                          Pair("l[1]", wandb::kMaskedChanged)));
}

}  // namespace
}  // namespace resources
