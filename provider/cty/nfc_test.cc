#include "provider/cty/nfc.h"

#include <ctime>

#include "gtest/gtest.h"

namespace cty {
namespace {

constexpr char kAcute[] = "\xcc\x81";     // U+0301, above
constexpr char kDotBelow[] = "\xcc\xa3";  // U+0323, sorted before it
constexpr char kJoiner[] = "\xcd\x8f";    // U+034F

std::string Repeated(const std::string& unit, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += unit;
  return text;
}

TEST(ToNfc, ComposesAndSorts) {
  EXPECT_EQ(ToNfc("plain"), "plain");
  EXPECT_EQ(ToNfc(std::string("e") + kAcute), "\xc3\xa9");
  EXPECT_EQ(ToNfc(std::string("q") + kAcute + kDotBelow),
            std::string("q") + kDotBelow + kAcute);
  EXPECT_EQ(ToNfc("\xff"), std::nullopt);
  EXPECT_EQ(ToNfc(std::string("e") + kAcute + "\xff"), std::nullopt);
}

// As golang.org/x/text does, which core normalises with.
TEST(ToNfc, BreaksUpMoreThanThirtyMarksInARow) {
  const std::string thirty = "q" + Repeated(kAcute, 30);
  EXPECT_EQ(ToNfc(thirty), thirty);
  EXPECT_EQ(ToNfc(thirty + kAcute), thirty + kJoiner + kAcute);
  EXPECT_EQ(ToNfc("q" + Repeated(kAcute, 61)),
            thirty + kJoiner + Repeated(kAcute, 30) + kJoiner + kAcute);
  // The accent of a composed letter is one of them.
  EXPECT_EQ(
      ToNfc("\xc3\xa9" + Repeated(kDotBelow, 30)),
      "\xe1\xba\xb9" + Repeated(kDotBelow, 28) + kAcute + kJoiner + kDotBelow);
  // What is normal stays so.
  const std::string long_one = *ToNfc("q" + Repeated(kAcute, 1000));
  EXPECT_EQ(ToNfc(long_one), long_one);
}

TEST(ToNfc, TakesLinearTimeForAnyMarks) {
  const auto time = [](size_t marks) {
    const std::string text =
        "q" + Repeated(std::string(kAcute) + kDotBelow, marks / 2);
    const std::clock_t start = std::clock();
    EXPECT_TRUE(ToNfc(text).has_value());
    return std::clock() - start;
  };
  const std::clock_t one = time(100'000);
  EXPECT_LE(time(400'000), 8 * one + CLOCKS_PER_SEC / 10);
}

}  // namespace
}  // namespace cty
