#include "provider/tf/stored_state.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tf {
namespace {

using ::testing::HasSubstr;

cty::Value Str(const char* text) { return cty::Value::String(text); }

Attribute Text(std::string name, AttributeSpec spec) {
  return {std::move(name), cty::Type::String(), nullptr, std::move(spec)};
}

AttributeSpec With(const char* fallback) {
  return {.use = Use::kOptionalComputed, .fallback = Str(fallback)};
}

Attribute Nested(std::string name, Nesting nesting) {
  NestedObject object{nesting, {Text("old", {}), Text("new", With("n"))}};
  const cty::Type type = NestedType(object);
  return {std::move(name),
          type,
          std::make_shared<const NestedObject>(std::move(object)),
          {}};
}

TEST(ReadStoredStateTest, AttributesThatStateLacksGetTheirDefaults) {
  const Schema schema{
      .attributes = {Text("a", With("x")), Text("b", With("y")),
                     Text("c", {.use = Use::kComputed, .fallback = Str("z")})}};
  const auto state =
      ReadStoredState(schema, {}, 0, R"({"b": null, "gone": [1]})");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(*state,
            cty::Value::ObjectOf(schema.ImpliedType(), {{"a", Str("x")}}));
}

TEST(ReadStoredStateTest, PartsOfNestedAttributesGetTheirDefaultsToo) {
  const Schema schema{.attributes = {Nested("single", Nesting::kSingle),
                                     Nested("list", Nesting::kList),
                                     Nested("map", Nesting::kMap),
                                     Nested("null", Nesting::kSingle)}};
  const auto state = ReadStoredState(schema, {}, 0, R"({
      "single": {"old": "s"},
      "list": [{"old": "0"}, {"old": "1", "new": "set"}, {"new": null}],
      "map": {"k\u0065\u0301y": {"old": "m"}},
      "null": null})");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->At("single").At("new"), Str("n"));
  const auto& list = state->At("list").elements();
  EXPECT_EQ(list[0].At("new"), Str("n"));
  EXPECT_EQ(list[1].At("new"), Str("set"));
  EXPECT_TRUE(list[2].At("new").IsNull());
  const auto& map = state->At("map").fields();
  ASSERT_EQ(map.size(), 1u);
  EXPECT_EQ(map.begin()->second.At("new"), Str("n"));
  EXPECT_EQ(map.begin()->second.At("old"), Str("m"));
  EXPECT_TRUE(state->At("null").IsNull());
}

TEST(ReadStoredStateTest, EachEarlierVersionIsReadByItsOwnSchema) {
  const Schema now{.version = 2, .attributes = {Text("name", {})}};
  const std::vector<StateUpgrade> upgrades = {
      {.from = {.version = 1, .attributes = {Text("title", With("none"))}},
       .upgrade = [&](const cty::Value& old) -> absl::StatusOr<cty::Value> {
         return cty::Value::ObjectOf(now.ImpliedType(),
                                     {{"name", old.At("title")}});
       }}};
  const auto named =
      ReadStoredState(now, upgrades, 1, R"({"title": "t", "name": "no"})");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->At("name"), Str("t"));
  EXPECT_EQ(ReadStoredState(now, upgrades, 1, "{}")->At("name"), Str("none"));
  EXPECT_EQ(ReadStoredState(now, upgrades, 2, R"({"name": "n"})")->At("name"),
            Str("n"));
}

TEST(ReadStoredStateTest, WhatCannotBeReadIsRefusedWithTheReason) {
  const Schema now{.version = 2, .attributes = {Text("name", {})}};
  const auto later = ReadStoredState(now, {}, 3, "{}");
  EXPECT_EQ(later.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(later.status().message(), HasSubstr("newer version"));
  EXPECT_THAT(ReadStoredState(now, {}, 1, "{}").status().message(),
              HasSubstr("version 1 cannot be upgraded to version 2"));
  EXPECT_EQ(ReadStoredState(now, {}, 2, "").status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadStoredState(now, {}, 2, "{").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tf
