#include "base/percent.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace base {

std::string PercentEncoded(absl::string_view text, absl::string_view kept,
                           HexCase hex_case) {
  const char* const hex =
      hex_case == HexCase::kUpper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || kept.find(c) != absl::string_view::npos) {
      out.push_back(c);
    } else {
      out.append({'%', hex[byte >> 4], hex[byte & 15]});
    }
  }
  return out;
}

std::string PercentDecoded(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::string_view digits = text.substr(i + 1, 2);
    if (text[i] == '%' && digits.size() == 2 &&
        absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      out += absl::HexStringToBytes(digits);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace base
