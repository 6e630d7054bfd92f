#include "base/redact.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/utf8.h"

namespace base {
namespace {

constexpr char kHidden[] = "(sensitive)";
constexpr size_t kShortestSecret = 4;
constexpr size_t kLongWord = 32;

// What stands in a name before "=" or ":" when the value is nobody's business.
constexpr absl::string_view kSecretNames[] = {
    "token",         "passw",      "pwd",      "secret",   "credential",
    "authorization", "apikey",     "api_key",  "api-key",  "accesskey",
    "access_key",    "access-key", "keydata",  "key-data", "key_data",
    "private",       "cookie",     "signature"};

bool IsWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("+_-.=/~%", c);
}

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '-' || c == '.';
}

bool LooksSecret(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(name);
  return std::any_of(std::begin(kSecretNames), std::end(kSecretNames),
                     [&lower](absl::string_view each) {
                       return absl::StrContains(lower, each);
                     });
}

// "eyJ" is the base64 of `{"`.
bool LooksLikeJwt(absl::string_view word) {
  return absl::StartsWith(word, "eyJ") && absl::StrContains(word, '.');
}

bool LooksRandom(absl::string_view word) {
  // A path is no credential, however long it is.
  if (word.size() < kLongWord || absl::StrContains(word, '/')) return false;
  bool digit = false;
  bool upper = false;
  bool lower = false;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    digit = digit || absl::ascii_isdigit(byte);
    upper = upper || absl::ascii_isupper(byte);
    lower = lower || absl::ascii_islower(byte);
  }
  return digit && upper && lower;
}

std::string WithoutPem(absl::string_view text) {
  constexpr absl::string_view kBegin = "-----BEGIN ";
  constexpr absl::string_view kEnd = "-----END ";
  std::string out;
  while (true) {
    const size_t begin = text.find(kBegin);
    absl::StrAppend(&out, text.substr(0, begin));
    if (begin == absl::string_view::npos) return out;
    out += kHidden;
    size_t end = text.find(kEnd, begin);
    if (end == absl::string_view::npos) return out;  // Cut off: all of it.
    end = text.find("-----", end + kEnd.size());
    if (end == absl::string_view::npos) return out;
    text.remove_prefix(end + 5);
  }
}

// `scheme://user:password@host` without the user info.
std::string WithoutUserInfo(absl::string_view text) {
  std::string out;
  while (true) {
    const size_t scheme = text.find("://");
    if (scheme == absl::string_view::npos) return absl::StrCat(out, text);
    absl::StrAppend(&out, text.substr(0, scheme + 3));
    text.remove_prefix(scheme + 3);
    const absl::string_view authority =
        text.substr(0, text.find_first_of("/?# \t\n\"'<>"));
    const size_t at = authority.rfind('@');
    if (at == absl::string_view::npos) continue;
    absl::StrAppend(&out, kHidden);
    text.remove_prefix(at);
  }
}

// The position behind the blanks and quotes at `from`.
size_t SkipQuotes(absl::string_view line, size_t from) {
  while (from < line.size() && absl::StrContains(" \t\"'\\", line[from]))
    ++from;
  return from;
}

// Reads one line, word by word.
std::string RedactLine(absl::string_view line) {
  std::string out;
  size_t i = 0;
  while (i < line.size()) {
    if (!IsWord(line[i])) {
      out += line[i++];
      continue;
    }
    size_t name_end = i;
    while (name_end < line.size() && IsNameCharacter(line[name_end])) {
      ++name_end;
    }
    const absl::string_view name = line.substr(i, name_end - i);
    const bool scheme = absl::EqualsIgnoreCase(name, "bearer") ||
                        absl::EqualsIgnoreCase(name, "basic");
    size_t sign = SkipQuotes(line, name_end);
    const bool assigned =
        sign < line.size() && (line[sign] == '=' || line[sign] == ':');
    if (scheme && sign > name_end && sign < line.size() && IsWord(line[sign]) &&
        !assigned) {
      absl::StrAppend(&out, name, " ", kHidden);
      i = sign;
      while (i < line.size() && IsWord(line[i])) ++i;
      continue;
    }
    if (assigned && LooksSecret(name)) {
      // All that follows: a value may hold blanks, and quotes lie.
      absl::StrAppend(&out, line.substr(i, sign + 1 - i), kHidden);
      return out;
    }
    size_t end = i;
    while (end < line.size() && IsWord(line[end])) ++end;
    const absl::string_view word = line.substr(i, end - i);
    const size_t equals = word.find('=');
    if (LooksLikeJwt(word) || LooksRandom(word)) {
      out += kHidden;
    } else if (equals != absl::string_view::npos && equals + 1 < word.size() &&
               equals > 0) {
      // What stands behind the sign is a word of its own.
      absl::StrAppend(&out, word.substr(0, equals + 1));
      end = i + equals + 1;
    } else {
      absl::StrAppend(&out, word);
    }
    i = end;
  }
  return out;
}

}  // namespace

std::string StripControlCharacters(absl::string_view text) {
  std::string out;
  while (!text.empty()) {
    const absl::string_view before = text;
    const auto point = TakeCodePoint(text);
    if (!point.has_value()) {
      out += '?';
      continue;
    }
    const bool control = *point < 0x20 || (*point >= 0x7f && *point < 0xa0);
    if (control && *point != '\n' && *point != '\t') continue;
    absl::StrAppend(&out, before.substr(0, before.size() - text.size()));
  }
  return out;
}

std::string RedactCredentials(absl::string_view text,
                              const std::vector<std::string>& secrets) {
  std::string out = StripControlCharacters(text);
  // The longest first: one inside another must not break the other up.
  std::vector<std::string> needles = secrets;
  std::sort(needles.begin(), needles.end(),
            [](const std::string& a, const std::string& b) {
              return a.size() > b.size();
            });
  for (const std::string& needle : needles) {
    if (needle.size() < kShortestSecret || absl::StrContains(kHidden, needle)) {
      continue;
    }
    absl::StrReplaceAll({{needle, kHidden}}, &out);
  }
  out = WithoutUserInfo(WithoutPem(out));
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(out, '\n')) {
    lines.push_back(RedactLine(line));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace base
