#include "provider/cty/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace cty {
namespace {

std::string Canonical(absl::string_view text) {
  const absl::StatusOr<Number> number = Number::Parse(text);
  return number.ok() ? number->text() : "error";
}

TEST(Number, EqualNumbersHaveEqualText) {
  struct Case {
    const char* text;
    const char* canonical;
  };
  const std::vector<Case> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.000", "0"},
      {"+1", "1"},
      {"1.0", "1"},
      {"007", "7"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-.50", "-0.5"},
      {"1e3", "1000"},
      {"1.25E+1", "12.5"},
      {"125e-2", "1.25"},
      {"100e-2", "1"},
      {"1e-3", "0.001"},
      {"0e99", "0"},
      {"0.1", "0.1"},
      {"1e00002", "100"},
      {"inf", "inf"},
      {"-inf", "-inf"},
      {"1e21", "1000000000000000000000"},
      {"9007199254740993", "9007199254740993"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Canonical(c.text), c.canonical) << c.text;
  }
}

TEST(Number, RefusesWhatIsNotDecimal) {
  for (const char* text :
       {"", "-", "+", ".", "e1", "1e", "1e+", "1e1.5", "0x10", "1_000", " 1",
        "1 ", "nan", "Infinity", "--1", "1.2.3", "1e10001", "1e-10001",
        "1e99999999999999999999"}) {
    EXPECT_EQ(Canonical(text), "error") << text;
  }
}

TEST(Number, LimitsTheExponent) {
  EXPECT_EQ(Canonical("1e10000").size(), 10001U);
  EXPECT_EQ(Canonical("1e-10000").size(), 10002U);
}

TEST(Number, ExactDoubleShowsAllDigits) {
  EXPECT_EQ(Number::FromDoubleExact(0.1)->text(),
            "0.1000000000000000055511151231257827021181583404541015625");
  EXPECT_EQ(Number::FromDoubleExact(-0.5)->text(), "-0.5");
  EXPECT_EQ(Number::FromDoubleExact(-0.0)->text(), "0");
  EXPECT_EQ(Number::FromDoubleExact(1e23)->text(), "99999999999999991611392");
  EXPECT_EQ(Number::FromDoubleExact(5e-324)->text().size(), 1076U);
  EXPECT_EQ(Number::FromDoubleExact(std::numeric_limits<double>::max())
                ->text()
                .size(),
            309U);
  EXPECT_FALSE(Number::FromDoubleExact(std::nan("")).ok());
}

TEST(Number, ShortestDoubleIsWhatAPersonWrote) {
  EXPECT_EQ(Number::FromDoubleShortest(0.1)->text(), "0.1");
  EXPECT_EQ(Number::FromDoubleShortest(1e23)->text(),
            "100000000000000000000000");
  EXPECT_EQ(Number::FromDoubleShortest(-2.5e-7)->text(), "-0.00000025");
  EXPECT_EQ(Number::FromDoubleShortest(-INFINITY)->text(), "-inf");
  EXPECT_FALSE(Number::FromDoubleShortest(std::nan("")).ok());
}

constexpr const char* kTenth =
    "0.1000000000000000055511151231257827021181583404541015625";

TEST(Number, TellsWhatIsExactlyADouble) {
  for (const char* text : {"0", "1", "0.5", "-0.25", "inf", "-inf", "1e22",
                           "9007199254740992", "9223372036854775808", kTenth}) {
    EXPECT_TRUE(Number::Parse(text)->IsExactDouble()) << text;
  }
  for (const char* text :
       {"0.1", "0.15", "9007199254740993", "1e23", "1e400", "1e-400", "0.3"}) {
    EXPECT_FALSE(Number::Parse(text)->IsExactDouble()) << text;
  }
}

TEST(Number, ConvertsToInt64InRangeOnly) {
  EXPECT_EQ(Number::Parse("-9223372036854775808")->AsInt64(),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Number::Parse("9223372036854775807")->AsInt64(),
            std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Number::Parse("9223372036854775808")->AsInt64(), std::nullopt);
  EXPECT_EQ(Number::Parse("1.5")->AsInt64(), std::nullopt);
  EXPECT_EQ(Number::Parse("inf")->AsInt64(), std::nullopt);
  EXPECT_EQ(Number::FromUint(18446744073709551615U).text(),
            "18446744073709551615");
  EXPECT_EQ(Number::FromInt(-5).AsInt64(), -5);
}

TEST(Number, KnowsIntegers) {
  EXPECT_TRUE(Number::Parse("1e30")->IsInteger());
  EXPECT_FALSE(Number::Parse("1e-1")->IsInteger());
  EXPECT_FALSE(Number::Parse("-inf")->IsInteger());
}

TEST(Number, BeyondADoubleIsInfiniteOrZero) {
  EXPECT_EQ(Number::Parse("1e400")->AsDouble(), INFINITY);
  EXPECT_EQ(Number::Parse("-1e400")->AsDouble(), -INFINITY);
  EXPECT_EQ(Number::Parse("1e-400")->AsDouble(), 0);
}

}  // namespace
}  // namespace cty
