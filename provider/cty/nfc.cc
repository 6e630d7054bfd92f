#include "provider/cty/nfc.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "base/utf8.h"

namespace cty {
namespace {

// More of them in a row are broken up, as core's library does it (Unicode
// Standard Annex 15, Stream-Safe Text Format): sorting them takes the square of
// their number.
constexpr int kMostNonStarters = 30;
constexpr uint32_t kGraphemeJoiner = 0x34f;

struct NonStarters {
  int leading = 0;
  int trailing = 0;
};

// In the decomposition of `code`.
NonStarters NonStartersOf(uint32_t code) {
  constexpr utf8proc_ssize_t kLongest = 32;
  if (code < 0x80) return {};
  utf8proc_int32_t parts[kLongest];
  int boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(code), parts, kLongest,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE),
      &boundary);
  if (count <= 0 || count > kLongest) return {};
  const auto marks = [](auto begin, auto end) {  // NOLINT
    return static_cast<int>(
        std::find_if(begin, end,
                     [](utf8proc_int32_t part) {
                       return utf8proc_get_property(part)->combining_class == 0;
                     }) -
        begin);
  };
  return {marks(parts, parts + count),
          marks(std::make_reverse_iterator(parts + count),
                std::make_reverse_iterator(parts))};
}

// `text`, which is UTF-8 or stays as it is, with a joiner where there are too
// many non-starters.
std::string StreamSafe(absl::string_view text) {
  std::string out;
  int run = 0;
  for (absl::string_view left = text; !left.empty();) {
    const std::optional<uint32_t> code = base::TakeCodePoint(left);
    if (!code.has_value()) return std::string(text);
    const NonStarters marks = NonStartersOf(*code);
    run += marks.leading;
    if (run > kMostNonStarters) {
      base::AppendCodePoint(kGraphemeJoiner, out);
      run = marks.leading;
    }
    if (marks.leading == 0) run = marks.trailing;
    base::AppendCodePoint(*code, out);
  }
  return out;
}

}  // namespace

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

std::optional<std::string> ToNfc(absl::string_view text) {
  if (IsAscii(text)) return std::string(text);
  const std::string safe = StreamSafe(text);
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(safe.data()),
      static_cast<utf8proc_ssize_t>(safe.size()), &out,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(
      out, &std::free);
  if (length < 0 || out == nullptr) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(out),
                     static_cast<size_t>(length));
}

std::string ValidNfc(std::string text) {
  if (IsAscii(text)) return text;
  std::optional<std::string> normal = ToNfc(text);
  if (normal.has_value()) return *std::move(normal);
  text = base::ValidUtf8(text);
  normal = ToNfc(text);
  return normal.has_value() ? *std::move(normal) : std::move(text);
}

}  // namespace cty
