#include "base/utf8.h"

#include "gtest/gtest.h"

namespace base {
namespace {

TEST(ValidUtf8Test, LeavesWellFormedTextAlone) {
  for (const char* text :
       {"", "plain", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xef\xbf\xbd"}) {
    EXPECT_EQ(ValidUtf8(text), text);
  }
  EXPECT_EQ(ValidUtf8(std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST(ValidUtf8Test, ReplacesWhatIsNotUtf8) {
  const struct {
    const char* kind;
    std::string text;
    size_t bad;
  } cases[] = {
      {"Latin-1", "\xe9", 1},
      {"never in UTF-8", "\xff\xfe", 2},
      {"a continuation alone", "\x80", 1},
      {"overlong in two bytes", "\xc0\xaf", 2},
      {"overlong in three", "\xe0\x80\xaf", 3},
      {"overlong in four", "\xf0\x80\x80\xaf", 4},
      {"a surrogate", "\xed\xa0\x80", 3},
      {"above U+10FFFF", "\xf4\x90\x80\x80", 4},
      {"cut after one of two", "\xc3", 1},
      {"cut after two of three", "\xe2\x82", 2},
      {"cut after three of four", "\xf0\x9f\x98", 3},
  };
  for (const auto& c : cases) {
    std::string replaced;
    for (size_t i = 0; i < c.bad; ++i) replaced += "\xef\xbf\xbd";
    EXPECT_EQ(ValidUtf8("a" + c.text), "a" + replaced) << c.kind;
    EXPECT_EQ(ValidUtf8("a" + c.text + "\xc3\xa9z"),
              "a" + replaced + "\xc3\xa9z")
        << c.kind;
  }
}

}  // namespace
}  // namespace base
