#include "base/percent.h"

#include "gtest/gtest.h"

namespace base {
namespace {

TEST(PercentTest, EncodesAllButLettersDigitsAndWhatIsKept) {
  EXPECT_EQ(PercentEncoded("aZ09", ""), "aZ09");
  EXPECT_EQ(PercentEncoded("a-b/c d%", "-/"), "a-b/c%20d%25");
  EXPECT_EQ(PercentEncoded("\xC3\xA9", "~"), "%C3%A9");
  EXPECT_EQ(PercentEncoded(absl::string_view("\0", 1), "-"), "%00");
}

TEST(PercentTest, DecodesTwoDigitsOnly) {
  EXPECT_EQ(PercentDecoded("a%20b%2fc%2F"), "a b/c/");
  EXPECT_EQ(PercentDecoded("%C3%A9"), "\xC3\xA9");
  for (const char* text : {"%", "%4", "%4g", "%+1", "% 1", "%0x", "a%"}) {
    EXPECT_EQ(PercentDecoded(text), text);
  }
}

TEST(PercentTest, GivesBackWhatWasEncoded) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(PercentDecoded(PercentEncoded(all, "-._~")), all);
}

}  // namespace
}  // namespace base
