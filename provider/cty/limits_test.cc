// Documents of 50,000 levels: a limit of base/limits.h or of Type::kMaxDepth
// must stop each decoder before the stack does.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "provider/cty/codec.h"
#include "tests/support/small_stack.h"

namespace cty {
namespace {

using ::support::DeepLists;
using ::support::DeepMaps;
using ::support::kFarTooDeep;
using ::support::OnSmallStack;
using ::support::Times;

// More than kSmallStack for what goes 128 levels down before it refuses.
constexpr size_t kStack = size_t{1} << 20;

void ExpectTooDeep(const std::function<absl::Status()>& decode) {
  absl::Status status;
  ASSERT_TRUE(OnSmallStack([&] { status = decode(); }, kStack));
  EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_NE(std::string(status.message()).find("nested too deeply"),
            std::string::npos)
      << status;
}

TEST(DeepDocuments, AreRefusedAsJson) {
  for (const std::string& text :
       {DeepLists(kFarTooDeep), DeepMaps(kFarTooDeep)}) {
    ExpectTooDeep([&] { return DecodeJson(text, Type::Dynamic()).status(); });
    ExpectTooDeep([&] {
      return DecodeJson(
                 absl::StrCat(R"({"type":"dynamic","value":)", text, "}"),
                 Type::Dynamic())
          .status();
    });
  }
}

TEST(DeepDocuments, AreRefusedAsTypes) {
  const std::string type = absl::StrCat(Times(kFarTooDeep, R"(["list",)"),
                                        "\"string\"", Times(kFarTooDeep, "]"));
  ExpectTooDeep([&] { return Type::FromJson(type).status(); });
}

TEST(DeepDocuments, AreRefusedAsMsgpack) {
  // A type and a value in a list of two, again and again.
  const std::string dynamic =
      Times(kFarTooDeep, "\x92\xc4\x09\"dynamic\"") + "\xc0";
  ExpectTooDeep([&] { return DecodeMsgpack(dynamic, Type()).status(); });
  const std::string type = absl::StrCat(Times(kFarTooDeep, R"(["list",)"),
                                        "\"string\"", Times(kFarTooDeep, "]"));
  std::string size;
  for (int shift = 24; shift >= 0; shift -= 8) {
    size += static_cast<char>(type.size() >> shift & 0xff);
  }
  ExpectTooDeep([&] {
    return DecodeMsgpack(absl::StrCat("\x92\xc6", size, type, "\xc0"), Type())
        .status();
  });
}

}  // namespace
}  // namespace cty
