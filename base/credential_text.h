// How the finders of credential_finders.h look at text.
#pragma once

#include <algorithm>
#include <cstddef>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/credential_words.h"

namespace base::credentials {

inline constexpr size_t kNone = absl::string_view::npos;

inline constexpr char kEndOfToken[] = " \t\r\n\"'<>`\\";
inline bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}
inline bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }
inline bool IsIn(char c, absl::string_view set) { return set.find(c) != kNone; }
// Of the alphabets in which tokens are written.
inline bool IsTokenCharacter(char c) {
  return IsAlnum(c) || c == '-' || c == '_';
}
inline bool IsBase64(char c) { return IsAlnum(c) || IsIn(c, "+/="); }
inline bool IsWord(char c) { return IsAlnum(c) || IsIn(c, "+_-.=/~%"); }
inline bool IsNameCharacter(char c) { return IsAlnum(c) || IsIn(c, "_-."); }

inline bool AllDigits(absl::string_view text) {
  return absl::c_all_of(text, IsDigit);
}

template <typename Predicate>
size_t Skip(absl::string_view text, size_t from, const Predicate& is) {
  while (from < text.size() && is(text[from])) ++from;
  return from;
}

inline bool AtWordStart(absl::string_view text, size_t at) {
  return at == 0 || !IsTokenCharacter(text[at - 1]);
}

// Calls visit(offset, token) for each run without blanks and quotes.
template <typename Visit>
void ForEachToken(absl::string_view text, const Visit& visit) {
  size_t at = 0;
  while ((at = text.find_first_not_of(kEndOfToken, at)) != kNone) {
    const size_t end =
        std::min(text.find_first_of(kEndOfToken, at), text.size());
    visit(at, text.substr(at, end - at));
    at = end;
  }
}

// Calls visit(begin, end) for each run of IsNameCharacter(); it returns where
// to go on, if that is behind `end`.
template <typename Visit>
void ForEachName(absl::string_view text, const Visit& visit) {
  size_t at = 0;
  while (at < text.size()) {
    if (!IsNameCharacter(text[at])) {
      ++at;
      continue;
    }
    const size_t end = Skip(text, at, IsNameCharacter);
    at = std::max<size_t>(visit(at, end), end);
  }
}

// Whether `word` is one of `words`, whatever its case.
inline bool IsOneOf(WordList words, absl::string_view word) {
  return absl::c_any_of(words, [word](absl::string_view each) {
    return each.size() == word.size() && absl::EqualsIgnoreCase(each, word);
  });
}

inline constexpr absl::string_view kScheme = "://";

bool IsName(absl::string_view text);

// Nothing, or nothing to hide.
bool IsHarmless(absl::string_view value);

}  // namespace base::credentials
