#include "base/yaml_lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace base {
namespace {

using Kind = YamlTokenKind;

YamlToken TokenAt(const YamlCursor& in, Kind kind) {
  YamlToken token;
  token.kind = kind;
  token.start = in.mark();
  return token;
}

YamlToken Finished(const YamlCursor& in, YamlToken token) {
  token.end = in.mark();
  return token;
}

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '-';
}

bool IsDigit(char c) { return absl::ascii_isdigit(c); }

// Blanks and line breaks inside of a scalar that goes over lines.
class Gap {
 public:
  bool has_break() const { return has_break_; }
  bool empty() const { return !has_break_ && blanks_.empty(); }
  // A break that leaves nothing, as after "\" in double quotes.
  void SkipBreak(YamlCursor& in) {
    in.SkipBreak();
    has_break_ = true;
  }
  // Takes the blank or break that comes next.
  void Take(YamlCursor& in);
  // Adds to `out` what the gap means there, and starts anew.
  void JoinTo(std::string& out);

 private:
  std::string blanks_;
  std::string first_break_;
  std::string other_breaks_;
  bool has_break_ = false;
};

void Gap::Take(YamlCursor& in) {
  if (in.AtBlank()) {
    if (has_break_) {
      in.Skip();
    } else {
      in.TakeCharacter(blanks_);
    }
    return;
  }
  in.TakeBreak(has_break_ ? other_breaks_ : first_break_);
  has_break_ = true;
}

void Gap::JoinTo(std::string& out) {
  if (!has_break_) {
    out += blanks_;
  } else if (first_break_ != "\n") {
    absl::StrAppend(&out, first_break_, other_breaks_);
  } else {
    out += other_breaks_.empty() ? " " : other_breaks_;
  }
  *this = Gap();
}

// --- quoted scalars ---------------------------------------------------------

// What the letter after a backslash stands for; nullptr if nothing.
const char* SimpleEscape(char letter) {
  switch (letter) {
    case 'a':
      return "\a";
    case 'b':
      return "\b";
    case 't':
    case '\t':
      return "\t";
    case 'n':
      return "\n";
    case 'v':
      return "\v";
    case 'f':
      return "\f";
    case 'r':
      return "\r";
    case 'e':
      return "\x1b";
    case ' ':
      return " ";
    case '"':
      return "\"";
    case '\'':
      return "'";
    case '\\':
      return "\\";
    case 'N':
      return "\xc2\x85";
    case '_':
      return "\xc2\xa0";
    case 'L':
      return "\xe2\x80\xa8";
    case 'P':
      return "\xe2\x80\xa9";
    default:
      return nullptr;
  }
}

size_t HexDigitsOfEscape(char letter) {
  switch (letter) {
    case 'x':
      return 2;
    case 'u':
      return 4;
    case 'U':
      return 8;
    default:
      return 0;
  }
}

absl::Status TakeHexEscape(YamlCursor& in, size_t digits, std::string& out) {
  const YamlMark start = in.mark();
  in.Skip(2);
  std::string hex;
  while (hex.size() < digits && absl::ascii_isxdigit(in.At())) {
    in.TakeCharacter(hex);
  }
  uint32_t code = 0;
  if (hex.size() < digits || !absl::SimpleHexAtoi(hex, &code)) {
    return YamlError(start, absl::StrCat("an escape that needs ", digits,
                                         " hexadecimal digits"));
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    return YamlError(start, "an escape of a character that does not exist");
  }
  AppendCodePoint(code, out);
  return absl::OkStatus();
}

absl::Status TakeEscape(YamlCursor& in, std::string& out) {
  const char letter = in.At(1);
  if (const size_t digits = HexDigitsOfEscape(letter); digits > 0) {
    return TakeHexEscape(in, digits, out);
  }
  const char* const meaning = SimpleEscape(letter);
  if (meaning == nullptr && letter != '0') {
    return YamlError(in.mark(),
                     "an escape that YAML does not know; write a backslash "
                     "that is meant as such twice, or use single quotes");
  }
  if (letter == '0') {
    out += '\0';
  } else {
    out += meaning;
  }
  in.Skip(2);
  return absl::OkStatus();
}

// Takes characters up to a blank, a line break or the closing quote.
absl::Status TakeQuotedWord(YamlCursor& in, char quote, Gap& gap,
                            std::string& out) {
  while (!in.AtSpace()) {
    if (quote == '\'' && in.At() == '\'' && in.At(1) == '\'') {
      out += '\'';
      in.Skip(2);
    } else if (in.At() == quote) {
      return absl::OkStatus();
    } else if (quote == '"' && in.At() == '\\' && in.AtBreak(1)) {
      in.Skip();
      gap.SkipBreak(in);
      return absl::OkStatus();
    } else if (quote == '"' && in.At() == '\\') {
      RETURN_IF_ERROR(TakeEscape(in, out));
    } else {
      in.TakeCharacter(out);
    }
  }
  return absl::OkStatus();
}

// --- block scalars ----------------------------------------------------------

struct BlockHeader {
  char chomping = ' ';
  int indent = 0;
};

absl::Status TakeIndentDigit(YamlCursor& in, BlockHeader& header) {
  if (!IsDigit(in.At())) return absl::OkStatus();
  if (in.At() == '0') {
    return YamlError(in.mark(), "the indentation of a block cannot be 0");
  }
  header.indent = in.At() - '0';
  in.Skip();
  return absl::OkStatus();
}

bool TakeChomping(YamlCursor& in, BlockHeader& header) {
  if (in.At() != '+' && in.At() != '-') return false;
  header.chomping = in.At();
  in.Skip();
  return true;
}

// A comment may end a line; `what` comes before it.
absl::Status TakeRestOfLine(YamlCursor& in, absl::string_view what) {
  in.SkipBlanks();
  in.SkipComment();
  if (!in.AtBreakOrEnd()) {
    return YamlError(in.mark(), absl::StrCat("only a comment may follow ", what,
                                             " on its line"));
  }
  in.SkipBreak();
  return absl::OkStatus();
}

absl::StatusOr<BlockHeader> TakeBlockHeader(YamlCursor& in) {
  in.Skip();
  BlockHeader header;
  if (TakeChomping(in, header)) {
    RETURN_IF_ERROR(TakeIndentDigit(in, header));
  } else {
    RETURN_IF_ERROR(TakeIndentDigit(in, header));
    TakeChomping(in, header);
  }
  RETURN_IF_ERROR(TakeRestOfLine(in, "the start of a block of text"));
  return header;
}

// Takes indentation and empty lines. `indent`, if 0, becomes that of the first
// line with text, but at least `minimum`.
absl::Status TakeBlockIndent(YamlCursor& in, size_t minimum, size_t& indent,
                             std::string& breaks) {
  size_t deepest = 0;
  for (;;) {
    const auto inside = [&] {
      return indent == 0 || in.mark().column < indent;
    };
    while (inside() && in.At() == ' ') in.Skip();
    deepest = std::max(deepest, in.mark().column);
    if (inside() && in.At() == '\t') {
      return YamlError(in.mark(),
                       "a tab where only spaces may indent a block of text");
    }
    if (!in.AtBreak()) break;
    in.TakeBreak(breaks);
  }
  if (indent == 0) indent = std::max(deepest, minimum);
  return absl::OkStatus();
}

// --- tags and directives ----------------------------------------------------

bool IsUriCharacter(char c) {
  return IsWordCharacter(c) ||
         absl::string_view(";/?:@&=+$,.!~*'()[]").find(c) !=
             absl::string_view::npos;
}

// "%41" and so on, the bytes of one character.
absl::Status TakeUriEscape(YamlCursor& in, std::string& out) {
  std::string bytes;
  absl::string_view left;
  do {
    std::string hex;
    if (in.At() == '%' && absl::ascii_isxdigit(in.At(1)) &&
        absl::ascii_isxdigit(in.At(2))) {
      hex = {in.At(1), in.At(2)};
    }
    int byte = 0;
    if (!absl::SimpleHexAtoi(hex, &byte)) {
      return YamlError(in.mark(), "a broken escape in a tag");
    }
    bytes += static_cast<char>(byte);
    in.Skip(3);
    left = bytes;
  } while (!TakeCodePoint(left).has_value() && bytes.size() < 4);
  left = bytes;
  if (!TakeCodePoint(left).has_value() || !left.empty()) {
    return YamlError(in.mark(), "a broken escape in a tag");
  }
  out += bytes;
  return absl::OkStatus();
}

absl::Status TakeUri(YamlCursor& in, bool may_be_empty, std::string& out) {
  const size_t before = in.mark().offset;
  for (;;) {
    if (in.At() == '%') {
      RETURN_IF_ERROR(TakeUriEscape(in, out));
    } else if (IsUriCharacter(in.At()) && !in.AtEnd()) {
      in.TakeCharacter(out);
    } else {
      break;
    }
  }
  if (in.mark().offset == before && !may_be_empty) {
    return YamlError(in.mark(), "a tag without a name");
  }
  return absl::OkStatus();
}

// "!", "!!" or "!word!"; also "!word", which is no handle.
absl::StatusOr<std::string> TakeHandle(YamlCursor& in, bool directive) {
  if (in.At() != '!') {
    return YamlError(in.mark(), "a tag's handle starts with !");
  }
  std::string handle;
  in.TakeCharacter(handle);
  while (IsWordCharacter(in.At())) in.TakeCharacter(handle);
  if (in.At() == '!') {
    in.TakeCharacter(handle);
  } else if (directive && handle != "!") {
    return YamlError(in.mark(), "a tag's handle ends with !");
  }
  return handle;
}

absl::Status TakeShortTag(YamlCursor& in, YamlToken& token) {
  ASSIGN_OR_RETURN(token.value, TakeHandle(in, /*directive=*/false));
  if (token.value.size() > 1 && token.value.back() == '!') {
    return TakeUri(in, /*may_be_empty=*/false, token.suffix);
  }
  token.suffix = token.value.substr(1);
  RETURN_IF_ERROR(TakeUri(in, /*may_be_empty=*/true, token.suffix));
  // Not assigned as text: GCC 12 would warn of a copy that cannot happen.
  token.value.resize(1);
  token.value[0] = '!';
  // "!" alone is a tag in full.
  if (token.suffix.empty()) std::swap(token.value, token.suffix);
  return absl::OkStatus();
}

absl::Status TakeVersionNumber(YamlCursor& in, int& number) {
  std::string digits;
  while (IsDigit(in.At())) in.TakeCharacter(digits);
  if (digits.empty() || digits.size() > 2 ||
      !absl::SimpleAtoi(digits, &number)) {
    return YamlError(in.mark(), "a version of YAML is written like 1.1");
  }
  return absl::OkStatus();
}

absl::Status TakeVersion(YamlCursor& in, YamlToken& token) {
  token.kind = Kind::kVersionDirective;
  in.SkipBlanks();
  int major = 0;
  int minor = 0;
  RETURN_IF_ERROR(TakeVersionNumber(in, major));
  if (in.At() != '.') {
    return YamlError(in.mark(), "a version of YAML is written like 1.1");
  }
  in.Skip();
  RETURN_IF_ERROR(TakeVersionNumber(in, minor));
  token.value = absl::StrCat(major, ".", minor);
  return absl::OkStatus();
}

absl::Status TakeTagDirective(YamlCursor& in, YamlToken& token) {
  token.kind = Kind::kTagDirective;
  in.SkipBlanks();
  ASSIGN_OR_RETURN(token.value, TakeHandle(in, /*directive=*/true));
  if (!in.AtBlank()) {
    return YamlError(in.mark(), "a blank must follow the handle of a tag");
  }
  in.SkipBlanks();
  RETURN_IF_ERROR(TakeUri(in, /*may_be_empty=*/false, token.suffix));
  if (!in.AtSpace()) {
    return YamlError(in.mark(), "a blank or line break must follow a tag");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<YamlToken> LexQuoted(YamlCursor& in) {
  YamlToken token = TokenAt(in, Kind::kScalar);
  const char quote = in.At();
  in.Skip();
  for (;;) {
    if (in.AtDocumentIndicator()) {
      return YamlError(token.start,
                       "the quoted text that starts here is not closed before "
                       "the next document");
    }
    if (in.AtEnd()) {
      return YamlError(token.start,
                       "the quoted text that starts here is never closed");
    }
    Gap gap;
    RETURN_IF_ERROR(TakeQuotedWord(in, quote, gap, token.value));
    if (in.At() == quote) break;
    while (in.AtBlank() || in.AtBreak()) gap.Take(in);
    gap.JoinTo(token.value);
  }
  in.Skip();
  return Finished(in, std::move(token));
}

absl::StatusOr<YamlToken> LexBlockScalar(YamlCursor& in, int indent) {
  YamlToken token = TokenAt(in, Kind::kScalar);
  const bool literal = in.At() == '|';
  ASSIGN_OR_RETURN(const BlockHeader header, TakeBlockHeader(in));
  token.end = in.mark();
  const auto minimum = static_cast<size_t>(std::max(indent + 1, 1));
  size_t column = header.indent > 0
                      ? static_cast<size_t>(std::max(indent, 0) + header.indent)
                      : 0;
  std::string breaks;
  RETURN_IF_ERROR(TakeBlockIndent(in, minimum, column, breaks));
  std::string last_break;
  bool was_blank = false;
  while (in.mark().column == column && !in.AtEnd()) {
    const bool is_blank = in.AtBlank();
    if (!literal && !was_blank && !is_blank && last_break == "\n") {
      if (breaks.empty()) token.value += ' ';
    } else {
      token.value += last_break;
    }
    token.value += breaks;
    last_break.clear();
    breaks.clear();
    was_blank = is_blank;
    while (!in.AtBreakOrEnd()) in.TakeCharacter(token.value);
    in.TakeBreak(last_break);
    RETURN_IF_ERROR(TakeBlockIndent(in, minimum, column, breaks));
  }
  if (header.chomping != '-') token.value += last_break;
  if (header.chomping == '+') token.value += breaks;
  return token;
}

absl::StatusOr<YamlToken> LexPlain(YamlCursor& in, int indent, bool in_flow,
                                   bool& crossed_line) {
  YamlToken token = TokenAt(in, Kind::kScalar);
  token.plain = true;
  const auto column = static_cast<size_t>(std::max(indent + 1, 0));
  Gap gap;
  const auto at_end_of_word = [&] {
    return in.AtSpace() || (in.At() == ':' && in.AtSpace(1)) ||
           (in_flow && absl::string_view(",?[]{}").find(in.At()) !=
                           absl::string_view::npos);
  };
  while (!in.AtDocumentIndicator() && in.At() != '#') {
    while (!at_end_of_word()) {
      gap.JoinTo(token.value);
      in.TakeCharacter(token.value);
      token.end = in.mark();
    }
    if (!in.AtBlank() && !in.AtBreak()) break;
    while (in.AtBlank() || in.AtBreak()) {
      if (gap.has_break() && in.mark().column < column && in.At() == '\t') {
        return YamlError(in.mark(), "a tab where only spaces may indent");
      }
      gap.Take(in);
    }
    if (!in_flow && in.mark().column < column) break;
  }
  crossed_line = gap.has_break();
  return token;
}

absl::StatusOr<YamlToken> LexAnchor(YamlCursor& in) {
  YamlToken token = TokenAt(in, in.At() == '*' ? Kind::kAlias : Kind::kAnchor);
  in.Skip();
  while (IsWordCharacter(in.At())) in.TakeCharacter(token.value);
  const bool ended =
      in.AtSpace() ||
      absl::string_view("?:,]}%@`").find(in.At()) != absl::string_view::npos;
  if (token.value.empty() || !ended) {
    return YamlError(token.start,
                     token.kind == Kind::kAlias
                         ? "* starts the name of an anchor, of letters, "
                           "digits, - and _; quote text that starts with it"
                         : "& starts the name of an anchor, of letters, "
                           "digits, - and _; quote text that starts with it");
  }
  return Finished(in, std::move(token));
}

absl::StatusOr<YamlToken> LexTag(YamlCursor& in) {
  YamlToken token = TokenAt(in, Kind::kTag);
  if (in.At(1) == '<') {
    in.Skip(2);
    RETURN_IF_ERROR(TakeUri(in, /*may_be_empty=*/false, token.suffix));
    if (in.At() != '>') {
      return YamlError(token.start, "the tag that starts here needs a >");
    }
    in.Skip();
  } else {
    RETURN_IF_ERROR(TakeShortTag(in, token));
  }
  if (!in.AtSpace()) {
    return YamlError(
        token.start,
        "a blank or line break must follow the tag that starts here");
  }
  return Finished(in, std::move(token));
}

absl::StatusOr<YamlToken> LexDirective(YamlCursor& in) {
  YamlToken token = TokenAt(in, Kind::kVersionDirective);
  in.Skip();
  std::string name;
  while (IsWordCharacter(in.At())) in.TakeCharacter(name);
  if (!in.AtSpace() || (name != "YAML" && name != "TAG")) {
    return YamlError(token.start,
                     "% at the start of a line begins a directive, %YAML or "
                     "%TAG; quote text that starts with it");
  }
  RETURN_IF_ERROR(name == "YAML" ? TakeVersion(in, token)
                                 : TakeTagDirective(in, token));
  token.end = in.mark();
  RETURN_IF_ERROR(TakeRestOfLine(in, "a directive"));
  return token;
}

}  // namespace base
