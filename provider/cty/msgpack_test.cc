#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "provider/cty/codec.h"

namespace cty {
namespace {

std::string Bytes(absl::string_view hex) { return absl::HexStringToBytes(hex); }

absl::StatusOr<Value> Decode(absl::string_view hex, const Type& wanted) {
  return DecodeMsgpack(Bytes(hex), wanted);
}

std::string EncodeHex(const Value& value, const Type& wanted) {
  const absl::StatusOr<std::string> bytes = EncodeMsgpack(value, wanted);
  return bytes.ok() ? absl::BytesToHexString(*bytes)
                    : std::string(bytes.status().message());
}

Value Num(absl::string_view text) {
  return Value::Number(*Number::Parse(text));
}

TEST(EncodeMsgpack, FollowsTheRuleForNumbers) {
  const Type number = Type::Number();
  EXPECT_EQ(EncodeHex(Num("0.1"), number), "a3302e31");
  EXPECT_EQ(EncodeHex(Value::Number(*Number::FromDoubleExact(0.1)), number),
            "cb3fb999999999999a");
  EXPECT_EQ(EncodeHex(Num("9007199254740992"), number), "cf0020000000000000");
  EXPECT_EQ(EncodeHex(Num("9223372036854775808"), number),
            "b339323233333732303336383534373735383038");
  EXPECT_EQ(EncodeHex(Num("1e21"), number),
            "b631303030303030303030303030303030303030303030");
  EXPECT_EQ(EncodeHex(Num("-9223372036854775808"), number),
            "d38000000000000000");
  EXPECT_EQ(EncodeHex(Num("inf"), number), "cb7ff0000000000000");
  EXPECT_EQ(EncodeHex(Num("-inf"), number), "cbfff0000000000000");
  EXPECT_EQ(EncodeHex(Value::Number(*Number::FromDoubleExact(5e-324)), number),
            "cb0000000000000001");
}

TEST(EncodeMsgpack, WrapsTypedNullsAndUnknownsInADynamicSlot) {
  EXPECT_EQ(EncodeHex(Value::Null(Type::String()), Type()),
            "92c40822737472696e6722c0");
  EXPECT_EQ(EncodeHex(Value::Unknown(Type::String()), Type()),
            "92c40822737472696e6722d40000");
  EXPECT_EQ(EncodeHex(Value(), Type()), "c0");
  EXPECT_EQ(EncodeHex(Value::Unknown(Type()), Type()), "d40000");
}

TEST(EncodeMsgpack, LetsUntypedNullsStandAnywhere) {
  EXPECT_EQ(EncodeHex(Value(), Type::Object({{"a", Type::String()}})), "c0");
  EXPECT_EQ(EncodeHex(Value::Object({{"a", Value::Unknown(Type())}}),
                      Type::Object({{"a", Type::String()}})),
            "81a161d40000");
}

TEST(EncodeMsgpack, UsesTheWidestHeadersForLongText) {
  for (const size_t size : {255U, 256U, 65535U, 65536U}) {
    const Value value = Value::String(std::string(size, 'a'));
    const auto bytes = EncodeMsgpack(value, Type::String());
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(*DecodeMsgpack(*bytes, Type::String()), value);
    EXPECT_EQ(bytes->size(), size + (size < 256 ? 2 : size < 65536 ? 3 : 5));
  }
}

TEST(EncodeMsgpack, UsesTheWidestHeadersForLongLists) {
  for (const size_t size : {15U, 16U, 65535U, 65536U}) {
    const Value value =
        Value::List(Type::Bool(), std::vector<Value>(size, Value::Bool(true)));
    const auto bytes = EncodeMsgpack(value, value.type());
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(*DecodeMsgpack(*bytes, value.type()), value);
    EXPECT_EQ(bytes->size(), size + (size < 16 ? 1 : size < 65536 ? 3 : 5));
  }
}

TEST(EncodeMsgpack, RefusesAnotherType) {
  const Type object = Type::Object({{"a", Type::String()}});
  struct Case {
    Value value;
    Type wanted;
    const char* message;
  };
  const std::vector<Case> cases = {
      {Value::Int(1), Type::String(),
       "a value of type string is required, not number"},
      {Value::Null(Type::Bool()), Type::String(),
       "a value of type string is required, not bool"},
      {Value::List(Type::Number(), {}), Type::List(Type::String()),
       "a value of type list of string is required, not list of number"},
      {Value::Object({{"a", Value::Int(1)}}), object,
       "a: a value of type string is required, not number"},
      {Value::Object({{"b", Value::String("")}}), object,
       "a: the object has other attributes than its type"},
      {Value::Object({{"a", Value::String("")}, {"b", Value::String("")}}),
       object, "b: the type has no such attribute"},
      {Value::Tuple({Value::Int(1)}), Type::Tuple({}),
       "a value of type tuple is required, not tuple"},
  };
  for (const Case& c : cases) {
    const auto bytes = EncodeMsgpack(c.value, c.wanted);
    EXPECT_EQ(bytes.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(bytes.status().message(), c.message);
  }
}

TEST(EncodeMsgpack, LimitsDepth) {
  Value value;
  for (int i = 0; i < Type::kMaxDepth; ++i) value = Value::Tuple({value});
  EXPECT_FALSE(EncodeMsgpack(value, value.type()).ok());
}

TEST(DecodeMsgpack, ReadsEveryFormOfNumber) {
  struct Case {
    const char* hex;
    const char* number;
  };
  const std::vector<Case> cases = {
      {"05", "5"},
      {"ff", "-1"},
      {"cc05", "5"},
      {"cd0005", "5"},
      {"ce00000005", "5"},
      {"cf0000000000000005", "5"},
      {"cfffffffffffffffff", "18446744073709551615"},
      {"d005", "5"},
      {"d0fb", "-5"},
      {"d1fffb", "-5"},
      {"d2fffffffb", "-5"},
      {"d3fffffffffffffffb", "-5"},
      {"d38000000000000000", "-9223372036854775808"},
      {"ca3fc00000", "1.5"},
      {"cb3ff8000000000000", "1.5"},
      {"cb4340000000000000", "9007199254740992"},
      {"cb7ff0000000000000", "inf"},
      {"a3302e31", "0.1"},
      {"c403302e31", "0.1"},
      {"a3316532", "100"},
  };
  for (const Case& c : cases) {
    const auto value = Decode(c.hex, Type::Number());
    ASSERT_TRUE(value.ok()) << c.hex;
    EXPECT_EQ(value->AsNumber().text(), c.number) << c.hex;
  }
}

TEST(DecodeMsgpack, ReadsAnyExtensionAsUnknown) {
  for (const char* hex :
       {"d40000", "d4007f", "d50c0102", "d60c01020304", "d70c0102030405060708",
        "d80c000102030405060708090a0b0c0d0e0f", "c7030c8101c2", "c70000",
        "c8000100ff", "c90000000205aabb", "c70d0c8201c202a868747470733a2f2f",
        "c7130c8301c2039201c30492cb4025000000000000c2"}) {
    for (const Type& type :
         {Type(), Type::String(), Type::Object({{"a", Type::Bool()}})}) {
      const auto value = Decode(hex, type);
      ASSERT_TRUE(value.ok()) << hex;
      EXPECT_EQ(*value, Value::Unknown(type));
    }
  }
}

TEST(DecodeMsgpack, ReadsUnknownsAtDepth) {
  const Type type = Type::Object({{"l", Type::List(Type::String())}});
  EXPECT_EQ(
      *Decode("81a16c92a161c7030c8101c2", type),
      Value::Object({{"l", Value::List(Type::String(),
                                       {Value::String("a"),
                                        Value::Unknown(Type::String())})}}));
  EXPECT_EQ(*Decode("81a16cd40000", type),
            Value::Object({{"l", Value::Unknown(Type::List(Type::String()))}}));
  EXPECT_EQ(*Decode("92c40822737472696e6722c7030c8101c2", Type()),
            Value::Unknown(Type::String()));
}

TEST(DecodeMsgpack, ReadsNestedDynamicValues) {
  // What Go writes for { "<&>" = "", a = null, b = [true, {c = 1}, unknown] }.
  const auto value = Decode(
      "92c4735b226f626a656374222c7b225c75303033635c75303032365c7530303365223a"
      "22737472696e67222c2261223a2264796e616d6963222c2262223a5b227475706c6522"
      "2c5b22626f6f6c222c5b226f626a656374222c7b2263223a226e756d626572227d5d2c"
      "2264796e616d6963225d5d7d5d83a33c263ea0a161c0a16293c381a16301d40000",
      Type());
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(
      *value,
      Value::Object({{"<&>", Value::String("")},
                     {"a", Value()},
                     {"b", Value::Tuple({Value::Bool(true),
                                         Value::Object({{"c", Value::Int(1)}}),
                                         Value::Unknown(Type())})}}));
}

TEST(DecodeMsgpack, AcceptsTheTypeAsText) {
  EXPECT_EQ(*Decode("92a822737472696e6722a178", Type()), Value::String("x"));
}

TEST(DecodeMsgpack, NormalisesStringsKeysAndNames) {
  EXPECT_EQ(*Decode("a365cc81", Type::String()), Value::String("\u00e9"));
  EXPECT_EQ(
      Decode("81a365cc81c3", Type::Map(Type::Bool()))->fields().count("\u00e9"),
      1U);
  EXPECT_TRUE(
      Decode("81a365cc81c3", Type::Object({{"\u00e9", Type::Bool()}})).ok());
}

TEST(DecodeMsgpack, EmptyDocumentIsNull) {
  EXPECT_EQ(*DecodeMsgpack("", Type::String()), Value::Null(Type::String()));
}

TEST(DecodeMsgpack, TakesAttributesInAnyOrder) {
  const Type type = Type::Object({{"a", Type::Bool()}, {"b", Type::Number()}});
  EXPECT_EQ(*Decode("82a16201a161c3", type),
            Value::Object({{"a", Value::Bool(true)}, {"b", Value::Int(1)}}));
}

TEST(DecodeMsgpack, RefusesMalformedInput) {
  const Type object = Type::Object({{"a", Type::Bool()}, {"b", Type::Bool()}});
  struct Case {
    const char* name;
    const char* hex;
    Type wanted;
  };
  const std::vector<Case> cases = {
      {"trailing bytes", "c0c0", Type::String()},
      {"reserved code", "c1", Type::String()},
      {"bad UTF-8", "a1ff", Type::String()},
      {"bad UTF-8 in a key", "81a1ffc3", Type::Map(Type::Bool())},
      {"number for a string", "01", Type::String()},
      {"string for a bool", "a474727565", Type::Bool()},
      {"text that is no number", "a178", Type::Number()},
      {"NaN", "cb7ff8000000000000", Type::Number()},
      {"map for a list", "80", Type::List(Type::Bool())},
      {"list for a map", "90", Type::Map(Type::Bool())},
      {"number as a key", "8101c3", Type::Map(Type::Bool())},
      {"key twice", "82a161c3a161c3", Type::Map(Type::Bool())},
      {"attribute missing", "81a161c3", object},
      {"attribute twice", "82a161c3a161c3", object},
      {"unknown attribute", "82a161c3a163c3", object},
      {"empty map for an object", "80", object},
      {"tuple too short", "91c3", Type::Tuple({Type::Bool(), Type::Bool()})},
      {"huge list", "ddffffffff", Type::List(Type::Bool())},
      {"huge map", "dfffffffff", Type::Map(Type::Bool())},
      {"huge string", "dbffffffff", Type::String()},
      {"huge extension", "c9ffffffff00", Type::String()},
      {"dynamic without a type", "91c3", Type()},
      {"dynamic of a bare value", "c3", Type()},
      {"dynamic with a bad type", "92c40122c3", Type()},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Decode(c.hex, c.wanted).status().code(),
              absl::StatusCode::kInvalidArgument)
        << c.name;
  }
}

TEST(DecodeMsgpack, RefusesEveryTruncation) {
  const std::string bytes = Bytes(
      "92c4375b226f626a656374222c7b2261223a5b226c697374222c22737472696e67225d2c"
      "2262223a5b226d6170222c226e756d626572225d7d5d82a16192d90161c7030c8101c2a1"
      "6282a16bcb3ff8000000000000a16cd3fffffffffffffffb");
  ASSERT_TRUE(DecodeMsgpack(bytes, Type()).ok());
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeMsgpack(bytes.substr(0, size), Type()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST(DecodeMsgpack, SurvivesEveryFlippedByte) {
  const std::string bytes = Bytes(
      "92c4145b227475706c65222c5b226e756d626572225d5d91cb3ff8000000000000");
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(byte);
      const auto value = DecodeMsgpack(changed, Type());
      if (value.ok()) {
        EXPECT_TRUE(EncodeMsgpack(*value, Type()).ok());
      }
    }
  }
}

TEST(DecodeMsgpack, LimitsDepth) {
  // A dynamic value in a dynamic value, and so on.
  std::string nested;
  for (int i = 0; i < 100000; ++i) nested += Bytes("92c4092264796e616d696322");
  EXPECT_FALSE(DecodeMsgpack(nested + Bytes("c0"), Type()).ok());
}

TEST(DecodeMsgpack, NamesThePlaceAndNotTheContent) {
  const Type type =
      Type::Object({{"a", Type::Map(Type::List(Type::Set(Type::Number())))}});
  EXPECT_EQ(Decode("81a16181a16b9191a6736563726574", type).status().message(),
            "a[\"k\"][0]: a number is required");
}

TEST(DecodeMsgpack, KeepsDocumentsOfCoreAsTheyAre) {
  const Type type = Type::List(Type());
  const std::string hex =
      "9292c40822737472696e6722a16192c40822737472696e6722a162";
  EXPECT_EQ(EncodeHex(*Decode(hex, type), type), hex);
}

}  // namespace
}  // namespace cty
