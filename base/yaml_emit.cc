#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

namespace base {
namespace {

// Readers accept no longer ones in front of a colon on the same line.
constexpr size_t kMaxSimpleKeyBytes = 512;

// Words that ResolvePlainYaml() leaves alone and other readers may not.
bool IsForeignWord(absl::string_view text) {
  constexpr std::array<absl::string_view, 4> kWords = {"inf", "infinity", "nan",
                                                       "none"};
  const std::string lower = absl::AsciiStrToLower(text);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end() ||
         !ResolvePlainYaml(lower).is_string();
}

// Deliberately narrow: anything beyond words, names and paths gets quotes.
bool NeedsNoQuotes(absl::string_view text) {
  if (text.empty() || text.size() > 80) return false;
  if (!absl::ascii_isalpha(text[0]) && text[0] != '/' && text[0] != '_') {
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // A colon or blank only between two other characters.
    const bool between = i + 1 < text.size() &&
                         absl::ascii_isgraph(text[i + 1]) &&
                         text[i + 1] != ':' && text[i + 1] != '#';
    if (absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' ||
        c == '/' || c == '@' || ((c == ':' || c == ' ') && between)) {
      continue;
    }
    return false;
  }
  return !IsForeignWord(text);
}

bool IsPlainInQuotes(uint32_t code) {
  return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x2028) ||
         (code > 0x2029 && code < 0xfeff) || (code > 0xfeff && code < 0xfffe) ||
         code >= 0x10000;
}

std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const absl::string_view before = text;
    const std::optional<uint32_t> code = TakeCodePoint(text);
    const absl::string_view bytes =
        before.substr(0, before.size() - text.size());
    if (!code.has_value()) {
      out += "\xef\xbf\xbd";  // the replacement character
    } else if (*code == '"' || *code == '\\') {
      absl::StrAppend(&out, "\\", bytes);
    } else if (*code == '\n') {
      out += "\\n";
    } else if (IsPlainInQuotes(*code)) {
      absl::StrAppend(&out, bytes);
    } else {
      absl::StrAppendFormat(&out, "\\u%04x", *code);
    }
  }
  return out + "\"";
}

std::string Text(absl::string_view text) {
  return NeedsNoQuotes(text) ? std::string(text) : Quoted(text);
}

std::string Real(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value);
  return {buffer.data(), end.ptr};
}

// What fits on one line.
std::string Scalar(const Json& json) {
  if (json.is_object()) return "{}";
  if (json.is_array()) return "[]";
  if (const auto* text = json.get_ptr<const std::string*>()) return Text(*text);
  if (const auto* real = json.get_ptr<const Json::number_float_t*>()) {
    return Real(*real);
  }
  if (json.is_binary() || json.is_discarded()) return "null";
  return DumpJson(json);
}

class Writer {
 public:
  // Writes `json` from the current column, which is `indent`, on; a line break
  // follows.
  void Write(const Json& json, size_t indent);
  std::string TakeText() { return std::move(out_); }

 private:
  void Indent(size_t indent) { out_.append(indent, ' '); }
  void WriteMember(const std::string& key, const Json& value, size_t indent);

  std::string out_;
};

void Writer::WriteMember(const std::string& key, const Json& value,
                         size_t indent) {
  const std::string name = Text(key);
  const bool simple = name.size() <= kMaxSimpleKeyBytes;
  if (simple) {
    absl::StrAppend(&out_, name, ":");
  } else {
    absl::StrAppend(&out_, "? ", name, "\n");
    Indent(indent);
    out_ += ':';
  }
  if (value.is_structured() && !value.empty()) {
    out_ += '\n';
    Indent(indent + 2);
  } else {
    out_ += ' ';
  }
  Write(value, indent + 2);
}

void Writer::Write(const Json& json, size_t indent) {
  if (!json.is_structured() || json.empty()) {
    absl::StrAppend(&out_, Scalar(json), "\n");
    return;
  }
  bool first = true;
  for (const auto& member : json.items()) {
    if (!first) Indent(indent);
    first = false;
    if (json.is_object()) {
      WriteMember(member.key(), member.value(), indent);
    } else {
      out_ += "- ";
      Write(member.value(), indent + 2);
    }
  }
}

}  // namespace

std::string EmitYaml(const Json& json) {
  Writer writer;
  writer.Write(json, 0);
  return writer.TakeText();
}

}  // namespace base
