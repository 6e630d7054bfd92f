#include "base/printable.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace base {
namespace {

struct Range {
  uint32_t first, last;
};

constexpr Range kActive[] = {
    {0x00, 0x08},     {0x0b, 0x1f},     {0x7f, 0x9f},
    {0x061c, 0x061c}, {0x200e, 0x200f}, {0x2028, 0x202e},
    {0x2066, 0x2069}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f},
};

bool IsActive(uint32_t point) {
  return std::any_of(std::begin(kActive), std::end(kActive),
                     [point](const Range& range) {
                       return range.first <= point && point <= range.last;
                     });
}

std::string Escaped(uint32_t point) {
  return point > 0xffff
             ? absl::StrCat("\\U", absl::Hex(point, absl::kZeroPad8))
             : absl::StrCat("\\u", absl::Hex(point, absl::kZeroPad4));
}

}  // namespace

std::string Printable(absl::string_view text) {
  const std::string valid = ValidUtf8(text);
  std::string out;
  out.reserve(valid.size());
  for (absl::string_view rest = valid; !rest.empty();) {
    const absl::string_view before = rest;
    const uint32_t point = TakeCodePoint(rest).value_or(0);
    if (point == '\r' && absl::StartsWith(rest, "\n")) continue;
    absl::StrAppend(
        &out, IsActive(point)
                  ? Escaped(point)
                  : std::string(before.substr(0, before.size() - rest.size())));
  }
  return out;
}

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

}  // namespace base
