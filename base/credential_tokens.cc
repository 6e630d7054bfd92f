#include <algorithm>
#include <array>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "base/credential_finders.h"
#include "base/credential_text.h"
#include "base/credential_words.h"

namespace base::credentials {
namespace {

// Of a JSON web token: "eyJ" (the base64 of `{"`), then more parts after dots.
size_t JwtEnd(absl::string_view text, size_t at) {
  size_t end = Skip(text, at, IsTokenCharacter);
  int parts = 1;
  while (end + 1 < text.size() && text[end] == '.' &&
         IsTokenCharacter(text[end + 1])) {
    end = Skip(text, end + 1, IsTokenCharacter);
    ++parts;
  }
  return parts >= 2 ? end : kNone;
}

constexpr size_t kLong = 16;
constexpr size_t kJudged = 128;

bool IsIssuedCharacter(char c) { return IsTokenCharacter(c) || c == '.'; }

// Whether some issuer's prefix begins with `c`.
bool BeginsIssued(char c) {
  static const std::array<bool, 256> kBegins = [] {
    std::array<bool, 256> begins = {};
    for (const Issued& issued : IssuedTokens()) {
      begins[static_cast<unsigned char>(issued.prefix[0])] = true;
    }
    return begins;
  }();
  return kBegins[static_cast<unsigned char>(c)];
}

size_t IssuedEnd(absl::string_view text, size_t at) {
  if (!BeginsIssued(text[at])) return kNone;
  for (const Issued& issued : IssuedTokens()) {
    if (text[at] != issued.prefix[0] ||
        !absl::StartsWith(text.substr(at), issued.prefix)) {
      continue;
    }
    const size_t from = at + issued.prefix.size();
    // Judged by its beginning, so that many of them stay cheap.
    const absl::string_view judged = text.substr(from, kJudged);
    const size_t length = Skip(judged, 0, IsIssuedCharacter);
    if (length < issued.least) continue;
    if (issued.least >= kLong &&
        absl::c_none_of(judged.substr(0, length), IsDigit)) {
      continue;
    }
    return Skip(text, from, IsIssuedCharacter);
  }
  return kNone;
}

constexpr size_t kShortestHook = 8;
constexpr size_t kShortestForeignHook = 16;

bool HasAnyOf(absl::string_view text, WordList marks) {
  return absl::c_any_of(marks, [&](absl::string_view mark) {
    return absl::StrContains(text, mark);
  });
}

size_t HookBegin(absl::string_view token) {
  for (const absl::string_view mark : Webhooks()) {
    const size_t at = token.find(mark);
    if (at == kNone) continue;
    const size_t begin = at + mark.size();
    if (token.size() - begin >= kShortestHook) return begin;
  }
  if (!absl::StrContains(token, kScheme)) return kNone;
  for (const absl::string_view mark : HookFolders()) {
    const size_t at = token.find(mark);
    if (at == kNone) continue;
    const size_t begin = at + mark.size();
    if (token.size() - begin >= kShortestForeignHook &&
        absl::c_any_of(token.substr(begin), IsDigit)) {
      return begin;
    }
  }
  return kNone;
}

constexpr size_t kShortestBearer = 4;

// The start of what `text` says after "Bearer " or "Basic " at `at`.
size_t BehindScheme(absl::string_view text, size_t at, absl::string_view name) {
  if (!absl::StartsWithIgnoreCase(text.substr(at), name)) return kNone;
  const size_t end = at + name.size();
  if (absl::StartsWith(text.substr(end), "%20")) return end + 3;
  const size_t begin = Skip(text, end, IsBlank);
  return begin == end ? kNone : begin;
}

// Whether `text` starts with the base64 of "user:password".
bool IsBasic(absl::string_view text) {
  std::string decoded;
  return absl::Base64Unescape(text.substr(0, Skip(text, 0, IsBase64)),
                              &decoded) &&
         absl::StrContains(decoded, ":");
}

// Of a password, with its method and its salt: "$2y$10$...".
constexpr size_t kShortestHash = 24;

bool IsHashCharacter(char c) { return IsAlnum(c) || IsIn(c, "$./+=,-"); }

constexpr size_t kRandomLength = 32;

bool LooksRandom(absl::string_view word) {
  // A path is no credential, however long it is.
  if (word.size() < kRandomLength || word.find('/') != kNone) return false;
  const auto has = [&](auto is) {
    return absl::c_any_of(word, [&](unsigned char c) { return is(c); });
  };
  return has(absl::ascii_isdigit) && has(absl::ascii_isupper) &&
         has(absl::ascii_islower);
}

}  // namespace

void FindTokens(absl::string_view text, Care, Spans& found) {
  size_t at = 0;
  while (at < text.size()) {
    if (!IsTokenCharacter(text[at])) {
      ++at;
      continue;
    }
    const size_t end = absl::StartsWith(text.substr(at), "eyJ")
                           ? JwtEnd(text, at)
                           : IssuedEnd(text, at);
    if (end != kNone) found.push_back({at, end});
    // No other one begins within a word.
    at = Skip(text, end == kNone ? at : end, IsTokenCharacter);
  }
}

void FindHashes(absl::string_view text, Care, Spans& found) {
  size_t at = 0;
  while ((at = text.find('$', at)) != kNone) {
    const bool named =
        absl::c_any_of(HashMethods(), [&](absl::string_view method) {
          return absl::StartsWith(text.substr(at), method);
        });
    if (!named) {
      ++at;
      continue;
    }
    const size_t end = Skip(text, at, IsHashCharacter);
    if (end - at >= kShortestHash) found.push_back({at, end});
    at = end;
  }
}

void FindWebhooks(absl::string_view text, Care, Spans& found) {
  if (!HasAnyOf(text, Webhooks()) && !HasAnyOf(text, HookFolders())) return;
  ForEachToken(text, [&](size_t offset, absl::string_view token) {
    const size_t begin = HookBegin(token);
    if (begin == kNone || absl::StartsWith(token.substr(begin), kHidden)) {
      return;
    }
    found.push_back({offset + begin, offset + token.size()});
  });
}

void FindAuthorization(absl::string_view text, Care care, Spans& found) {
  size_t at = 0;
  size_t end = 0;  // Of the last word that was looked at.
  while ((at = text.find_first_of("bB", at)) != kNone) {
    const size_t word = at++;
    if (!AtWordStart(text, word)) continue;
    size_t begin = BehindScheme(text, word, "bearer");
    const bool bearer = begin != kNone;
    if (!bearer) begin = BehindScheme(text, word, "basic");
    if (begin == kNone) continue;
    // "basic%20basic%20" is one word.
    if (begin >= end) end = Skip(text, begin, IsWord);
    const absl::string_view value = text.substr(begin, end - begin);
    at = std::max(at, begin);
    if (value.empty()) continue;
    if (care == Care::kPrecise) {
      if (IsOneOf(NoTokens(), value)) continue;
      if (bearer ? value.size() < kShortestBearer : !IsBasic(value)) continue;
    }
    found.push_back({begin, end});
    at = end;
  }
}

void FindRandomWords(absl::string_view text, Care care, Spans& found) {
  if (care == Care::kPrecise) return;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = Skip(text, at, IsWord);
    // What stands behind a "=" is a word of its own.
    size_t begin = at;
    while (begin < end) {
      const size_t stop = std::min(text.substr(0, end).find('=', begin), end);
      if (LooksRandom(text.substr(begin, stop - begin))) {
        found.push_back({begin, stop});
      }
      begin = stop + 1;
    }
    at = end + 1;
  }
}

}  // namespace base::credentials
