#include "wandb/quantity.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace wandb {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Digits at the front of `text`, which are taken off it.
absl::string_view TakeDigits(absl::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsDigit);
  const absl::string_view digits =
      text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool TakeSign(absl::string_view& text) {
  if (absl::ConsumePrefix(&text, "-")) return true;
  absl::ConsumePrefix(&text, "+");
  return false;
}

// What `suffix` multiplies with: a letter, or an exponent.
std::optional<double> Factor(absl::string_view suffix) {
  struct Suffix {
    absl::string_view text;
    int base;
    int exponent;
  };
  constexpr Suffix kSuffixes[] = {
      {"", 10, 0},   {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3},
      {"k", 10, 3},  {"M", 10, 6},  {"G", 10, 9},  {"T", 10, 12},
      {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
      {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60},
  };
  const auto* const found =
      std::find_if(std::begin(kSuffixes), std::end(kSuffixes),
                   [&](const Suffix& each) { return each.text == suffix; });
  if (found != std::end(kSuffixes)) {
    return std::pow(found->base, found->exponent);
  }
  if (!absl::ConsumePrefix(&suffix, "e") &&
      !absl::ConsumePrefix(&suffix, "E")) {
    return std::nullopt;
  }
  const bool negative = TakeSign(suffix);
  const absl::string_view digits = TakeDigits(suffix);
  int exponent = 0;
  if (digits.empty() || !suffix.empty()) return std::nullopt;
  // More digits than an int has are as good as the most.
  if (!absl::SimpleAtoi(digits, &exponent)) exponent = 10'000;
  return std::pow(10, negative ? -exponent : exponent);
}

}  // namespace

std::optional<double> QuantityAmount(absl::string_view text) {
  const bool negative = TakeSign(text);
  const absl::string_view whole = TakeDigits(text);
  absl::string_view fraction;
  if (absl::ConsumePrefix(&text, ".")) fraction = TakeDigits(text);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const std::optional<double> factor = Factor(text);
  if (!factor.has_value()) return std::nullopt;
  double number = 0;
  if (!absl::SimpleAtod(absl::StrCat("0", whole, ".", fraction, "0"),
                        &number)) {
    return std::nullopt;
  }
  return (negative ? -number : number) * *factor;
}

bool IsQuantity(absl::string_view text) {
  return QuantityAmount(text).has_value();
}

}  // namespace wandb
