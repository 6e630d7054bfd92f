#include "base/yaml_scanner.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace base {
namespace {

using Kind = YamlTokenKind;

// So far a colon may be behind the start of its key.
constexpr size_t kMaxKeyCharacters = 1024;

absl::Status MissingColon(const YamlMark& key) {
  return YamlError(key, "a key without the colon that must follow it");
}

absl::Status TooDeep(const YamlMark& mark) {
  return YamlError(mark, absl::StrCat("nested too deeply, in more than ",
                                      kMaxYamlDepth, " lists and mappings"));
}

}  // namespace

absl::StatusOr<const YamlToken*> YamlScanner::Peek() {
  while (!available_) {
    if (!tokens_.empty()) {
      const auto key = key_of_token_.find(taken_);
      if (key == key_of_token_.end() || key->second >= keys_.size()) break;
      ASSIGN_OR_RETURN(const bool valid, IsValid(keys_[key->second]));
      if (!valid) break;
    }
    RETURN_IF_ERROR(Fetch());
  }
  available_ = true;
  return &tokens_.front();
}

void YamlScanner::Skip() {
  available_ = false;
  key_of_token_.erase(taken_);
  ++taken_;
  tokens_.pop_front();
}

absl::Status YamlScanner::Fetch() {
  SkipToToken();
  Unindent(static_cast<int>(in_.mark().column));
  if (in_.AtEnd()) return FetchStreamEnd();
  if (in_.mark().column == 0 && in_.At() == '%') return FetchDirective();
  if (in_.AtDocumentIndicator()) return FetchDocumentIndicator();
  return FetchInLine();
}

absl::Status YamlScanner::FetchInLine() {
  // Within brackets an indicator needs no blank behind it.
  const bool stands_alone = in_flow() || in_.AtSpace(1);
  switch (in_.At()) {
    case '[':
      return FetchFlowStart(Kind::kFlowSequenceStart);
    case '{':
      return FetchFlowStart(Kind::kFlowMappingStart);
    case ']':
      return FetchFlowEnd(Kind::kFlowSequenceEnd);
    case '}':
      return FetchFlowEnd(Kind::kFlowMappingEnd);
    case ',':
      return FetchFlowEntry();
    case '-':
      return in_.AtSpace(1) ? FetchBlockEntry() : FetchOther();
    case '?':
      return stands_alone ? FetchKey() : FetchOther();
    case ':':
      return stands_alone ? FetchValue() : FetchOther();
    case '|':
    case '>':
      return in_flow() ? FetchOther() : FetchBlockScalar();
    default:
      return FetchOther();
  }
}

// A tab may separate, but not indent: not where a key may start.
void YamlScanner::SkipToToken() {
  for (;;) {
    while (in_.At() == ' ' ||
           ((in_flow() || !key_allowed_) && in_.At() == '\t')) {
      in_.Skip();
    }
    in_.SkipComment();
    if (!in_.AtBreak()) return;
    in_.SkipBreak();
    if (!in_flow()) key_allowed_ = true;
  }
}

absl::StatusOr<bool> YamlScanner::IsValid(PossibleKey& key) {
  if (!key.possible) return false;
  if (key.mark.line == in_.mark().line &&
      key.mark.index + kMaxKeyCharacters >= in_.mark().index) {
    return true;
  }
  if (key.required) return MissingColon(key.mark);
  key.possible = false;
  return false;
}

absl::Status YamlScanner::SaveKey() {
  if (!key_allowed_) return absl::OkStatus();
  RETURN_IF_ERROR(DropKey());
  keys_.back() = {
      .possible = true,
      .required = !in_flow() && std::cmp_equal(indent_, in_.mark().column),
      .token = next_number(),
      .mark = in_.mark()};
  key_of_token_[next_number()] = keys_.size() - 1;
  return absl::OkStatus();
}

absl::Status YamlScanner::DropKey() {
  PossibleKey& key = keys_.back();
  if (!key.possible) return absl::OkStatus();
  if (key.required) return MissingColon(key.mark);
  key.possible = false;
  key_of_token_.erase(key.token);
  return absl::OkStatus();
}

// Puts in a token without text as number `number`; as the last one if that is
// taken already, which happens behind {} and [].
void YamlScanner::Insert(size_t number, Kind kind, const YamlMark& mark) {
  YamlToken token;
  token.kind = kind;
  token.start = token.end = mark;
  const auto place =
      number < taken_
          ? tokens_.end()
          : tokens_.begin() + static_cast<std::ptrdiff_t>(number - taken_);
  tokens_.insert(place, std::move(token));
}

// Opens a block at the column of `mark` unless one is open there, with a token
// that becomes number `number`.
absl::Status YamlScanner::Indent(const YamlMark& mark, size_t number,
                                 Kind kind) {
  const auto column = static_cast<int>(mark.column);
  if (in_flow() || indent_ >= column) return absl::OkStatus();
  indents_.push_back(indent_);
  indent_ = column;
  if (indents_.size() > kMaxYamlDepth) return TooDeep(mark);
  Insert(number, kind, mark);
  return absl::OkStatus();
}

void YamlScanner::Unindent(int column) {
  if (in_flow()) return;
  for (; indent_ > column; indents_.pop_back()) {
    Add(Kind::kBlockEnd, 0);
    indent_ = indents_.back();
  }
}

absl::Status YamlScanner::LeaveBlocks() {
  Unindent(-1);
  RETURN_IF_ERROR(DropKey());
  key_allowed_ = false;
  return absl::OkStatus();
}

// Adds the token that is as long as so many characters.
void YamlScanner::Add(Kind kind, size_t characters) {
  YamlToken token;
  token.kind = kind;
  token.start = in_.mark();
  in_.Skip(characters);
  token.end = in_.mark();
  tokens_.push_back(std::move(token));
}

absl::Status YamlScanner::FetchStreamEnd() {
  in_.EndLine();
  RETURN_IF_ERROR(LeaveBlocks());
  Add(Kind::kStreamEnd, 0);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchDirective() {
  RETURN_IF_ERROR(LeaveBlocks());
  ASSIGN_OR_RETURN(YamlToken token, LexDirective(in_));
  tokens_.push_back(std::move(token));
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchDocumentIndicator() {
  RETURN_IF_ERROR(LeaveBlocks());
  Add(in_.At() == '-' ? Kind::kDocumentStart : Kind::kDocumentEnd, 3);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchFlowStart(Kind kind) {
  RETURN_IF_ERROR(SaveKey());
  PossibleKey inside;
  inside.token = next_number();
  keys_.push_back(inside);
  if (keys_.size() > kMaxYamlDepth + 1) return TooDeep(in_.mark());
  key_allowed_ = true;
  Add(kind, 1);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchFlowEnd(Kind kind) {
  RETURN_IF_ERROR(DropKey());
  if (in_flow()) {
    // The original does so too: nobody waits for the colon after {} or [].
    key_of_token_.erase(keys_.back().token);
    keys_.pop_back();
  }
  key_allowed_ = false;
  Add(kind, 1);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchFlowEntry() {
  RETURN_IF_ERROR(DropKey());
  key_allowed_ = true;
  Add(Kind::kFlowEntry, 1);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchBlockEntry() {
  if (!in_flow()) {
    if (!key_allowed_) {
      return YamlError(in_.mark(), "the item of a list cannot start here");
    }
    RETURN_IF_ERROR(
        Indent(in_.mark(), next_number(), Kind::kBlockSequenceStart));
  }
  RETURN_IF_ERROR(DropKey());
  key_allowed_ = true;
  Add(Kind::kBlockEntry, 1);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchKey() {
  if (!in_flow()) {
    if (!key_allowed_) {
      return YamlError(in_.mark(), "a key cannot start here");
    }
    RETURN_IF_ERROR(
        Indent(in_.mark(), next_number(), Kind::kBlockMappingStart));
  }
  RETURN_IF_ERROR(DropKey());
  key_allowed_ = !in_flow();
  Add(Kind::kKey, 1);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchValue() {
  ASSIGN_OR_RETURN(const bool ends_key, IsValid(keys_.back()));
  if (ends_key) {
    PossibleKey& key = keys_.back();
    Insert(key.token, Kind::kKey, key.mark);
    RETURN_IF_ERROR(Indent(key.mark, key.token, Kind::kBlockMappingStart));
    key.possible = false;
    key_of_token_.erase(key.token);
    key_allowed_ = false;
  } else {
    if (!in_flow()) {
      if (!key_allowed_) {
        return YamlError(in_.mark(),
                         "a colon that no key stands before; quote text that "
                         "has a colon followed by a blank");
      }
      RETURN_IF_ERROR(
          Indent(in_.mark(), next_number(), Kind::kBlockMappingStart));
    }
    key_allowed_ = !in_flow();
  }
  Add(Kind::kValue, 1);
  return absl::OkStatus();
}

absl::Status YamlScanner::FetchBlockScalar() {
  RETURN_IF_ERROR(DropKey());
  key_allowed_ = true;
  ASSIGN_OR_RETURN(YamlToken token, LexBlockScalar(in_, indent_));
  tokens_.push_back(std::move(token));
  return absl::OkStatus();
}

bool YamlScanner::StartsPlain() const {
  switch (in_.At()) {
    case '-':
      return !in_.AtBlank(1);
    case '?':
    case ':':
      return !in_flow() && !in_.AtSpace(1);
    default:
      return !in_.AtSpace() &&
             absl::string_view(",[]{}#&*!|>'\"%@`").find(in_.At()) ==
                 absl::string_view::npos;
  }
}

// What may be a key, if a colon follows.
absl::Status YamlScanner::FetchOther() {
  const char first = in_.At();
  const bool other = first == '*' || first == '&' || first == '!' ||
                     first == '\'' || first == '"';
  if (!other && !StartsPlain()) {
    return YamlError(in_.mark(),
                     first == '\t'
                         ? "a tab where only spaces may indent"
                         : "a character that no unquoted text can start with");
  }
  RETURN_IF_ERROR(SaveKey());
  key_allowed_ = false;
  absl::StatusOr<YamlToken> token;
  if (first == '*' || first == '&') {
    token = LexAnchor(in_);
  } else if (first == '!') {
    token = LexTag(in_);
  } else if (other) {
    token = LexQuoted(in_);
  } else {
    bool crossed_line = false;
    token = LexPlain(in_, indent_, in_flow(), crossed_line);
    if (crossed_line) key_allowed_ = true;
  }
  if (!token.ok()) return token.status();
  tokens_.push_back(*std::move(token));
  return absl::OkStatus();
}

}  // namespace base
