#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/credential_finders.h"
#include "base/credential_text.h"
#include "base/credential_words.h"
#include "base/secret_names.h"

namespace base::credentials {
namespace {

// Before a quote; more of them are no text inside of texts any more, and all
// the line is hidden.
constexpr size_t kMostEscapes = 63;
// Longer ones are no words of a message.
constexpr size_t kLongestWord = 16;
constexpr char kEndOfValue[] = " \t\r\n\"'`&;<>";
// The flag of kubectl for a key of a Secret and its value.
constexpr absl::string_view kFromLiteral = "from-literal";

bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

// Whether `text` begins with a flag, and not with a value that has a dash in
// front: "-x", "--" and "--name".
bool IsFlag(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "-")) return false;
  const bool two = absl::ConsumePrefix(&text, "-");
  const size_t end = Skip(text, 0, IsNameCharacter);
  return two ? end == 0 || IsLetter(text[0]) : end <= 1;
}

// One pass over a text, from name to name.
class Assignments {
 public:
  Assignments(absl::string_view text, Care care, Spans& found)
      : text_(text), care_(care), found_(found) {}

  void Find() {
    ForEachName(text_,
                [this](size_t begin, size_t end) { return Name(begin, end); });
  }

 private:
  bool generous() const { return care_ == Care::kGenerous; }
  char At(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  // `from` only grows.
  size_t EndOfLine(size_t from) {
    if (from > line_end_ || line_end_ == kNone) {
      line_end_ = std::min(text_.find('\n', from), text_.size());
    }
    return line_end_;
  }
  // In the same line.
  size_t FindInLine(absl::string_view what, size_t from) {
    const size_t line = EndOfLine(from);
    return std::min(text_.substr(0, line).find(what, from), line);
  }

  // Of the next "}}" in the line, for `from` that only grows. Not each value
  // that begins with "{{" has one, and then it must not be searched for again.
  size_t Close(size_t from) {
    if (close_ == kNone || from > close_) close_ = FindInLine("}}", from);
    return close_;
  }

  // Handles the name in [begin, end); returns where to go on.
  size_t Name(size_t begin, size_t end) {
    const size_t dashes =
        Skip(text_, begin, [](char c) { return c == '-'; }) - begin;
    const absl::string_view name =
        text_.substr(begin + dashes, end - begin - dashes);
    const char before = begin == 0 ? '\0' : text_[begin - 1];
    // What looks like an assignment in "arn:aws:secretsmanager:..." is none.
    if (name == "arn" && At(end) == ':') {
      return Skip(text_, end, [](char c) { return !IsIn(c, kEndOfToken); });
    }
    if (before == '<') return Element(end, name);
    // Quotes around the name, then blanks, then the sign.
    const size_t quotes =
        Skip(text_, end, [](char c) { return IsIn(c, "\"'\\"); });
    const bool quoted = quotes > end;
    const size_t sign = Skip(text_, quotes, IsBlank);
    const char mark = At(sign);
    const bool flag =
        dashes > 0 && sign > end && !quoted && !IsFlag(text_.substr(sign));
    if (name.empty() || (mark != '=' && mark != ':' && !flag)) return end;
    if (dashes > 0 && name == kFromLiteral) {
      return Literal(mark == '=' ? sign + 1 : sign);
    }
    const bool query = IsIn(before, "?&");
    const bool header = IsOneOf(SecretHeaders(), name);
    const bool equals_only =
        IsOneOf(SecretParameters(), name) || (query && name == "key");
    if (!header && !equals_only && !LooksSecret(name)) return end;
    if (mark == '=') {
      const char next = At(sign + 1);
      if (next == '=') return end;  // A comparison.
      return Value(sign + (next == '>' ? 2 : 1), name, Sign::kEquals);
    }
    if (mark == ':' && !(equals_only && !generous())) {
      return Colon(sign, end, quoted, name, header);
    }
    // "--password x"
    return flag && sign < text_.size() ? Value(sign, name, Sign::kBlank) : end;
  }

  enum class Sign { kEquals, kColon, kBlank };

  // "<password>x</password>", from the end of the name on.
  size_t Element(size_t end, absl::string_view name) {
    const size_t close = text_.find_first_of("<>", end);
    if (close == kNone || text_[close] == '<' || text_[close - 1] == '/' ||
        !LooksSecret(name)) {
      return end;
    }
    const size_t begin = close + 1;
    const size_t behind = std::min(text_.find('<', begin), text_.size());
    const absl::string_view value = text_.substr(begin, behind - begin);
    // "<user>:<password>@host" and "set <password> first" are none.
    const bool element = behind == text_.size()
                             ? !value.empty() && absl::c_all_of(value, IsWord)
                             : At(behind + 1) == '/';
    if (!element) return end;
    if (IsNameOfSecret(name) || !IsPlain(value)) Hide(begin, behind);
    return behind;
  }

  // "p=x" or "'p=x'" of a command that makes a Secret, whatever its key is
  // called.
  size_t Literal(size_t from) {
    const size_t begin =
        Skip(text_, from, [](char c) { return IsIn(c, "\"'\\"); });
    const size_t sign = Skip(text_, begin, IsNameCharacter);
    if (sign == begin || At(sign) != '=') return from;
    if (begin == from) return Value(sign + 1, kFromLiteral, Sign::kEquals);
    const char ends[] = {text_[begin - 1], '\n', '\0'};
    const size_t end =
        std::min(text_.find_first_of(ends, sign + 1), text_.size());
    Hide(sign + 1, end);
    return end;
  }

  size_t Colon(size_t sign, size_t end, bool quoted, absl::string_view name,
               bool header) {
    const char next = At(sign + 1);
    if (next == '/' && At(sign + 2) == '/') return end;  // A scheme.
    if (header && !generous()) return Header(sign + 1);
    // "secret-service:8080", "token.go:17"
    const bool address = IsDigit(next) && !quoted && sign == end &&
                         name.find_first_of("-.") != kNone;
    if (address && !generous()) return end;
    return Value(sign + (next == '=' ? 2 : 1), name, Sign::kColon, quoted);
  }

  // All that follows, up to a quote.
  size_t Header(size_t from) {
    const size_t begin = Skip(text_, from, IsBlank);
    const size_t end =
        std::min(text_.find_first_of("\r\n\"'`", begin), text_.size());
    if (!IsProse(begin)) Hide(begin, end);
    return end;
  }

  // The value that starts at or after `from`.
  size_t Value(size_t from, absl::string_view name, Sign sign,
               bool quoted_name = false) {
    if (generous()) {
      // All that follows: a value may hold blanks, and quotes lie.
      const size_t end = EndOfLine(from);
      if (!absl::StripAsciiWhitespace(text_.substr(from, end - from)).empty()) {
        HideUnlessHidden(from, end);
      }
      return end;
    }
    size_t begin = Skip(text_, from, IsBlank);
    // "name = value" is one, "name =" at the end of a clause isn't.
    const size_t escapes = Skip(text_, begin, [](char c) { return c == '\\'; });
    if (escapes < text_.size() && IsIn(text_[escapes], "\"'`")) {
      return Quoted(begin, escapes, name);
    }
    const char first = At(begin);
    // A quoted name is one of JSON, whose strings are quoted.
    if (quoted_name && !IsDigit(first) && first != '[') return begin;
    if (first == '{' && At(begin + 1) != '{') return begin;
    if (first == '[') return List(begin);
    if (sign != Sign::kEquals &&
        (IsProse(begin) || IsSentence(begin) ||
         (NamesSomethingElse(name) && IsOrdinary(begin, IsPolicy(name))))) {
      return begin;
    }
    size_t end =
        std::min(text_.find_first_of(kEndOfValue, begin), text_.size());
    if (absl::StartsWith(text_.substr(begin), "{{")) {
      const size_t close = Close(begin);
      if (close < EndOfLine(begin)) end = close + 2;
    }
    // Of an escaped quote.
    if (end < text_.size() && end > begin && text_[end - 1] == '\\') --end;
    const absl::string_view value = text_.substr(begin, end - begin);
    if (!IsNameOfSecret(name) && name != kFromLiteral && IsPlain(value)) {
      return end;
    }
    if (IsColumn(name, value) || IsPathOfFile(name, value)) return end;
    // "used: secrets=10," of a quota.
    if (sign == Sign::kEquals && name == "secrets" &&
        AllDigits(value.substr(0, value.find(',')))) {
      return end;
    }
    Hide(begin, end);
    return end;
  }

  // A number or bool: only of the secret itself.
  static bool IsPlain(absl::string_view value) {
    value = absl::StripSuffix(value, ",");
    return value == "true" || value == "false" ||
           (!value.empty() && AllDigits(value));
  }

  // "--kubeconfig=/etc/kube/config": where it is, and not what is in it.
  static bool IsPathOfFile(absl::string_view name, absl::string_view value) {
    return absl::EndsWithIgnoreCase(name, "kubeconfig") && !value.empty() &&
           IsIn(value[0], "/~.");
  }

  // From the quote at `quote`, which escapes from `begin` on may stand before.
  size_t Quoted(size_t begin, size_t quote, absl::string_view name) {
    const absl::string_view mark = text_.substr(begin, quote + 1 - begin);
    const size_t from = quote + 1;
    const size_t line = EndOfLine(from);
    size_t end = mark.size() > kMostEscapes ? line : FindInLine(mark, from);
    // An escaped quote does not end it.
    while (mark.size() == 1 && end < line && end > from &&
           text_[end - 1] == '\\') {
      end = FindInLine(mark, end + 1);
    }
    const absl::string_view value = text_.substr(from, end - from);
    if (!IsColumn(name, value) && !IsPathOfFile(name, value)) Hide(from, end);
    return std::min(end + mark.size(), text_.size());
  }

  size_t List(size_t begin) {
    const size_t end = FindInLine("]", begin);
    Hide(begin + 1, end);
    return end;
  }

  bool IsProse(size_t begin) const {
    const size_t end =
        Skip(text_, begin, [](char c) { return IsAlnum(c) || c == '/'; });
    const absl::string_view word = text_.substr(begin, end - begin);
    if (word.empty() || word.size() > kLongestWord) return false;
    return absl::c_linear_search(ProseWords(), absl::AsciiStrToLower(word)) &&
           (end == text_.size() || !IsIn(text_[end], "+_-~%@#!$^&*/="));
  }

  // "it is required"
  bool IsSentence(size_t begin) const {
    const size_t end = Skip(text_, begin, IsLetter);
    return end - begin <= kLongestWord &&
           absl::c_linear_search(Openers(), absl::AsciiStrToLower(text_.substr(
                                                begin, end - begin))) &&
           IsBlank(At(end)) && IsLetter(At(end + 1));
  }

  // "require-secret-labels"
  static bool IsPolicy(absl::string_view name) {
    const size_t dash = name.find('-');
    return dash != kNone &&
           absl::c_linear_search(PolicyVerbs(), name.substr(0, dash));
  }

  // The name has the word for a secret, but before another, and is none of a
  // variable, which has values.
  static bool NamesSomethingElse(absl::string_view name) {
    return IsPolicy(name) ||
           (!IsNameOfSecret(name) && !absl::StrContains(name, '_') &&
            absl::c_any_of(
                name, [](unsigned char c) { return absl::ascii_islower(c); }));
  }

  // The value that begins there is a word, and more words follow; or it alone
  // if that is `enough`.
  bool IsOrdinary(size_t begin, bool enough) const {
    const size_t end = Skip(text_, begin, IsLetter);
    const absl::string_view word = text_.substr(begin, end - begin);
    if (word.empty() || word.size() > kLongestWord ||
        absl::c_any_of(word.substr(1), [](unsigned char c) {
          return absl::ascii_isupper(c);
        })) {
      return false;
    }
    if (IsBlank(At(end)) && IsLetter(At(end + 1))) return true;
    return enough && (end == text_.size() || IsIn(At(end), " \t\r\n,;-:"));
  }

  void Hide(size_t begin, size_t end) {
    if (begin < end && !IsHarmless(text_.substr(begin, end - begin))) {
      HideUnlessHidden(begin, end);
    }
  }

  void HideUnlessHidden(size_t begin, size_t end) {
    const absl::string_view value =
        absl::StripAsciiWhitespace(text_.substr(begin, end - begin));
    if (value == kHidden) return;
    found_.push_back({begin, end});
  }

  const absl::string_view text_;
  const Care care_;
  Spans& found_;
  size_t line_end_ = kNone;
  size_t close_ = kNone;
};

}  // namespace

void FindAssignments(absl::string_view text, Care care, Spans& found) {
  if (text.find_first_of("=:-<") == kNone) return;
  Assignments(text, care, found).Find();
}

}  // namespace base::credentials
