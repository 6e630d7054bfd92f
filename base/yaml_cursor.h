// A place in YAML text that moves forward. Internal to base/yaml.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace base {

// A place as people count it less one, in characters, and as bytes.
struct YamlMark {
  size_t line = 0;
  size_t column = 0;
  // Characters and bytes before it.
  size_t index = 0;
  size_t offset = 0;
};

// kInvalidArgument that starts with the place.
absl::Status YamlError(const YamlMark& mark, absl::string_view message);

// The text is UTF-8 without NUL: At() says NUL for what is behind its end.
// Lines end as YAML 1.1 has it: LF, CR, CR LF, NEL, and the separators LS and
// PS, which stay in the value that they break.
class YamlCursor {
 public:
  explicit YamlCursor(absl::string_view text, const YamlMark& mark = {})
      : text_(text), mark_(mark) {}

  const YamlMark& mark() const { return mark_; }
  absl::string_view text() const { return text_; }

  char At(size_t ahead = 0) const {
    const size_t offset = mark_.offset + ahead;
    return offset < text_.size() ? text_[offset] : '\0';
  }
  bool AtEnd(size_t ahead = 0) const { return At(ahead) == '\0'; }
  bool AtBlank(size_t ahead = 0) const {
    return At(ahead) == ' ' || At(ahead) == '\t';
  }
  bool AtBreak(size_t ahead = 0) const { return BreakBytes(ahead) > 0; }
  bool AtBreakOrEnd(size_t ahead = 0) const {
    return AtEnd(ahead) || AtBreak(ahead);
  }
  // A blank, a break or the end.
  bool AtSpace(size_t ahead = 0) const {
    return AtBlank(ahead) || AtBreakOrEnd(ahead);
  }
  // "---" or "..." alone at the start of a line.
  bool AtDocumentIndicator() const;

  // Goes on by one character; it must be none that breaks a line.
  void Skip(size_t characters = 1);
  // Goes over a line break, if there is one.
  void SkipBreak();
  // The same, with what was passed added to `out`. A break becomes a line
  // feed, unless it is LS or PS.
  void TakeCharacter(std::string& out);
  void TakeBreak(std::string& out);
  void SkipBlanks();
  // Goes to the end of the line if a comment starts here.
  void SkipComment();
  // The end of the text counts as the start of a new line.
  void EndLine();

 private:
  size_t BreakBytes(size_t ahead) const;

  absl::string_view text_;
  YamlMark mark_;
};

}  // namespace base
