#include "base/yaml_cursor.h"

#include "absl/strings/str_cat.h"

namespace base {
namespace {

size_t CharacterBytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

}  // namespace

absl::Status YamlError(const YamlMark& mark, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", mark.line + 1, ", column ", mark.column + 1, ": ", message));
}

size_t YamlCursor::BreakBytes(size_t ahead) const {
  switch (At(ahead)) {
    case '\n':
      return 1;
    case '\r':
      return At(ahead + 1) == '\n' ? 2 : 1;
    case '\xc2':
      return At(ahead + 1) == '\x85' ? 2 : 0;
    case '\xe2':
      return At(ahead + 1) == '\x80' &&
                     (At(ahead + 2) == '\xa8' || At(ahead + 2) == '\xa9')
                 ? 3
                 : 0;
    default:
      return 0;
  }
}

bool YamlCursor::AtDocumentIndicator() const {
  if (mark_.column != 0 || !AtSpace(3)) return false;
  const absl::string_view ahead = text_.substr(mark_.offset, 3);
  return ahead == "---" || ahead == "...";
}

void YamlCursor::Skip(size_t characters) {
  for (; characters > 0 && !AtEnd(); --characters) {
    mark_.offset += CharacterBytes(At());
    ++mark_.index;
    ++mark_.column;
  }
}

void YamlCursor::SkipBreak() {
  std::string ignored;
  TakeBreak(ignored);
}

void YamlCursor::TakeCharacter(std::string& out) {
  const size_t start = mark_.offset;
  Skip();
  absl::StrAppend(&out, text_.substr(start, mark_.offset - start));
}

void YamlCursor::TakeBreak(std::string& out) {
  const size_t bytes = BreakBytes(0);
  if (bytes == 0) return;
  if (bytes == 3) {
    absl::StrAppend(&out, text_.substr(mark_.offset, bytes));
  } else {
    out += '\n';
  }
  mark_.index += At() == '\r' ? bytes : 1;
  mark_.offset += bytes;
  mark_.column = 0;
  ++mark_.line;
}

void YamlCursor::SkipBlanks() {
  while (AtBlank()) Skip();
}

void YamlCursor::SkipComment() {
  if (At() != '#') return;
  while (!AtBreakOrEnd()) Skip();
}

void YamlCursor::EndLine() {
  if (mark_.column == 0) return;
  mark_.column = 0;
  ++mark_.line;
}

}  // namespace base
