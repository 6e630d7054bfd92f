#include "wandb/quantity.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace wandb {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Digits at the front of `text`, which are taken off it.
size_t TakeDigits(absl::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsDigit);
  const auto count = static_cast<size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

}  // namespace

bool IsQuantity(absl::string_view text) {
  constexpr absl::string_view kSuffixes[] = {"",   "n",  "u",  "m", "k",  "M",
                                             "G",  "T",  "P",  "E", "Ki", "Mi",
                                             "Gi", "Ti", "Pi", "Ei"};
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  size_t digits = TakeDigits(text);
  if (absl::ConsumePrefix(&text, ".")) digits += TakeDigits(text);
  if (digits == 0) return false;
  if (std::find(std::begin(kSuffixes), std::end(kSuffixes), text) !=
      std::end(kSuffixes)) {
    return true;
  }
  if (!absl::ConsumePrefix(&text, "e") && !absl::ConsumePrefix(&text, "E")) {
    return false;
  }
  if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  return TakeDigits(text) > 0 && text.empty();
}

}  // namespace wandb
