#include "base/printable.h"

#include "gtest/gtest.h"

namespace base {
namespace {

TEST(Printable, KeepsTextLinesAndTabs) {
  for (const char* text : {"", "plain\n\tcaf\xc3\xa9 \xe2\x80\xa6 \xe6\x97\xa5",
                           "\xf0\x9f\x98\x80", "back\\slash"}) {
    EXPECT_EQ(Printable(text), text);
  }
}

TEST(Printable, ShowsWhatATerminalActsOn) {
  EXPECT_EQ(Printable("a\x1b[31mred\x07\x7f"), "a\\u001b[31mred\\u0007\\u007f");
  EXPECT_EQ(Printable(absl::string_view("\0\b\r", 3)), "\\u0000\\u0008\\u000d");
  EXPECT_EQ(Printable("\xc2\x9bx\xc2\x85"), "\\u009bx\\u0085");
}

TEST(Printable, ShowsWhatTurnsTextAround) {
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "b\xe2\x81\xa6\xd8\x9c"),
            "a\\u202eb\\u2066\\u061c");
  EXPECT_EQ(Printable("\xe2\x80\xa8\xef\xbb\xbf"), "\\u2028\\ufeff");
  EXPECT_EQ(Printable("\xf3\xa0\x81\x81"), "\\U000e0041");
}

TEST(Printable, EndsOfLinesAreOneCharacter) {
  EXPECT_EQ(Printable("a\r\nb\rc"), "a\nb\\u000dc");
}

TEST(Printable, MendsWhatIsNotUtf8) {
  EXPECT_EQ(Printable("a\xff"
                      "b\xe2\x80"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Printable, TwiceIsOnce) {
  const std::string once = Printable("\x1b\xe2\x80\xae\r\n\xff");
  EXPECT_EQ(Printable(once), once);
}

TEST(HasControl, CountsLineFeedsAndNoLettersOfOtherScripts) {
  for (absl::string_view text : {"a\nb", "\t", "\x7f"}) {
    EXPECT_TRUE(HasControl(text));
  }
  EXPECT_TRUE(HasControl(absl::string_view("\0", 1)));
  for (const char* text : {"", "plain text", "caf\xc3\xa9", "\xc2\x9b"}) {
    EXPECT_FALSE(HasControl(text)) << text;
  }
}

}  // namespace
}  // namespace base
