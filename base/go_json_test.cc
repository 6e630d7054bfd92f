#include "base/go_json.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_trees.h"

namespace base {
namespace {

using ::testing::HasSubstr;

std::string Nested(size_t depth) {
  return absl::StrCat(std::string(depth, '['), std::string(depth, ']'));
}

// What Go made of them: tests/data/go-json/generate.go.
TEST(ParseGoJson, ReadsWhatGoReads) {
  const Json vectors = wandb::ReadTestJson("go-json/vectors.json");
  ASSERT_GT(vectors.size(), 100U);
  for (const Json& vector : vectors) {
    std::string text;
    ASSERT_TRUE(absl::Base64Unescape(vector["text"].get<std::string>(), &text));
    const auto json = ParseGoJson(text, "text");
    if (vector.contains("error")) {
      EXPECT_TRUE(absl::IsInvalidArgument(json.status()))
          << absl::CEscape(text) << ": " << vector["error"];
    } else {
      ASSERT_TRUE(json.ok()) << absl::CEscape(text) << ": " << json.status();
      EXPECT_EQ(*json, vector["value"]) << absl::CEscape(text);
    }
  }
}

TEST(ParseGoJson, TellsWhatGoRefusesFromWhatIsTooMuchHere) {
  EXPECT_TRUE(ParseGoJson(Nested(256), "text").ok());
  const absl::Status ours = ParseGoJson(Nested(257), "text").status();
  EXPECT_TRUE(absl::IsResourceExhausted(ours)) << ours;
  EXPECT_TRUE(
      absl::IsResourceExhausted(ParseGoJson(Nested(10000), "text").status()));
  const absl::Status both = ParseGoJson(Nested(10001), "text").status();
  EXPECT_TRUE(absl::IsInvalidArgument(both)) << both;
  EXPECT_THAT(both.message(), HasSubstr("10000 lists and maps"));
  const absl::Status broken =
      ParseGoJson(absl::StrCat(Nested(300), "]"), "text").status();
  EXPECT_TRUE(absl::IsInvalidArgument(broken)) << broken;
  EXPECT_TRUE(absl::IsResourceExhausted(
      ParseGoJson("[\"a\"]", "text", {.bytes = 10}).status()));
  EXPECT_TRUE(ParseGoJson("[\"[[[\\\"[[\"]", "text", {.depth = 1}).ok());
}

TEST(ParseGoJson, SaysWhatIsWrongWithAByteOrderMark) {
  EXPECT_THAT(ParseGoJson("\xef\xbb\xbf{}", "text").status().message(),
              HasSubstr("text starts with a byte order mark"));
}

TEST(ParseGoJson, LargeIntegersAreDoubles) {
  EXPECT_EQ(DumpJson(*ParseGoJson(
                "[9007199254740993,1,-1,18446744073709551615]", "text")),
            "[9007199254740992,1,-1,1.8446744073709552e+19]");
}

}  // namespace
}  // namespace base
