// Random types and values of them: what is written reads back the same.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "absl/strings/str_cat.h"
#include "provider/cty/codec.h"

namespace cty {
namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}

  Type MakeType(int depth, bool dynamic) {
    const int kind = Below(depth <= 0 ? 3 : 9);
    switch (kind) {
      case 0:
        return Type::String();
      case 1:
        return Type::Number();
      case 2:
        return Type::Bool();
      case 3:
        return dynamic ? Type() : Type::String();
      // No dynamic inside collections: core allows one type of element only.
      case 4:
        return Type::List(MakeType(depth - 1, false));
      case 5:
        return Type::Set(MakeType(depth - 1, false));
      case 6:
        return Type::Map(MakeType(depth - 1, false));
      case 7: {
        std::vector<Type> elements(static_cast<size_t>(Below(4)));
        for (Type& element : elements) element = MakeType(depth - 1, dynamic);
        return Type::Tuple(std::move(elements));
      }
      default: {
        std::map<std::string, Type> attributes;
        for (int i = Below(5); i > 0; --i) {
          attributes[MakeText()] = MakeType(depth - 1, dynamic);
        }
        return Type::Object(std::move(attributes));
      }
    }
  }

  Value MakeValue(const Type& type, bool unknowns) {
    if (Below(10) == 0) return Value::Null(type);
    if (unknowns && Below(10) == 0) return Value::Unknown(type);
    switch (type.kind()) {
      case Type::Kind::kDynamic:
        return MakeValue(MakeType(2, true), unknowns);
      case Type::Kind::kString:
        return Value::String(MakeText());
      case Type::Kind::kNumber:
        return Value::Number(MakeNumber());
      case Type::Kind::kBool:
        return Value::Bool(Below(2) == 1);
      default:
        return MakeContainer(type, unknowns);
    }
  }

 private:
  Value MakeContainer(const Type& type, bool unknowns) {
    std::map<std::string, Value> fields;
    for (const auto& [name, slot] : type.attributes()) {
      fields[name] = MakeValue(slot, unknowns);
    }
    std::vector<Value> elements;
    for (const Type& slot : type.elements()) {
      elements.push_back(MakeValue(slot, unknowns));
    }
    if (type.kind() == Type::Kind::kObject) {
      return Value::ObjectOf(type, std::move(fields));
    }
    if (type.kind() == Type::Kind::kTuple) {
      return Value::Tuple(std::move(elements));
    }
    for (int i = Below(5); i > 0; --i) {
      elements.push_back(MakeValue(type.element(), unknowns));
      fields[MakeText()] = elements.back();
    }
    if (type.kind() == Type::Kind::kMap) {
      return Value::Map(type.element(), std::move(fields));
    }
    return type.kind() == Type::Kind::kSet
               ? Value::Set(type.element(), std::move(elements))
               : Value::List(type.element(), std::move(elements));
  }

  int Below(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(engine_);
  }

  std::string MakeText() {
    static constexpr const char* kPieces[] = {
        "a",       "Z",      "0",          "\"", "\\", "\n",   "\u00e9",
        "e\u0301", "\u2028", "\U0001F600", " ",  "<",  "\x01", "-"};
    std::string text;
    for (int i = Below(Below(20) == 0 ? 400 : 6); i > 0; --i) {
      text += kPieces[Below(std::size(kPieces))];
    }
    return text;
  }

  Number MakeNumber() {
    const auto bits = std::uniform_int_distribution<int64_t>(
        std::numeric_limits<int64_t>::min())(engine_);
    switch (Below(4)) {
      case 0:
        return Number::FromInt(bits >> Below(63));
      case 1:
        return *Number::FromDoubleExact(static_cast<double>(bits) /
                                        static_cast<double>(1 + Below(1000)));
      case 2:
        return *Number::Parse(absl::StrCat(bits, "e", Below(60) - 30));
      default:
        return Number::FromUint(static_cast<uint64_t>(bits));
    }
  }

  std::mt19937 engine_;
};

TEST(RoundTrip, MsgpackKeepsRandomValues) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const Type type = random.MakeType(4, true);
    const Value value = random.MakeValue(type, true);
    const auto bytes = EncodeMsgpack(value, type);
    ASSERT_TRUE(bytes.ok()) << seed << bytes.status();
    const auto back = DecodeMsgpack(*bytes, type);
    ASSERT_TRUE(back.ok()) << seed << back.status();
    EXPECT_TRUE(*back == value) << seed;
    EXPECT_TRUE(Conforms(value.type(), type)) << seed;
  }
}

TEST(RoundTrip, JsonKeepsRandomValues) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const Type type = random.MakeType(4, true);
    const Value value = random.MakeValue(type, false);
    const auto text = EncodeJson(value, type);
    ASSERT_TRUE(text.ok()) << seed << text.status();
    const auto back = DecodeJson(*text, type);
    ASSERT_TRUE(back.ok()) << seed << back.status();
    EXPECT_TRUE(*back == value) << seed << *text;
  }
}

TEST(RoundTrip, TypesKeepTheirText) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const Type type = Random(seed).MakeType(5, true);
    const auto back = Type::FromJson(type.ToJson());
    ASSERT_TRUE(back.ok()) << seed;
    EXPECT_TRUE(*back == type) << seed;
  }
}

TEST(RoundTrip, TenThousandLeavesAreQuick) {
  std::map<std::string, Value> fields;
  for (int i = 0; i < 10000; ++i) {
    fields.emplace(absl::StrCat("attribute_", i), Value::String("some text"));
  }
  const Value value = Value::Object(std::move(fields));
  const auto bytes = EncodeMsgpack(value, value.type());
  ASSERT_TRUE(bytes.ok());
  const auto start = std::chrono::steady_clock::now();
  const auto back = DecodeMsgpack(*bytes, value.type());
  const auto spent = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(*back == value);
  RecordProperty(
      "decode_us",
      static_cast<int>(
          std::chrono::duration_cast<std::chrono::microseconds>(spent)
              .count()));
  // Generous: also holds under sanitizers on a busy machine.
  EXPECT_LT(spent, std::chrono::seconds(2));
}

}  // namespace
}  // namespace cty
