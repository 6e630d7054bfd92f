#include <gtest/gtest.h>

#include <vector>

#include "provider/cty/codec.h"

namespace cty {
namespace {

Value Num(absl::string_view text) {
  return Value::Number(*Number::Parse(text));
}

TEST(EncodeJson, WritesEveryKind) {
  const Value value = Value::Object(
      {{"any", Value::Tuple({Value::Int(1), Value()})},
       {"b", Value::Bool(true)},
       {"l", Value::List(Type::String(), {Value::String("a\"\\\n\x01<é")})},
       {"m", Value::Map(Type::Number(), {{"k", Num("0.1")}})},
       {"n", Value::Null(Type::String())},
       {"none", Value()},
       {"s", Value::Set(Type::Number(), {Num("1e21"), Num("-2")})}});
  std::map<std::string, Type> attributes = value.type().attributes();
  attributes["any"] = Type();
  EXPECT_EQ(
      *EncodeJson(value, Type::Object(attributes)),
      R"({"any":{"value":[1,null],"type":["tuple",["number","dynamic"]]},)"
      R"("b":true,"l":["a\"\\\u000a\u0001<é"],"m":{"k":0.1},"n":null,)"
      R"("none":null,"s":[-2,1000000000000000000000]})");
}

TEST(EncodeJson, RefusesWhatJsonCannotSay) {
  EXPECT_EQ(EncodeJson(Value::Unknown(Type()), Type()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const Value nested = Value::Tuple({Value::Unknown(Type::Bool())});
  EXPECT_EQ(EncodeJson(nested, Type()).status().message(),
            "[0]: the value is not known yet");
  for (const char* number : {"inf", "-inf", "1e400"}) {
    EXPECT_EQ(EncodeJson(Num(number), Type::Number()).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_FALSE(EncodeJson(Value::Int(1), Type::String()).ok());
}

TEST(DecodeJson, KeepsAllDigits) {
  for (const char* text :
       {"0.1", "9007199254740993", "18446744073709551616",
        "123456789012345678901234567890.123456789012345678901234567890"}) {
    std::string canonical = DecodeJson(text, Type::Number())->AsNumber().text();
    EXPECT_EQ(canonical, Number::Parse(text)->text());
  }
  EXPECT_EQ(*DecodeJson("1e3", Type::Number()), Value::Int(1000));
}

TEST(DecodeJson, ReadsPrimitivesAsLenientlyAsCore) {
  EXPECT_EQ(*DecodeJson("\"true\"", Type::Bool()), Value::Bool(true));
  EXPECT_EQ(*DecodeJson("\"0\"", Type::Bool()), Value::Bool(false));
  EXPECT_EQ(*DecodeJson("\"0.5\"", Type::Number()), Num("0.5"));
  EXPECT_EQ(*DecodeJson("1.50", Type::String()), Value::String("1.50"));
  EXPECT_EQ(*DecodeJson("false", Type::String()), Value::String("false"));
  for (const char* text : {"\"True\"", "1", "\"\"", "[]"}) {
    EXPECT_FALSE(DecodeJson(text, Type::Bool()).ok()) << text;
  }
  EXPECT_FALSE(DecodeJson("true", Type::Number()).ok());
  EXPECT_FALSE(DecodeJson("\"x\"", Type::Number()).ok());
  EXPECT_FALSE(DecodeJson("{}", Type::String()).ok());
}

TEST(DecodeJson, FillsMissingAttributesWithNull) {
  const Type type = Type::Object({{"a", Type::String()}, {"b", Type()}});
  EXPECT_EQ(*DecodeJson("{}", type), Value::ObjectOf(type, {}));
}

TEST(DecodeJson, IgnoresUnknownAttributesOnlyWhenAsked) {
  const Type type = Type::Object({{"a", Type::String()}});
  const char* text = R"({"a":"x","old":{"deep":[1]}})";
  EXPECT_EQ(DecodeJson(text, type).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(*DecodeJson(text, type, {.ignore_unknown_attributes = true}),
            Value::Object({{"a", Value::String("x")}}));
}

TEST(DecodeJson, ReadsDynamicInEitherOrder) {
  const Value value = Value::Tuple({Value::String("x")});
  EXPECT_EQ(
      *DecodeJson(R"({"value":["x"],"type":["tuple",["string"]]})", Type()),
      value);
  EXPECT_EQ(
      *DecodeJson(R"({"type":["tuple",["string"]],"value":["x"]})", Type()),
      value);
  EXPECT_EQ(*DecodeJson(R"({"value":null,"type":"string"})", Type()),
            Value::Null(Type::String()));
  EXPECT_EQ(*DecodeJson("null", Type()), Value());
}

TEST(DecodeJson, NormalisesStringsAndNames) {
  const Type type = Type::Object({{"\u00e9", Type::Map(Type::String())}});
  EXPECT_EQ(*DecodeJson(R"({"e\u0301":{"e\u0301":"e\u0301"}})", type),
            *DecodeJson(R"({"\u00e9":{"\u00e9":"\u00e9"}})", type));
}

TEST(DecodeJson, RefusesMalformedInput) {
  const Type object = Type::Object({{"a", Type::Bool()}});
  struct Case {
    const char* name;
    std::string text;
    Type wanted;
  };
  const std::vector<Case> cases = {
      {"not JSON", "{", object},
      {"trailing text", "null null", object},
      {"bad UTF-8", "\"\xff\"", Type::String()},
      {"lone surrogate", R"("\ud800")", Type::String()},
      {"attribute twice", R"({"a":true,"a":true})", object},
      {"key twice", R"({"a":true,"a":true})", Type::Map(Type::Bool())},
      {"list for an object", "[]", object},
      {"object for a list", "{}", Type::List(Type::Bool())},
      {"tuple too long", "[1]", Type::Tuple({})},
      {"dynamic without a type", R"({"value":1})", Type()},
      {"dynamic with more", R"({"value":1,"type":"number","x":1})", Type()},
      {"dynamic with a bad type", R"({"value":1,"type":"x"})", Type()},
      {"dynamic with two types", R"({"type":"x","type":"x"})", Type()},
      {"too large", "1e999", Type::Number()},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DecodeJson(c.text, c.wanted).status().code(),
              absl::StatusCode::kInvalidArgument)
        << c.name;
  }
}

TEST(DecodeJson, RefusesEveryTruncation) {
  const std::string text =
      R"({"value":{"a":[1.5,"x\n",null]},"type":["object",{"a":)"
      R"(["tuple",["number","string","bool"]]}]})";
  ASSERT_TRUE(DecodeJson(text, Type()).ok());
  for (size_t size = 1; size < text.size(); ++size) {
    EXPECT_FALSE(DecodeJson(text.substr(0, size), Type()).ok()) << size;
  }
}

TEST(DecodeJson, NamesThePlaceAndNotTheContent) {
  const Type type = Type::Object({{"a", Type::List(Type::Number())}});
  EXPECT_EQ(DecodeJson(R"({"a":[1,"secret"]})", type).status().message(),
            "a[1]: a number is required");
  EXPECT_EQ(DecodeJson(R"({"a":secret})", type).status().message(),
            "not valid JSON at byte 6");
}

TEST(DecodeJson, EmptyDocumentIsNull) {
  EXPECT_EQ(*DecodeJson("", Type::String()), Value::Null(Type::String()));
}

}  // namespace
}  // namespace cty
