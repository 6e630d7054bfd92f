#include "wandb/spec/release_pin.h"

#include "base/go_json.h"
#include "gtest/gtest.h"

namespace wandb {
namespace {

using base::Json;

TEST(ReleasePinTest, OnlyTextAtTheKeyOfTheOperatorIsAPin) {
  EXPECT_EQ(PinnedRelease({{"_releaseId", "r1"}}), "r1");
  EXPECT_EQ(PinnedRelease({{"_releaseId", 1}}), std::nullopt);
  EXPECT_EQ(PinnedRelease({{"releaseId", "r1"}}), std::nullopt);
  EXPECT_EQ(PinnedRelease({{"global", {{"_releaseId", "r1"}}}}), std::nullopt);
  EXPECT_EQ(PinnedRelease(nullptr), std::nullopt);
}

TEST(ReleasePinTest, AChannelMayNotSayWhichReleaseItIs) {
  EXPECT_EQ(ReleaseIdOf({.metadata = {{"releaseId", "r1"}}}), "r1");
  EXPECT_EQ(ReleaseIdOf({.metadata = {{"releaseId", 1}}}), "");
  EXPECT_EQ(ReleaseIdOf({}), "");
}

TEST(ReleasePinTest, AllElseOfTheTextStaysAsItIs) {
  const struct {
    const char *text, *pinned, *unpinned;
  } cases[] = {
      {"null", R"({"_releaseId":"r"})", "null"},
      {"{}", R"({"_releaseId":"r"})", "{}"},
      {" { } ", R"( {"_releaseId":"r" } )", " { } "},
      // Numbers that a double cannot hold, escapes, order.
      {R"({"b": 12345678901234567890, "a":1.0})",
       R"({"_releaseId":"r","b": 12345678901234567890, "a":1.0})",
       R"({"b": 12345678901234567890, "a":1.0})"},
      {R"({"_releaseId":"old"})", R"({"_releaseId":"r"})", "{}"},
      {R"({"_releaseId": "o,l}d\"", "a": [1, "]"]})",
       R"({"_releaseId": "r", "a": [1, "]"]})", R"({"a": [1, "]"]})"},
      {R"({"a": {"_releaseId": "x"} , "_releaseId" : 5 , "c":null})",
       R"({"a": {"_releaseId": "x"} , "_releaseId" : "r" , "c":null})",
       R"({"a": {"_releaseId": "x"} , "c":null})"},
      {R"({"a":"\\", "\u005freleaseId":[{"x":"}"}]})",
       R"({"a":"\\", "\u005freleaseId":"r"})", R"({"a":"\\"})"},
      // Of equal keys the last counts.
      {R"({"_releaseId":"1","a":2,"_releaseId":"3"})",
       R"({"_releaseId":"1","a":2,"_releaseId":"r"})", R"({"a":2})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(TextWithPin(c.text, "r"), c.pinned);
    EXPECT_EQ(TextWithPin(c.text, std::nullopt), c.unpinned);
    const auto before = base::ParseGoJson(c.text, "text");
    ASSERT_TRUE(before.ok()) << before.status();
    EXPECT_EQ(*base::ParseGoJson(c.pinned, "text"), WithPin(*before, "r"));
  }
}

TEST(ReleasePinTest, AnIdIsWrittenAsJson) {
  EXPECT_EQ(TextWithPin("{}", "a\"b"), R"({"_releaseId":"a\"b"})");
}

}  // namespace
}  // namespace wandb
