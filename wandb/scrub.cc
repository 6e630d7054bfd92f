#include "wandb/scrub.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/json.h"
#include "wandb/mask.h"
#include "wandb/urls.h"

namespace wandb {
namespace {

// Shorter ones are too common in text that has nothing to do with them.
constexpr size_t kShortest = 4;

// The manager logs specifications under the keys "Spec", "spec" and "diff",
// and the first of them unmasked. The marks also fit JSON inside JSON.
bool CarriesSpec(absl::string_view line) {
  constexpr absl::string_view kMarks[] = {
      R"("spec":)", R"("spec" :)",  R"(\"spec\":)",
      R"("diff":)", R"(\"diff\":)", "processing the spec"};
  const std::string lower = absl::AsciiStrToLower(line);
  return std::any_of(
      std::begin(kMarks), std::end(kMarks),
      [&](absl::string_view mark) { return absl::StrContains(lower, mark); });
}

bool IsTokenCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
         c == '_';
}

size_t SkipToken(absl::string_view text, size_t from) {
  while (from < text.size() && IsTokenCharacter(text[from])) ++from;
  return from;
}

// The end of the JWT-like string at the start of `text`, or 0: "eyJ" (the
// base64 of `{"`), then more parts after dots.
size_t JwtEnd(absl::string_view text) {
  if (!absl::StartsWith(text, "eyJ")) return 0;
  size_t end = SkipToken(text, 0);
  int parts = 1;
  while (end + 1 < text.size() && text[end] == '.' &&
         IsTokenCharacter(text[end + 1])) {
    end = SkipToken(text, end + 1);
    ++parts;
  }
  return parts >= 2 ? end : 0;
}

std::string RedactJwts(absl::string_view text) {
  std::string result;
  size_t i = 0;
  while (i < text.size()) {
    const bool at_start = i == 0 || !IsTokenCharacter(text[i - 1]);
    const size_t length = at_start ? JwtEnd(text.substr(i)) : 0;
    if (length > 0) {
      result += kMasked;
      i += length;
    } else {
      result += text[i++];
    }
  }
  return result;
}

enum class HexCase { kLower, kUpper };

std::string PercentEncode(absl::string_view text, HexCase hex_case) {
  std::string result;
  for (char c : text) {
    if (IsTokenCharacter(c) || c == '.' || c == '~') {
      result += c;
      continue;
    }
    const std::string hex =
        absl::StrCat(absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    absl::StrAppend(
        &result, "%",
        hex_case == HexCase::kUpper ? absl::AsciiStrToUpper(hex) : hex);
  }
  return result;
}

// `secret` as it may appear in logs.
std::vector<std::string> Forms(const std::string& secret) {
  const std::string quoted = base::DumpJson(base::Json(secret));
  return {secret, absl::Base64Escape(secret),
          quoted.substr(1, quoted.size() - 2),
          PercentEncode(secret, HexCase::kUpper),
          PercentEncode(secret, HexCase::kLower)};
}

}  // namespace

Scrubber::Scrubber(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    // What is in the replacement would be replaced again and again.
    if (absl::StrContains(kMasked, secret)) continue;
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

std::string Scrubber::Scrub(absl::string_view text) const {
  std::string result;
  bool first = true;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (CarriesSpec(line)) continue;
    if (!std::exchange(first, false)) result += '\n';
    absl::StrAppend(&result, line);
  }
  for (const std::string& needle : needles_) {
    absl::StrReplaceAll({{needle, kMasked}}, &result);
  }
  for (const std::string& needle : short_) {
    absl::StrReplaceAll({{needle, absl::StrCat("\"", kMasked, "\"")}}, &result);
  }
  return RedactJwts(RedactUrls(result));
}

}  // namespace wandb
