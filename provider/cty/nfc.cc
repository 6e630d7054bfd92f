#include "provider/cty/nfc.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/utf8.h"

namespace cty {

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

std::optional<std::string> ToNfc(absl::string_view text) {
  if (IsAscii(text)) return std::string(text);
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &out,
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
