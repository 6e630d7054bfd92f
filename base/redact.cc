#include "base/redact.h"

#include <algorithm>
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

std::string PercentEncode(absl::string_view text, HexCase hex_case) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-_.~", c)) {
      result += c;
      continue;
    }
    const std::string hex = absl::StrCat(absl::Hex(byte, absl::kZeroPad2));
    absl::StrAppend(
        &result, "%",
        hex_case == HexCase::kUpper ? absl::AsciiStrToUpper(hex) : hex);
  }
  return result;
}

// `secret` as it may appear in text.
std::vector<std::string> Forms(const std::string& secret) {
  const std::string quoted = DumpJson(Json(secret));
  return {secret, absl::Base64Escape(secret),
          quoted.substr(1, quoted.size() - 2),
          PercentEncode(secret, HexCase::kUpper),
          PercentEncode(secret, HexCase::kLower)};
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
  std::string out(text);
  for (const std::string& needle : needles_) {
    absl::StrReplaceAll({{needle, kHidden}}, &out);
  }
  for (const std::string& needle : short_) {
    absl::StrReplaceAll({{needle, absl::StrCat("\"", kHidden, "\"")}}, &out);
  }
  return HideCredentials(out, care);
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
