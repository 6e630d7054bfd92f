#include "base/go_json.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace base {
namespace {

constexpr char kByteOrderMark[] = "\xef\xbb\xbf";
// Go's limit for lists and maps in each other.
constexpr size_t kGoDepth = 10000;
constexpr absl::string_view kReplacement = "\\ufffd";
constexpr size_t kEscapeSize = 6;  // Of "\ud83d".

// The code of the escape at the start of `text`; nullopt if there is none.
std::optional<uint32_t> EscapedCode(absl::string_view text) {
  uint32_t code = 0;
  if (text.size() < kEscapeSize || !absl::StartsWith(text, "\\u") ||
      !absl::SimpleHexAtoi(text.substr(2, 4), &code)) {
    return std::nullopt;
  }
  return code;
}

bool IsHigh(uint32_t code) { return code >= 0xd800 && code < 0xdc00; }
bool IsLow(uint32_t code) { return code >= 0xdc00 && code < 0xe000; }

// `text` with the escape of U+FFFD for that of each half of a pair without the
// other. Outside of strings a backslash is an error in any case.
std::string WithoutHalves(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t plain = std::min(text.find('\\'), text.size());
    absl::StrAppend(&out, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::optional<uint32_t> code = EscapedCode(text);
    size_t taken = code.has_value() ? kEscapeSize : 2;
    const std::optional<uint32_t> next =
        code.has_value() ? EscapedCode(text.substr(taken)) : std::nullopt;
    const bool pair =
        code.has_value() && next.has_value() && IsHigh(*code) && IsLow(*next);
    if (pair) taken += kEscapeSize;
    const bool half =
        code.has_value() && !pair && (IsHigh(*code) || IsLow(*code));
    absl::StrAppend(&out, half ? kReplacement : text.substr(0, taken));
    text.remove_prefix(std::min(taken, text.size()));
  }
  return out;
}

// The deepest level of `text`, which is JSON.
size_t DepthOf(absl::string_view text) {
  size_t depth = 0;
  size_t deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

// Integers as float64 has them.
void RoundNumbers(Json& json) {
  if (json.is_structured()) {
    for (Json& child : json) RoundNumbers(child);
    return;
  }
  if (!json.is_number_integer()) return;
  const double number = json.is_number_unsigned()
                            ? static_cast<double>(json.get<uint64_t>())
                            : static_cast<double>(json.get<int64_t>());
  constexpr double kTooLarge = 9223372036854775808.0;  // 2^63
  if (std::fabs(number) < kTooLarge) {
    json = static_cast<int64_t>(number);
  } else {
    json = number;
  }
}

}  // namespace

absl::StatusOr<Json> ParseGoJson(absl::string_view text, absl::string_view what,
                                 const JsonLimits& limits) {
  if (absl::StartsWith(text, kByteOrderMark)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what,
                     " starts with a byte order mark, which is not valid "
                     "JSON"));
  }
  // It would end the text for the parser below.
  if (const size_t nul = text.find('\0'); nul != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not valid JSON (byte ", nul + 1, ")"));
  }
  const std::string read = WithoutHalves(ValidUtf8(text));
  auto json = ParseJson(read, what, limits);
  if (absl::IsResourceExhausted(json.status())) {
    // Parsing stopped there; the rest may be no JSON.
    if (!Json::accept(read)) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " is not valid JSON"));
    }
    if (DepthOf(read) > kGoDepth) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " is nested too deeply: in more than ", kGoDepth,
                       " lists and maps"));
    }
  }
  RETURN_IF_ERROR(json.status());
  RoundNumbers(*json);
  return json;
}

}  // namespace base
