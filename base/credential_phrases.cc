#include <algorithm>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/common_words.h"
#include "base/credential_finders.h"
#include "base/credential_text.h"
#include "base/credential_words.h"
#include "base/secret_names.h"

namespace base::credentials {
namespace {

constexpr char kEndOfValue[] = " \t\r\n\"'`<>";
constexpr size_t kShortest = 4;
// Without a verb, or of what is no password, more has to speak for it.
constexpr size_t kShortestSilent = 6;
// "was changed to"
constexpr int kMostVerbs = 3;

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

bool HasDigitAndLetter(absl::string_view text) {
  return absl::c_any_of(text, IsDigit) && absl::c_any_of(text, IsLetter);
}

// "wandb-mysql-0", "mysql.default.svc", "a/b", "MYSQL_PASSWORD2"
bool IsNameOfSomething(absl::string_view text) {
  const bool small = absl::c_all_of(text, [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' ||
           c == '.' || c == '/';
  });
  const bool large = absl::c_all_of(text, [](unsigned char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  });
  return (small && text.find_first_of("-./") != kNone) ||
         (large && absl::StrContains(text, '_'));
}

// "3600s", "12chars"
bool IsAmount(absl::string_view text) {
  const size_t digits = Skip(text, 0, IsDigit);
  return digits > 0 && absl::c_all_of(text.substr(digits), IsLetter);
}

// What people put into passwords, and not into sentences.
bool HasSymbol(absl::string_view text) {
  return text.find_first_of("!@#$%^&*+=?~") != kNone;
}

enum class Kind { kPassword, kSecret };

bool IsSaid(Kind kind, bool verb, absl::string_view value, Care care) {
  if (value.size() < kShortest || absl::StartsWith(value, kHidden) ||
      IsHarmless(value) || IsIn(value[0], "-/(=:") ||
      IsOneOf(Methods(), value)) {
    return false;
  }
  if (kind == Kind::kSecret) {
    return verb && value.size() >= kShortestSilent &&
           HasDigitAndLetter(value) && !IsNameOfSomething(value) &&
           !IsAmount(value);
  }
  if (!verb) {
    return value.size() >= kShortestSilent && !IsNameOfSomething(value) &&
           !IsAmount(value) && (HasDigitAndLetter(value) || HasSymbol(value));
  }
  if (HasDigitAndLetter(value) || HasSymbol(value)) return true;
  return care == Care::kGenerous && absl::c_all_of(value, IsLetter) &&
         !IsCommonWord(value) && !IsOneOf(ProseWords(), value);
}

// One pass over a text, from word to word.
class Phrases {
 public:
  Phrases(absl::string_view text, Care care, Spans& found)
      : text_(text), care_(care), found_(found) {}

  void Find() {
    ForEachName(text_, [this](size_t begin, size_t end) {
      const absl::string_view word = text_.substr(begin, end - begin);
      at_ = end;
      if (IsOneOf(SpokenPasswords(), word)) {
        // SQL writes the word in capitals, and then what it is.
        Said(Kind::kPassword, text_[end - 1] == 'D');
      } else if (IsOneOf(SpokenSecrets(), word)) {
        Said(Kind::kSecret, false);
      } else if (absl::StrContains(word, '_') && IsNameOfSecret(word)) {
        // "aws_secret_access_key x", of files and commands.
        Said(Kind::kPassword, false);
      } else if (absl::EqualsIgnoreCase(word, "identified")) {
        Identified();
      }
      return at_;
    });
  }

 private:
  size_t SkipBlanks(size_t from) const { return Skip(text_, from, IsBlank); }
  absl::string_view WordAt(size_t begin) const {
    return text_.substr(begin, Skip(text_, begin, IsLetter) - begin);
  }
  bool IsQuoteAt(size_t i) const {
    return i < text_.size() && IsIn(text_[i], "\"'");
  }

  // Behind the word for it.
  void Said(Kind kind, bool statement) {
    size_t begin = SkipBlanks(at_);
    if (begin == at_) return;
    bool verb = false;
    for (int i = 0; i < kMostVerbs; ++i) {
      const absl::string_view word = WordAt(begin);
      const size_t next = begin + word.size();
      const size_t behind = SkipBlanks(
          next < text_.size() && text_[next] == ':' ? next + 1 : next);
      if (behind == next || !IsOneOf(SpokenVerbs(), word)) break;
      verb = true;
      begin = behind;
    }
    const bool sql = !verb && statement;
    if (IsQuoteAt(begin)) {
      Quoted(begin, [&](absl::string_view value) {
        return (sql && !IsHarmless(value) && value != kHidden) ||
               IsSaid(kind, verb, value, care_);
      });
      return;
    }
    size_t end =
        std::min(text_.find_first_of(kEndOfValue, begin), text_.size());
    const size_t next = end;
    while (end > begin && IsIn(text_[end - 1], ".,;:)")) --end;
    if (!IsSaid(kind, verb, text_.substr(begin, end - begin), care_)) return;
    found_.push_back({begin, end});
    at_ = next;
  }

  // "IDENTIFIED BY 'x'", "IDENTIFIED WITH plugin BY 'x'"
  void Identified() {
    size_t begin = SkipBlanks(at_);
    if (absl::EqualsIgnoreCase(WordAt(begin), "with")) {
      begin = SkipBlanks(Skip(text_, SkipBlanks(begin + 4), IsNameCharacter));
    }
    if (!absl::EqualsIgnoreCase(WordAt(begin), "by")) return;
    begin = SkipBlanks(begin + 2);
    if (absl::EqualsIgnoreCase(WordAt(begin), "password")) {
      begin = SkipBlanks(begin + 8);
    }
    if (!IsQuoteAt(begin)) return;
    Quoted(begin, [](absl::string_view value) {
      return !IsHarmless(value) && value != kHidden;
    });
  }

  // What is in quotes that begin there, if `hide` says so.
  template <typename Hide>
  void Quoted(size_t begin, const Hide& hide) {
    const char ends[] = {text_[begin], '\n', '\0'};
    const size_t end =
        std::min(text_.find_first_of(ends, begin + 1), text_.size());
    if (!hide(text_.substr(begin + 1, end - begin - 1))) return;
    found_.push_back({begin + 1, end});
    at_ = end;
  }

  const absl::string_view text_;
  const Care care_;
  Spans& found_;
  size_t at_ = 0;
};

}  // namespace

void FindPhrases(absl::string_view text, Care care, Spans& found) {
  Phrases(text, care, found).Find();
}

}  // namespace base::credentials
