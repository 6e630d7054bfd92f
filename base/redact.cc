#include "base/redact.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/json.h"
#include "base/utf8.h"

namespace base {
namespace {

// Shorter ones are too common in text that has nothing to do with them.
constexpr size_t kShortest = 4;

enum class HexCase { kLower, kUpper };

std::string HexDigits(uint32_t code, int digits, HexCase hex_case) {
  const absl::string_view alphabet =
      hex_case == HexCase::kUpper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += alphabet[code >> static_cast<uint32_t>(shift) & 0xfU];
  }
  return out;
}

std::string PercentEncode(absl::string_view text, HexCase hex_case,
                          bool plus_for_space) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-_.~", c)) {
      result += c;
    } else if (c == ' ' && plus_for_space) {
      result += '+';
    } else {
      result += '%';
      result += HexDigits(byte, 2, hex_case);
    }
  }
  return result;
}

std::string JsonQuoted(const std::string& text) {
  const std::string quoted = DumpJson(Json(text));
  return quoted.substr(1, quoted.size() - 2);
}

// As encoding/json of Go writes the inside of a string: HTML's own characters
// and two separators of lines as "\u003c". Its hexadecimal digits are small;
// others write the same with large ones.
std::string GoJsonQuoted(const std::string& text, HexCase hex_case) {
  const std::string quoted = JsonQuoted(text);
  std::string out;
  for (absl::string_view rest = quoted; !rest.empty();) {
    const absl::string_view before = rest;
    const uint32_t point = TakeCodePoint(rest).value_or(0xfffd);
    if (point == '&' || point == '<' || point == '>' || point == 0x2028 ||
        point == 0x2029) {
      absl::StrAppend(&out, "\\u", HexDigits(point, 4, hex_case));
    } else {
      absl::StrAppend(&out, before.substr(0, before.size() - rest.size()));
    }
  }
  return out;
}

// What follows a backslash in Go's short escapes; 0 where there is none.
char GoEscape(uint32_t point) {
  switch (point) {
    case '\a':
      return 'a';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '"':
      return '"';
    case '\\':
      return '\\';
    default:
      return '\0';
  }
}

// As "%q" of Go writes the inside of a string. Other characters that Go does
// not print are seldom in a secret, and are left.
std::string GoQuoted(absl::string_view text) {
  std::string out;
  for (absl::string_view rest = text; !rest.empty();) {
    const absl::string_view before = rest;
    const std::optional<uint32_t> point = TakeCodePoint(rest);
    const char escape = point.has_value() ? GoEscape(*point) : '\0';
    if (!point.has_value() || *point < 0x20 || *point == 0x7f) {
      if (escape != '\0') {
        absl::StrAppend(&out, "\\", std::string(1, escape));
      } else {
        absl::StrAppend(&out, "\\x",
                        HexDigits(static_cast<unsigned char>(before[0]), 2,
                                  HexCase::kLower));
      }
    } else if (escape != '\0') {
      absl::StrAppend(&out, "\\", std::string(1, escape));
    } else if (*point >= 0x80 && *point < 0xa0) {
      absl::StrAppend(&out, "\\u", HexDigits(*point, 4, HexCase::kLower));
    } else {
      absl::StrAppend(&out, before.substr(0, before.size() - rest.size()));
    }
  }
  return out;
}

// `secret` as it may appear in text. Some are equal.
std::vector<std::string> Forms(const std::string& secret) {
  std::vector<std::string> forms = {
      secret, absl::Base64Escape(secret),
      PercentEncode(secret, HexCase::kUpper, false),
      PercentEncode(secret, HexCase::kLower, false),
      PercentEncode(secret, HexCase::kUpper, true)};
  const std::string quoted[] = {
      JsonQuoted(secret), GoJsonQuoted(secret, HexCase::kLower),
      GoJsonQuoted(secret, HexCase::kUpper), GoQuoted(secret)};
  for (const std::string& form : quoted) {
    if (form == secret) continue;
    forms.push_back(form);
    // JSON that a message quotes.
    forms.push_back(GoQuoted(form));
  }
  return forms;
}

}  // namespace

bool HasCredentials(absl::string_view text) {
  return !FindCredentials(text, Care::kPrecise).empty();
}

std::string HideCredentials(absl::string_view text, Care care) {
  std::string out;
  size_t done = 0;
  for (const Span& span : FindCredentials(text, care)) {
    absl::StrAppend(&out, text.substr(done, span.begin - done), kHidden);
    done = span.end;
  }
  absl::StrAppend(&out, text.substr(done));
  return out;
}

Redactor::Redactor(const std::vector<std::string>& secrets) { Add(secrets); }

void Redactor::Add(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    // What is in the replacement would be replaced again and again.
    if (absl::StrContains(kHidden, secret)) continue;
    if (secret.size() < kShortest) {
      short_.push_back(absl::StrCat("\"", secret, "\""));
      continue;
    }
    for (std::string& form : Forms(secret)) {
      needles_.push_back(std::move(form));
    }
  }
  // A secret inside another must not break the other up.
  std::sort(needles_.begin(), needles_.end(),
            [](const std::string& a, const std::string& b) {
              return a.size() != b.size() ? a.size() > b.size() : a < b;
            });
  needles_.erase(std::unique(needles_.begin(), needles_.end()), needles_.end());
}

std::string Redactor::Redact(absl::string_view text, Care care) const {
  return HideCredentials(HideKnown(text), care);
}

std::string Redactor::HideKnown(absl::string_view text) const {
  std::string out(text);
  for (const std::string& needle : needles_) {
    absl::StrReplaceAll({{needle, kHidden}}, &out);
  }
  for (const std::string& needle : short_) {
    absl::StrReplaceAll({{needle, absl::StrCat("\"", kHidden, "\"")}}, &out);
  }
  return out;
}

std::string RedactCredentials(absl::string_view text,
                              const std::vector<std::string>& secrets) {
  return Redactor(secrets).Redact(StripControlCharacters(text),
                                  Care::kGenerous);
}

std::string StripControlCharacters(absl::string_view text) {
  const std::string valid = ValidUtf8(text);
  std::string out;
  for (absl::string_view rest = valid; !rest.empty();) {
    const absl::string_view before = rest;
    const uint32_t point = TakeCodePoint(rest).value_or(0);
    const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    if (control && point != '\n' && point != '\t') continue;
    absl::StrAppend(&out, before.substr(0, before.size() - rest.size()));
  }
  return out;
}

}  // namespace base
