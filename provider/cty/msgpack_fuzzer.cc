// Any bytes, read as each kind of type: no crash, and what is accepted survives
// writing and reading. The first byte chooses the type.
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "provider/cty/codec.h"

namespace {

constexpr const char* kTypes[] = {
    R"("dynamic")",
    R"("string")",
    R"("number")",
    R"(["list","string"])",
    R"(["set",["object",{"a":"number","b":"string"}]])",
    R"(["map",["tuple",["bool","dynamic"]]])",
    R"(["object",{"a":"dynamic","b":["list","number"],"c":"bool"}])",
    R"(["list","dynamic"])",
};

void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto type = cty::Type::FromJson(kTypes[data[0] % std::size(kTypes)]);
  Require(type.ok());
  const absl::string_view bytes(reinterpret_cast<const char*>(data + 1),
                                size - 1);
  const auto value = cty::DecodeMsgpack(bytes, *type);
  if (!value.ok()) return 0;
  const auto written = cty::EncodeMsgpack(*value, *type);
  Require(written.ok());
  const auto back = cty::DecodeMsgpack(*written, *type);
  Require(back.ok() && *back == *value);
  const auto again = cty::EncodeMsgpack(*back, *type);
  Require(again.ok() && *again == *written);
  return 0;
}
