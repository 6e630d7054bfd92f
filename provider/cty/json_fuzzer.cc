// Any text, read as state, as a type and as plain JSON: no crash, and what is
// accepted survives writing and reading. The first byte chooses the type.
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "base/json.h"
#include "provider/cty/codec.h"

namespace {

constexpr const char* kTypes[] = {
    R"("dynamic")",
    R"("string")",
    R"("number")",
    R"(["list","bool"])",
    R"(["set",["object",{"a":"number","b":"string"}]])",
    R"(["map",["tuple",["bool","dynamic"]]])",
    R"(["object",{"a":"dynamic","b":["list","number"],"c":"bool"}])",
};

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckState(absl::string_view text, const cty::Type& type) {
  const auto value =
      cty::DecodeJson(text, type, {.ignore_unknown_attributes = true});
  if (!value.ok()) return;
  const auto written = cty::EncodeJson(*value, type);
  // A number in quotes may be larger than JSON can carry.
  if (!written.ok()) return;
  const auto back = cty::DecodeJson(*written, type);
  Require(back.ok() && *back == *value);
}

void CheckType(absl::string_view text) {
  const auto type = cty::Type::FromJson(text);
  if (!type.ok()) return;
  const auto back = cty::Type::FromJson(type->ToJson());
  Require(back.ok() && *back == *type);
}

void CheckPlain(absl::string_view text) {
  const auto json = base::ParseJson(text, "input");
  if (!json.ok()) return;
  const auto value = cty::FromJson(*json);
  if (!value.ok()) return;
  const auto plain = cty::ToJson(*value);
  Require(plain.ok());
  const auto back = cty::FromJson(*plain);
  Require(back.ok());
  Require(cty::EncodeMsgpack(*value, cty::Type()).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto type = cty::Type::FromJson(kTypes[data[0] % std::size(kTypes)]);
  Require(type.ok());
  const absl::string_view text(reinterpret_cast<const char*>(data + 1),
                               size - 1);
  CheckState(text, *type);
  CheckType(text);
  CheckPlain(text);
  return 0;
}
