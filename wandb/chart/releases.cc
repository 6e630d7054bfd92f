#include "wandb/chart/releases.h"

#include <cstddef>
#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace wandb {
namespace {

// The last patch of the series 0.10 and of those that follow it.
constexpr int kFirst = 10;
constexpr int kLastPatches[] = {46, 6,  11, 13, 17, 9,  2,  9,  18, 4, 3,
                                9,  5,  9,  9,  5,  12, 0,  23, 3,  2, 13,
                                9,  14, 16, 16, 1,  6,  10, 5,  7,  7, 9};

}  // namespace

std::string WhyNotReleased(absl::string_view version) {
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  int minor = 0, patch = 0;
  if (parts.size() != 3 || parts[0] != "0" ||
      !absl::SimpleAtoi(parts[1], &minor) ||
      !absl::SimpleAtoi(parts[2], &patch) || minor < kFirst) {
    return "";
  }
  const size_t series = minor - kFirst;
  if (series >= std::size(kLastPatches) || patch <= kLastPatches[series]) {
    return "";
  }
  return absl::StrCat("The last one of 0.", minor, " is 0.", minor, ".",
                      kLastPatches[series]);
}

}  // namespace wandb
