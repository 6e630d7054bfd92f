#include "base/json.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ParseJsonTest, KeepsLargeIntegers) {
  const auto json =
      ParseJson("[9223372036854775807,-9223372036854775808,1.5]", "x");
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ((*json)[0], std::numeric_limits<int64_t>::max());
  EXPECT_EQ((*json)[1], std::numeric_limits<int64_t>::min());
  EXPECT_TRUE((*json)[2].is_number_float());
}

TEST(ParseJsonTest, ErrorNamesPlaceButNotText) {
  const auto json = ParseJson(R"({"password": hunter2})", "the reply");
  ASSERT_TRUE(absl::IsInvalidArgument(json.status()));
  EXPECT_THAT(json.status().message(), HasSubstr("the reply"));
  EXPECT_THAT(json.status().message(), HasSubstr("byte 14"));
  EXPECT_THAT(json.status().message(), Not(HasSubstr("hunter")));
}

TEST(RoundedIntegersTest, AreNamedByTheirPlace) {
  const std::string text =
      "{\"a\": 18446744073709551615, \"b\": 18446744073709551617,\n"
      " \"c\": [-9223372036854775808, -9223372036854775809, 1e30,\n"
      "  100000000000000000000, 0.1, 18446744073709551617.0, -0],\n"
      " \"say \\\"\": \"18446744073709551617 \\\\\"}";
  ASSERT_TRUE(ParseJson(text, "x").ok());
  EXPECT_THAT(RoundedIntegers(text),
              ElementsAre("line 1, column 34", "line 2, column 30"));
  EXPECT_THAT(RoundedIntegers("99999999999999999999"),
              ElementsAre("line 1, column 1"));
}

TEST(ParseJsonTest, RefusesWhatIsNotOneDocument) {
  for (const char* text : {"", " ", "{} {}", "{\"a\":1", "nul", "\"\xff\""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseJson(text, "x").status())) << text;
  }
}

TEST(DumpJsonTest, IsCompactAndSorted) {
  EXPECT_EQ(DumpJson({{"b", 1}, {"a", {true, nullptr}}}),
            R"({"a":[true,null],"b":1})");
}

TEST(DumpJsonTest, ReplacesInvalidUtf8) {
  EXPECT_EQ(DumpJson(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(FindTest, FollowsObjectsAndArrays) {
  const Json json = {{"a", {{"b", {10, 20}}}}, {"x/y~z", 3}};
  ASSERT_NE(Find(json, "/a/b/1"), nullptr);
  EXPECT_EQ(*Find(json, "/a/b/1"), 20);
  EXPECT_EQ(Find(json, ""), &json);
  ASSERT_NE(Find(json, "/x~1y~0z"), nullptr);
  EXPECT_EQ(*Find(json, "/x~1y~0z"), 3);
}

TEST(FindTest, EscapedTildeBeforeOneIsNoSlash) {
  const Json json = {{"~1", 1}, {"/", 2}};
  ASSERT_NE(Find(json, "/~01"), nullptr);
  EXPECT_EQ(*Find(json, "/~01"), 1);
}

TEST(FindTest, AnswersNullWhereAStepIsMissing) {
  const Json json = {{"a", {{"b", {10, 20}}}}};
  for (const char* pointer :
       {"/c", "/a/c", "/a/b/2", "/a/b/-1", "/a/b/x", "/a/b/0/d"}) {
    EXPECT_EQ(Find(json, pointer), nullptr) << pointer;
  }
}

TEST(TypedFindTest, AnswersOnlyForTheKind) {
  const Json json = {{"s", "x"}, {"i", 7}, {"d", 7.5}, {"b", false}};
  EXPECT_EQ(StringAt(json, "/s"), "x");
  EXPECT_EQ(StringAt(json, "/i"), std::nullopt);
  EXPECT_EQ(StringAt(json, "/none"), std::nullopt);
  EXPECT_EQ(IntAt(json, "/i"), 7);
  EXPECT_EQ(IntAt(json, "/d"), std::nullopt);
  EXPECT_EQ(IntAt(json, "/s"), std::nullopt);
  EXPECT_EQ(BoolAt(json, "/b"), false);
  EXPECT_EQ(BoolAt(json, "/i"), std::nullopt);
  const Json lists = {{"l", {1, 2}}, {"o", {{"a", 1}}}};
  EXPECT_EQ(ListAt(lists, "/l"), Json({1, 2}));
  EXPECT_EQ(ListAt(lists, "/o"), Json::array());
  EXPECT_EQ(ListAt(lists, "/none"), Json::array());
}

}  // namespace
}  // namespace base
