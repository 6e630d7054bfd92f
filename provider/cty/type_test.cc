#include "provider/cty/type.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace cty {
namespace {

TEST(Type, WritesCompactSortedJson) {
  const Type type =
      Type::Object({{"b", Type::List(Type::String())},
                    {R"(a")", Type::Tuple({Type::Number(), Type()})},
                    {"c", Type::Map(Type::Set(Type::Bool()))}});
  EXPECT_EQ(type.ToJson(),
            R"(["object",{"a\"":["tuple",["number","dynamic"]],)"
            R"("b":["list","string"],"c":["map",["set","bool"]]}])");
  EXPECT_EQ(type.depth(), 4);
}

TEST(Type, ReadsJsonWithBlanksAndEscapes) {
  const auto type =
      Type::FromJson(R"( [ "object" , { "\u003ca\u003e" : "string" } ] )");
  ASSERT_TRUE(type.ok());
  EXPECT_EQ(*type, Type::Object({{"<a>", Type::String()}}));
}

TEST(Type, IgnoresWhichAttributesAreOptional) {
  EXPECT_EQ(*Type::FromJson(R"(["object",{"a":"string"},["a"]])"),
            Type::Object({{"a", Type::String()}}));
}

TEST(Type, RefusesWhatIsNoConstraint) {
  for (const char* json :
       {"", "null", R"("text")", "[]", R"(["list"])", R"(["list","string",1])",
        R"(["list",[]])", R"(["tuple","string"])", R"(["object",[]])",
        R"(["capsule","x"])", "{}", "1", R"(["list","string")", "[1,2]",
        R"(["object",{"a":"string","a":"bool"}])"}) {
    const auto type = Type::FromJson(json);
    ASSERT_FALSE(type.ok()) << json;
    EXPECT_EQ(type.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

std::string NestedList(int depth) {
  std::string json = R"("string")";
  for (int i = 1; i < depth; ++i) json = absl::StrCat(R"(["list",)", json, "]");
  return json;
}

TEST(Type, LimitsDepth) {
  EXPECT_TRUE(Type::FromJson(NestedList(Type::kMaxDepth)).ok());
  EXPECT_FALSE(Type::FromJson(NestedList(Type::kMaxDepth + 1)).ok());
  EXPECT_FALSE(Type::FromJson(std::string(1000000, '[')).ok());
}

TEST(Type, ComparesByContent) {
  EXPECT_EQ(Type::Tuple({Type::String()}), Type::Tuple({Type::String()}));
  EXPECT_FALSE(Type::Tuple({}) == Type::Object({}));
  EXPECT_FALSE(Type::List(Type::String()) == Type::Set(Type::String()));
  EXPECT_FALSE(Type::List(Type::String()) == Type::List(Type()));
}

TEST(Type, NormalisesAttributeNames) {
  EXPECT_EQ(Type::Object({{"e\u0301", Type::Bool()}}),
            Type::Object({{"\u00e9", Type::Bool()}}));
}

TEST(Type, HasAFriendlyName) {
  EXPECT_EQ(Type::List(Type::Map(Type::String())).FriendlyName(),
            "list of map of string");
  EXPECT_EQ(Type().FriendlyName(), "any");
  EXPECT_EQ(Type::Object({}).FriendlyName(), "object");
}

TEST(Type, AnswersForAbsentParts) {
  EXPECT_TRUE(Type::String().element().IsDynamic());
  EXPECT_TRUE(Type::List(Type::Bool()).attributes().empty());
}

}  // namespace
}  // namespace cty
