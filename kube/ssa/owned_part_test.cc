#include "kube/ssa/owned_part.h"

#include "gtest/gtest.h"

namespace ssa {
namespace {

using base::Json;

TEST(OwnedPartTest, KeepsTheKeysOfTheBodyOnly) {
  EXPECT_EQ(OwnedPart({{"a", 1}, {"b", {{"c", 2}}}, {"gone", 3}},
                      {{"a", 9}, {"b", {{"c", 2}, {"x", 0}}}, {"y", 0}}),
            Json({{"a", 9}, {"b", {{"c", 2}}}, {"gone", nullptr}}));
}

TEST(OwnedPartTest, NamedElementsAreMatchedByName) {
  EXPECT_EQ(OwnedPart(Json::array({{{"name", "b"}, {"v", 1}}, {{"name", "c"}}}),
                      Json::array({{{"name", "a"}, {"v", 7}},
                                   {{"name", "b"}, {"v", 8}, {"w", 9}}})),
            Json::array({{{"name", "b"}, {"v", 8}}, nullptr}));
}

TEST(OwnedPartTest, OtherElementsAreMatchedByIndexIfNoneIsMoreOrLess) {
  EXPECT_EQ(OwnedPart({{{"a", 1}}, 2}, {{{"a", 3}, {"b", 4}}, 5}),
            Json({{{"a", 3}}, 5}));
  EXPECT_EQ(OwnedPart({1, 2}, {1, 2, 3}), Json({1, 2, 3}));
}

TEST(OwnedPartTest, AnotherKindShowsAsItIs) {
  EXPECT_EQ(OwnedPart({{"a", 1}}, "text"), Json("text"));
  EXPECT_EQ(OwnedPart(Json::array({1}), {{"a", 1}}), Json({{"a", 1}}));
}

TEST(SameObjectTest, BookkeepingDoesNotCount) {
  Json a = {{"metadata", {{"name", "x"}}}, {"data", {{"k", "v"}}}};
  Json b = a;
  b["metadata"]["resourceVersion"] = "7";
  b["metadata"]["managedFields"] = Json::array();
  b["metadata"]["generation"] = 3;
  b["status"] = {{"phase", "x"}};
  EXPECT_TRUE(SameObject(a, b));
  b["metadata"]["labels"] = {{"l", "m"}};
  EXPECT_FALSE(SameObject(a, b));
}

}  // namespace
}  // namespace ssa
