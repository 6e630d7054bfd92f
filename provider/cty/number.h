// Terraform's number: an exact decimal.
//
// Core computes with 512-bit floats and sends what is neither int64 nor exactly
// a double as decimal text; a double 0.1 and the text "0.1" are different
// numbers to it. So a number is kept as canonical decimal text: no exponent, no
// leading or trailing zeros, "-0" is "0". Equal numbers have equal text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cty {

class Number {
 public:
  Number() : text_("0") {}

  static Number FromInt(int64_t value);
  static Number FromUint(uint64_t value);
  // The exact value of `value`: 0.1 gives 0.1000000000000000055… with all
  // digits. Infinities become "inf" and "-inf"; NaN is kInvalidArgument.
  static absl::StatusOr<Number> FromDoubleExact(double value);
  // The shortest decimal that reads back as `value`: 0.1 gives 0.1. This is
  // what a person wrote when a JSON document said 0.1.
  static absl::StatusOr<Number> FromDoubleShortest(double value);
  // Decimal text with optional sign, fraction and exponent (|exponent| at most
  // 10,000), or "inf"/"-inf".
  static absl::StatusOr<Number> Parse(absl::string_view text);

  // Canonical text.
  const std::string& text() const { return text_; }
  bool IsInteger() const;
  // nullopt when not an integer in range.
  std::optional<int64_t> AsInt64() const;
  std::optional<uint64_t> AsUint64() const;
  // The nearest double.
  double AsDouble() const;
  // Whether AsDouble() is this very number.
  bool IsExactDouble() const;

  bool operator==(const Number&) const = default;

 private:
  explicit Number(std::string canonical) : text_(std::move(canonical)) {}
  std::string text_;
};

}  // namespace cty
