// What foreign bytes may ask for; the parsers of other folders have tests of
// their own with the same helper.
#include "base/limits.h"

#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "base/gzip.h"
#include "base/json.h"
#include "base/yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/small_stack.h"

namespace base {
namespace {

using ::support::DeepLists;
using ::support::DeepMaps;
using ::support::kFarTooDeep;
using ::support::OnSmallStack;
using ::support::Times;
using ::testing::HasSubstr;

TEST(Limits, DeepJsonIsRefusedOnASmallStack) {
  for (const std::string& text :
       {DeepLists(kFarTooDeep), DeepMaps(kFarTooDeep), Times(kFarTooDeep, "["),
        Times(kFarTooDeep, "{\"a\":[")}) {
    absl::Status status;
    ASSERT_TRUE(
        OnSmallStack([&] { status = ParseJson(text, "the reply").status(); }));
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(status.message(),
              "the reply is nested too deeply: in more than 256 lists and "
              "maps");
  }
}

TEST(Limits, DeepYamlIsRefusedOnASmallStack) {
  std::string block;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&block, std::string(static_cast<size_t>(i), ' '), "a:\n");
  }
  for (const std::string& text :
       {DeepLists(kFarTooDeep), DeepMaps(kFarTooDeep), Times(kFarTooDeep, "["),
        Times(kFarTooDeep, "{a: "), Times(kFarTooDeep, "- "),
        Times(kFarTooDeep, "? "), Times(kFarTooDeep, "[? "), block}) {
    absl::Status status;
    ASSERT_TRUE(
        OnSmallStack([&] { status = ReadYaml(text, "the file").status(); }));
    EXPECT_THAT(std::string(status.message()), HasSubstr("nested too deeply"))
        << text.substr(0, 10);
  }
}

// What is let in can be copied, compared, written and destroyed on the stack
// of a thread that got the least that systems give.
TEST(Limits, WhatIsLetInNeedsLittleStack) {
  const int depth = static_cast<int>(kMaxJsonDepth);
  for (const std::string& text : {DeepLists(depth), DeepMaps(depth)}) {
    ASSERT_TRUE(OnSmallStack(
        [&] {
          const auto json = ParseJson(text, "text");
          ASSERT_TRUE(json.ok()) << json.status();
          const Json copy = *json;  // NOLINT: the copy is the point.
          EXPECT_EQ(copy, *json);
          EXPECT_EQ(DumpJson(copy), text);
          EXPECT_FALSE(EmitYaml(copy).empty());
        },
        size_t{2} << 20));
  }
  EXPECT_FALSE(ParseJson(DeepLists(depth + 1), "text").ok());
  EXPECT_TRUE(
      ParseJson(DeepLists(depth + 1), "text", {.depth = kMaxStateDepth}).ok());
}

TEST(Limits, SmallThingsInALargeTextAreTooMuch) {
  for (const char* item : {"[],", "{\"a\":1},"}) {
    std::string text = "[";
    while (text.size() < size_t{12} << 20) text += item;
    text.back() = ']';
    const absl::Status status = ParseJson(text, "the reply").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << item;
    EXPECT_EQ(status.message(),
              "the reply is too large: its values take more than 128 MiB of "
              "memory");
  }
  // Texts of that size are none too many.
  EXPECT_TRUE(ParseJson(absl::StrCat("[\"", std::string(20 << 20, 'a'), "\"]"),
                        "the reply")
                  .ok());
}

TEST(Limits, AliasesOfLongTextsAreTooMuch) {
  const std::string text = absl::StrCat("a: &a ", std::string(1 << 20, 'x'),
                                        "\nb: [", Times(200, "*a, "), "]\n");
  EXPECT_THAT(std::string(ReadYaml(text, "the file").status().message()),
              HasSubstr("too large with aliases expanded"));
}

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8,
                           Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

TEST(Limits, ASmallArchiveOfMuchIsRefused) {
  const std::string packed = Gzip(std::string(kMaxUnpackedBytes + 1, '['));
  EXPECT_LT(packed.size(), size_t{100} << 10);
  const absl::Status status = Gunzip(packed, kMaxUnpackedBytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("when unpacked"));
}

}  // namespace
}  // namespace base
