#include "base/utf8.h"

namespace base {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

}  // namespace

std::optional<uint32_t> TakeCodePoint(absl::string_view& text) {
  const auto first = static_cast<uint8_t>(text[0]);
  size_t size = 0;
  if (first < 0x80) {
    size = 1;
  } else if (first >= 0xc2 && first < 0xe0) {
    size = 2;
  } else if (first >= 0xe0 && first < 0xf0) {
    size = 3;
  } else if (first >= 0xf0 && first < 0xf5) {
    size = 4;
  }
  uint32_t code = size == 1 ? first : first & (0x7fU >> size);
  bool good = size != 0 && size <= text.size();
  for (size_t i = 1; good && i < size; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    good = (next & 0xc0U) == 0x80;
    code = code << 6U | (next & 0x3fU);
  }
  // The first byte rules out the other overlong forms.
  const bool overlong =
      (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  good = good && !overlong && !surrogate && code <= 0x10ffff;
  text.remove_prefix(good ? size : 1);
  if (!good) return std::nullopt;
  return code;
}

void AppendCodePoint(uint32_t code, std::string& out) {
  const auto trailing = [&out, code](uint32_t shift) {
    out += static_cast<char>(0x80U | (code >> shift & 0x3fU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    out += static_cast<char>(0xc0U | code >> 6U);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0U | code >> 12U);
    trailing(6);
  } else {
    out += static_cast<char>(0xf0U | code >> 18U);
    trailing(12);
    trailing(6);
  }
  trailing(0);
}

std::string ValidUtf8(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const absl::string_view before = text;
    if (TakeCodePoint(text).has_value()) {
      out.append(before.data(), before.size() - text.size());
    } else {
      AppendCodePoint(kReplacement, out);
    }
  }
  return out;
}

std::string Shortened(std::string text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0U) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace base
