#include "provider/cty/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "absl/strings/match.h"

namespace cty {
namespace {

Value Text(const char* text) { return Value::String(text); }

TEST(Value, IsNullOfDynamicTypeByDefault) {
  EXPECT_TRUE(Value().IsNull());
  EXPECT_TRUE(Value().type().IsDynamic());
}

TEST(Value, EqualityHeedsTypeStateAndContent) {
  EXPECT_EQ(Value::Int(1), Value::Number(*Number::Parse("1.0")));
  EXPECT_FALSE(Text("1") == Value::Int(1));
  EXPECT_FALSE(Value::Null(Type::String()) == Value());
  EXPECT_FALSE(Value::Null(Type::String()) == Value::Unknown(Type::String()));
  EXPECT_EQ(Value::Unknown(Type::Bool()), Value::Unknown(Type::Bool()));
  EXPECT_FALSE(Value::List(Type::String(), {}) == Value::Tuple({}));
  EXPECT_FALSE(Value::List(Type::String(), {}) ==
               Value::List(Type::Number(), {}));
  EXPECT_FALSE(Text("") == Value::Null(Type::String()));
  EXPECT_EQ(Value::Object({{"a", Text("x")}}),
            Value::Object({{"a", Text("x")}}));
}

TEST(Value, NormalisesText) {
  EXPECT_EQ(Text("e\u0301"), Text("\u00e9"));
  EXPECT_EQ(Value::Map(Type::Bool(), {{"e\u0301", Value::Bool(true)}}),
            Value::Map(Type::Bool(), {{"\u00e9", Value::Bool(true)}}));
}

TEST(Value, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(Value::String("e\u0301\xff").AsString(), "\u00e9\ufffd");
  EXPECT_EQ(Value::Map(Type::Bool(), {{"\xff", Value::Bool(true)}}),
            Value::Map(Type::Bool(), {{"\ufffd", Value::Bool(true)}}));
  EXPECT_EQ(Value::Object({{"\xe9", Text("")}}),
            Value::Object({{"\ufffd", Text("")}}));
  const auto json = FromJson(base::Json{{"a\xff", {"b\xff"}}});
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(*json,
            Value::Object({{"a\ufffd", Value::Tuple({Text("b\ufffd")})}}));
}

TEST(Set, ComparesWithoutOrderAndDropsDuplicates) {
  const Value set =
      Value::Set(Type::String(), {Text("b"), Text("a"), Text("b")});
  EXPECT_EQ(set, Value::Set(Type::String(), {Text("a"), Text("b")}));
  EXPECT_EQ(set.elements().size(), 2U);
  EXPECT_FALSE(set == Value::Set(Type::String(), {Text("a")}));
}

TEST(Set, KeepsUnknownsApart) {
  const Value unknown = Value::Unknown(Type::String());
  const Value two =
      Value::Set(Type::String(), {unknown, Text("a"), unknown, Text("a")});
  EXPECT_EQ(two.elements().size(), 3U);
  EXPECT_EQ(two, Value::Set(Type::String(), {Text("a"), unknown, unknown}));
  EXPECT_FALSE(two == Value::Set(Type::String(), {Text("a"), unknown}));
}

TEST(Set, KeepsElementsThatHoldUnknownsApart) {
  const Value element = Value::Object(
      {{"a", Value::Unknown(Type::String())}, {"b", Value::Int(1)}});
  EXPECT_EQ(Value::Set(element.type(), {element, element}).elements().size(),
            2U);
}

TEST(Set, ComparesNestedSetsWithoutOrder) {
  const auto inner = [](std::vector<Value> elements) {
    return Value::Set(Type::Number(), std::move(elements));
  };
  const Type type = Type::Set(Type::Number());
  EXPECT_EQ(
      Value::Set(type, {inner({Value::Int(1), Value::Int(2)}), inner({})}),
      Value::Set(type, {inner({}), inner({Value::Int(2), Value::Int(1)})}));
}

TEST(Collection, TakesTheTypeThatItsElementsShare) {
  EXPECT_EQ(Value::List(Type(), {Text("a"), Text("b")}).type(),
            Type::List(Type::String()));
  EXPECT_EQ(Value::Map(Type(), {{"a", Value::Int(1)}}).type(),
            Type::Map(Type::Number()));
  EXPECT_EQ(Value::List(Type(), {}).type(), Type::List(Type()));
  EXPECT_EQ(Value::List(Type(), {Text("a"), Value::Int(1)}).type(),
            Type::List(Type()));
}

TEST(Collection, GivesUntypedNullsTheTypeOfTheirSlot) {
  EXPECT_EQ(Value::List(Type::String(), {Value()}).elements()[0],
            Value::Null(Type::String()));
  EXPECT_EQ(Value::Map(Type::String(), {{"a", Value::Unknown(Type())}}).At("a"),
            Value::Unknown(Type::String()));
}

TEST(ObjectOf, FillsAndTypesNulls) {
  const Type type = Type::Object(
      {{"a", Type::String()}, {"b", Type::Number()}, {"any", Type()}});
  const Value value = Value::ObjectOf(type, {{"a", Value()}});
  EXPECT_EQ(value.type(), type);
  EXPECT_EQ(value.At("a"), Value::Null(Type::String()));
  EXPECT_EQ(value.At("b"), Value::Null(Type::Number()));
  EXPECT_EQ(value.At("any"), Value());
}

TEST(ObjectOf, KeepsTheOwnTypeInADynamicSlot) {
  const Type type = Type::Object({{"any", Type()}});
  const Value value = Value::ObjectOf(type, {{"any", Text("x")}});
  EXPECT_EQ(value, Value::Object({{"any", Text("x")}}));
  EXPECT_EQ(value.type(), Type::Object({{"any", Type::String()}}));
  EXPECT_TRUE(Conforms(value.type(), type));
}

TEST(ObjectOf, KeepsSurplusAttributesVisible) {
  const Type type = Type::Object({{"a", Type::String()}});
  const Value value = Value::ObjectOf(type, {{"typo", Text("x")}});
  EXPECT_FALSE(Conforms(value.type(), type));
}

TEST(Value, KnowsWhetherAllInsideIsKnown) {
  EXPECT_TRUE(Value().IsWhollyKnown());
  EXPECT_TRUE(Value::Tuple({Value(), Text("a")}).IsWhollyKnown());
  EXPECT_FALSE(Value::Tuple({Value::Object({{"a", Value::Unknown(Type())}})})
                   .IsWhollyKnown());
}

TEST(Value, AnswersForAnotherKindWithAnEmptyOne) {
  EXPECT_EQ(Value().AsString(), "");
  EXPECT_EQ(Text("x").AsNumber().text(), "0");
  EXPECT_FALSE(Text("x").AsBool());
  EXPECT_TRUE(Text("x").elements().empty());
  EXPECT_EQ(Text("x").At("a"), Value());
}

TEST(Conforms, DynamicAcceptsAll) {
  const Type object = Type::Object({{"a", Type::List(Type::String())}});
  EXPECT_TRUE(Conforms(object, Type()));
  EXPECT_TRUE(Conforms(object, Type::Object({{"a", Type::List(Type())}})));
  EXPECT_TRUE(Conforms(Type::Tuple({object}), Type::Tuple({Type()})));
  EXPECT_FALSE(Conforms(Type(), Type::String()));
  EXPECT_FALSE(Conforms(object, Type::Object({{"b", Type()}})));
  EXPECT_FALSE(Conforms(Type::Tuple({}), Type::Tuple({Type()})));
  EXPECT_FALSE(Conforms(Type::List(Type::String()), Type::Set(Type())));
}

TEST(FromJson, MakesObjectsAndTuples) {
  const base::Json json = {
      {"a", {1, "x", nullptr, true}}, {"b", base::Json::object()}, {"n", 0.1}};
  const auto value = FromJson(json);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(*value,
            Value::Object({{"a", Value::Tuple({Value::Int(1), Text("x"),
                                               Value(), Value::Bool(true)})},
                           {"b", Value::Object({})},
                           {"n", Value::Number(*Number::Parse("0.1"))}}));
}

TEST(FromJson, KeepsBigIntegers) {
  EXPECT_EQ(FromJson(base::Json(18446744073709551615U))->AsNumber().text(),
            "18446744073709551615");
  EXPECT_EQ(FromJson(base::Json(std::numeric_limits<int64_t>::min()))
                ->AsNumber()
                .AsInt64(),
            std::numeric_limits<int64_t>::min());
}

TEST(FromJson, RefusesWhatIsNoValue) {
  base::Json deep;
  for (int i = 0; i < Type::kMaxDepth + 1; ++i) {
    deep = base::Json::array({std::move(deep)});
  }
  for (const base::Json& json :
       {base::Json(std::nan("")), base::Json::binary({1}),
        base::Json{{"\xfe", 1}, {"\xff", 2}},
        base::Json{{"e\u0301", 1}, {"\u00e9", 2}}}) {
    EXPECT_EQ(FromJson(json).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(FromJson(deep).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(FromJson, NamesThePlaceAndNotTheContent) {
  const auto value = FromJson(
      base::Json{{"a", {"fine", base::Json::binary({'s', 'e', 'c'})}}});
  EXPECT_EQ(value.status().message(), "a[1]: not a JSON value");
}

TEST(ToJson, MakesPlainJson) {
  const Value value = Value::Object(
      {{"l", Value::List(Type::Number(), {Value::Int(1), Value()})},
       {"m", Value::Map(Type::Bool(), {{"k", Value::Bool(false)}})},
       {"s", Value::Set(Type::String(), {Text("a")})},
       {"n", Value::Number(*Number::Parse("0.1"))},
       {"big", Value::Number(*Number::Parse("1e20"))}});
  EXPECT_EQ(ToJson(value)->dump(),
            R"({"big":1e+20,"l":[1,null],"m":{"k":false},"n":0.1,"s":["a"]})");
}

TEST(ToJson, RefusesUnknownsUnlessToldWhatToSay) {
  const Value value =
      Value::Object({{"a", Value::Tuple({Value::Unknown(Type::Bool())})}});
  const auto refused = ToJson(value);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StartsWith(refused.status().message(), "a[0]: "));
  const ToJsonOptions options = {
      .unknown = [](const Type& type) { return type.FriendlyName(); }};
  EXPECT_EQ(ToJson(value, options)->dump(), R"({"a":["bool"]})");
}

TEST(ToJson, RoundsNoInteger) {
  const auto json_of = [](absl::string_view text) {
    return ToJson(Value::Number(*Number::Parse(text)));
  };
  for (const char* text : {"9007199254740993", "9223372036854775807",
                           "9223372036854775808", "9223372036854775809",
                           "18446744073709551615", "-9223372036854775808"}) {
    EXPECT_EQ(json_of(text)->dump(), text);
  }
  for (const auto& [text, dumped] :
       {std::pair("18446744073709551616", "1.8446744073709552e+19"),
        std::pair("1e21", "1e+21"), std::pair("1e24", "1e+24"),
        std::pair("-1e300", "-1e+300"), std::pair("0.1", "0.1"),
        std::pair("0.30000000000000001", "0.3")}) {
    ASSERT_TRUE(json_of(text).ok()) << text;
    EXPECT_EQ(json_of(text)->dump(), dumped);
  }
  for (const char* text :
       {"18446744073709551617", "-9223372036854775809",
        "1000000000000000000001", "100000000000000000000001"}) {
    EXPECT_THAT(std::string(json_of(text).status().message()),
                testing::HasSubstr("write it as a string"))
        << text;
  }
}

TEST(ToJson, RefusesInfinity) {
  for (const char* text : {"inf", "1e400"}) {
    EXPECT_EQ(ToJson(Value::Number(*Number::Parse(text))).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace cty
