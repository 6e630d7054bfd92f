// Bytes and text made by the Go original, github.com/zclconf/go-cty v1.18.0.
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "provider/cty/codec.h"

namespace cty {
namespace {

struct Row {
  const char* name;
  const char* type;
  const char* hex;
  const char* json;  // "-": unknown, so there is none
};

// clang-format off
constexpr Row kRows[] = {
    {"0", R"("number")",
     "00",
     R"(0)"},
    {"1", R"("number")",
     "01",
     R"(1)"},
    {"127", R"("number")",
     "7f",
     R"(127)"},
    {"128", R"("number")",
     "cc80",
     R"(128)"},
    {"255", R"("number")",
     "ccff",
     R"(255)"},
    {"256", R"("number")",
     "cd0100",
     R"(256)"},
    {"65535", R"("number")",
     "cdffff",
     R"(65535)"},
    {"65536", R"("number")",
     "ce00010000",
     R"(65536)"},
    {"4294967295", R"("number")",
     "ceffffffff",
     R"(4294967295)"},
    {"4294967296", R"("number")",
     "cf0000000100000000",
     R"(4294967296)"},
    {"-1", R"("number")",
     "ff",
     R"(-1)"},
    {"-32", R"("number")",
     "e0",
     R"(-32)"},
    {"-33", R"("number")",
     "d0df",
     R"(-33)"},
    {"-128", R"("number")",
     "d080",
     R"(-128)"},
    {"-129", R"("number")",
     "d1ff7f",
     R"(-129)"},
    {"-32768", R"("number")",
     "d18000",
     R"(-32768)"},
    {"-32769", R"("number")",
     "d2ffff7fff",
     R"(-32769)"},
    {"-2147483648", R"("number")",
     "d280000000",
     R"(-2147483648)"},
    {"-2147483649", R"("number")",
     "d3ffffffff7fffffff",
     R"(-2147483649)"},
    {"9007199254740992", R"("number")",
     "cf0020000000000000",
     R"(9007199254740992)"},
    {"9007199254740993", R"("number")",
     "cf0020000000000001",
     R"(9007199254740993)"},
    {"9223372036854775807", R"("number")",
     "cf7fffffffffffffff",
     R"(9223372036854775807)"},
    {"9223372036854775808", R"("number")",
     "b339323233333732303336383534373735383038",
     R"(9223372036854775808)"},
    {"18446744073709551615", R"("number")",
     "b43138343436373434303733373039353531363135",
     R"(18446744073709551615)"},
    {"18446744073709551616", R"("number")",
     "b43138343436373434303733373039353531363136",
     R"(18446744073709551616)"},
    {"-9223372036854775808", R"("number")",
     "d38000000000000000",
     R"(-9223372036854775808)"},
    {"-9223372036854775809", R"("number")",
     "b42d39323233333732303336383534373735383039",
     R"(-9223372036854775809)"},
    {"1e21", R"("number")",
     "b631303030303030303030303030303030303030303030",
     R"(1000000000000000000000)"},
    {"0.1", R"("number")",
     "a3302e31",
     R"(0.1)"},
    {"0.5", R"("number")",
     "cb3fe0000000000000",
     R"(0.5)"},
    {"1.5", R"("number")",
     "cb3ff8000000000000",
     R"(1.5)"},
    {"-0.25", R"("number")",
     "cbbfd0000000000000",
     R"(-0.25)"},
    {"3.14", R"("number")",
     "a4332e3134",
     R"(3.14)"},
    {"123456789012345678901234567890.5", R"("number")",
     "d9203132333435363738393031323334353637383930313233343536373839302e35",
     R"(123456789012345678901234567890.5)"},
    {"1e-7", R"("number")",
     "a9302e30303030303031",
     R"(0.0000001)"},
    {"1.0", R"("number")",
     "01",
     R"(1)"},
    {"true", R"("bool")",
     "c3",
     R"(true)"},
    {"false", R"("bool")",
     "c2",
     R"(false)"},
    {"str0", R"("string")",
     "a0",
     R"("")"},
    {"str5", R"("string")",
     "a56161616161",
     R"("aaaaa")"},
    {"str31", R"("string")",
     "bf61616161616161616161616161616161616161616161616161616161616161",
     R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"},
    {"str32", R"("string")",
     "d9206161616161616161616161616161616161616161616161616161616161616161",
     R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")"},
    {"null str", R"("string")",
     "c0",
     R"(null)"},
    {"unk str", R"("string")",
     "d40000",
     R"(-)"},
    {"dyn null str", R"("dynamic")",
     "92c40822737472696e6722c0",
     R"({"value":null,"type":"string"})"},
    {"dyn null dyn", R"("dynamic")",
     "c0",
     R"(null)"},
    {"dyn unk dyn", R"("dynamic")",
     "d40000",
     R"(-)"},
    {"dyn unk str", R"("dynamic")",
     "92c40822737472696e6722d40000",
     R"(-)"},
    {"dyn str", R"("dynamic")",
     "92c40822737472696e6722a178",
     R"({"value":"x","type":"string"})"},
    {"dyn num", R"("dynamic")",
     "92c408226e756d62657222a3302e31",
     R"({"value":0.1,"type":"number"})"},
    {"dyn list", R"("dynamic")",
     "92c4115b226c697374222c22737472696e67225d92a161d40000",
     R"(-)"},
    {"dyn empty tuple", R"("dynamic")",
     "92c40c5b227475706c65222c5b5d5d90",
     R"({"value":[],"type":["tuple",[]]})"},
    {"dyn empty object", R"("dynamic")",
     "92c40d5b226f626a656374222c7b7d5d80",
     R"({"value":{},"type":["object",{}]})"},
    {"list", R"(["list","string"])",
     "92a161c0",
     R"(["a",null])"},
    {"empty list", R"(["list","string"])",
     "90",
     R"([])"},
    {"set", R"(["set","string"])",
     "92a161a162",
     R"(["a","b"])"},
    {"map", R"(["map","number"])",
     "82a161d40000a16202",
     R"(-)"},
    {"tuple", R"(["tuple",["bool","number"]])",
     "92c3ff",
     R"([true,-1])"},
    {"object", R"(["object",{"any":"dynamic","name":"string","none":"dynamic"}])",
     "83a3616e7992c4145b227475706c65222c5b226e756d626572225d5d9101a46e616d65a16ea46e6f6e65c0",
     R"({"any":{"value":[1],"type":["tuple",["number"]]},"name":"n","none":null})"},
    {"list dyn", R"(["list","dynamic"])",
     "9292c40822737472696e6722a16192c40822737472696e6722a162",
     R"([{"value":"a","type":"string"},{"value":"b","type":"string"}])"},
    {"list obj dyn", R"(["list",["object",{"a":"dynamic"}]])",
     "9181a16192c408226e756d6265722201",
     R"([{"a":{"value":1,"type":"number"}}])"},
    {"null object", R"(["object",{"a":"string"}])",
     "c0",
     R"(null)"},
    {"map16", R"(["map","bool"])",
     "de0010a36b3030c3a36b3031c3a36b3032c3a36b3033c3a36b3034c3a36b3035c3a36b3036c3a36b3037c3a36b3038c3a36b3039c3a36b3130c3a36b3131c3a36b3132c3a36b3133c3a36b3134c3a36b3135c3",
     R"({"k00":true,"k01":true,"k02":true,"k03":true,"k04":true,"k05":true,"k06":true,"k07":true,"k08":true,"k09":true,"k10":true,"k11":true,"k12":true,"k13":true,"k14":true,"k15":true})"},
  };
// clang-format on

TEST(GoCty, MsgpackIsTheSameBytes) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    const absl::StatusOr<Type> type = Type::FromJson(row.type);
    ASSERT_TRUE(type.ok());
    const absl::StatusOr<Value> value =
        DecodeMsgpack(absl::HexStringToBytes(row.hex), *type);
    ASSERT_TRUE(value.ok()) << value.status();
    const absl::StatusOr<std::string> bytes = EncodeMsgpack(*value, *type);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_EQ(absl::BytesToHexString(*bytes), row.hex);
  }
}

TEST(GoCty, JsonIsTheSameText) {
  for (const Row& row : kRows) {
    if (absl::string_view(row.json) == "-") continue;
    SCOPED_TRACE(row.name);
    const absl::StatusOr<Type> type = Type::FromJson(row.type);
    ASSERT_TRUE(type.ok());
    const absl::StatusOr<Value> value =
        DecodeMsgpack(absl::HexStringToBytes(row.hex), *type);
    ASSERT_TRUE(value.ok()) << value.status();
    const absl::StatusOr<std::string> text = EncodeJson(*value, *type);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, row.json);
    const absl::StatusOr<Value> back = DecodeJson(*text, *type);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(*back == *value);
  }
}

TEST(GoCty, TypesAreTheSameText) {
  for (const Row& row : kRows) {
    const absl::StatusOr<Type> type = Type::FromJson(row.type);
    ASSERT_TRUE(type.ok());
    EXPECT_EQ(type->ToJson(), row.type);
  }
}

}  // namespace
}  // namespace cty
