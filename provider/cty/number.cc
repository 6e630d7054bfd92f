#include "provider/cty/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace cty {
namespace {

constexpr int kMaxExponent = 10'000;

absl::Status NotANumber() {
  return absl::InvalidArgumentError("not a decimal number");
}

// Takes the leading digits off `text`.
absl::string_view TakeDigits(absl::string_view& text) {
  size_t count = 0;
  while (count < text.size() && absl::ascii_isdigit(text[count])) ++count;
  const absl::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// What follows an "e".
absl::StatusOr<int> ParseExponent(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  absl::string_view digits = TakeDigits(text);
  if (digits.empty() || !text.empty()) return NotANumber();
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  int magnitude = 0;
  if (digits.size() > 5 ||
      (!digits.empty() && !absl::SimpleAtoi(digits, &magnitude)) ||
      magnitude > kMaxExponent) {
    return absl::InvalidArgumentError("the exponent is out of range");
  }
  return negative ? -magnitude : magnitude;
}

// `digits` with the decimal point before position `point`, which may lie
// outside of them.
std::string Canonical(bool negative, std::string digits, int64_t point) {
  const auto size = static_cast<int64_t>(digits.size());
  if (point < 0) {
    digits.insert(0, static_cast<size_t>(-point), '0');
    point = 0;
  } else if (point > size) {
    digits.append(static_cast<size_t>(point - size), '0');
  }
  absl::string_view whole(digits.data(), static_cast<size_t>(point));
  absl::string_view rest = absl::string_view(digits).substr(whole.size());
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  const size_t last = rest.find_last_not_of('0');
  rest = last == rest.npos ? "" : rest.substr(0, last + 1);
  if (whole.empty() && rest.empty()) return "0";
  return absl::StrCat(negative ? "-" : "", whole.empty() ? "0" : whole,
                      rest.empty() ? "" : ".", rest);
}

std::string Infinity(bool negative) { return negative ? "-inf" : "inf"; }

}  // namespace

Number Number::FromInt(int64_t value) { return Number(absl::StrCat(value)); }
Number Number::FromUint(uint64_t value) { return Number(absl::StrCat(value)); }

absl::StatusOr<Number> Number::FromDoubleExact(double value) {
  if (std::isnan(value)) return NotANumber();
  if (std::isinf(value)) return Number(Infinity(value < 0));
  // A double with n binary places has n decimal places, and at most 1,074.
  int exponent = 0;
  std::frexp(value, &exponent);
  const int places =
      std::clamp(std::numeric_limits<double>::digits - exponent, 0, 1074);
  char buffer[1500];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value,
                                 std::chars_format::fixed, places);
  return Parse(
      absl::string_view(buffer, static_cast<size_t>(end.ptr - buffer)));
}

absl::StatusOr<Number> Number::FromDoubleShortest(double value) {
  if (std::isnan(value)) return NotANumber();
  if (std::isinf(value)) return Number(Infinity(value < 0));
  char buffer[64];
  // Not the fixed form: that one prints all digits of large values.
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value,
                                 std::chars_format::scientific);
  return Parse(
      absl::string_view(buffer, static_cast<size_t>(end.ptr - buffer)));
}

absl::StatusOr<Number> Number::Parse(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  if (text == "inf") return Number(Infinity(negative));
  const absl::string_view whole = TakeDigits(text);
  absl::string_view rest;
  if (absl::ConsumePrefix(&text, ".")) rest = TakeDigits(text);
  if (whole.empty() && rest.empty()) return NotANumber();
  int exponent = 0;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    absl::StatusOr<int> parsed = ParseExponent(text);
    if (!parsed.ok()) return parsed.status();
    exponent = *parsed;
  } else if (!text.empty()) {
    return NotANumber();
  }
  return Number(Canonical(negative, absl::StrCat(whole, rest),
                          static_cast<int64_t>(whole.size()) + exponent));
}

bool Number::IsInteger() const {
  return text_.find('.') == text_.npos && text_.back() != 'f';
}

std::optional<int64_t> Number::AsInt64() const {
  int64_t value = 0;
  if (!IsInteger() || !absl::SimpleAtoi(text_, &value)) return std::nullopt;
  return value;
}

std::optional<uint64_t> Number::AsUint64() const {
  uint64_t value = 0;
  if (!IsInteger() || !absl::SimpleAtoi(text_, &value)) return std::nullopt;
  return value;
}

double Number::AsDouble() const {
  double value = 0;
  // Also reads inf; out of range gives an infinity or zero.
  if (!absl::SimpleAtod(text_, &value)) return 0;
  return value;
}

bool Number::IsExactDouble() const {
  // A binary fraction ends in 5 in decimal: most fractions stop here.
  if (!IsInteger() && text_.back() != 'f' && text_.back() != '5') return false;
  const absl::StatusOr<Number> exact = FromDoubleExact(AsDouble());
  return exact.ok() && *exact == *this;
}

}  // namespace cty
