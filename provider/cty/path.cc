#include "provider/cty/path.h"

#include "absl/strings/str_cat.h"

namespace cty {
namespace {

// A quoted HCL string: "${" and "%{" would start a template.
std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool opens = i + 1 < text.size() && text[i + 1] == '{';
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", absl::string_view(&c, 1));
    } else if (c == '\n') {
      out += "\\n";
    } else if ((c == '$' || c == '%') && opens) {
      absl::StrAppend(&out, absl::string_view(&c, 1), absl::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

Path::Path(absl::string_view attribute) {
  steps_.emplace_back(AttributeStep{std::string(attribute)});
}

Path Path::Attribute(absl::string_view name) const {
  Path path = *this;
  path.steps_.emplace_back(AttributeStep{std::string(name)});
  return path;
}

Path Path::Key(absl::string_view key) const {
  Path path = *this;
  path.steps_.emplace_back(KeyStep{std::string(key)});
  return path;
}

Path Path::Index(int64_t index) const {
  Path path = *this;
  path.steps_.emplace_back(IndexStep{index});
  return path;
}

std::string Path::ToString() const {
  std::string out;
  for (const Step& step : steps_) {
    if (const auto* attribute = std::get_if<AttributeStep>(&step)) {
      absl::StrAppend(&out, out.empty() ? "" : ".", attribute->name);
    } else if (const auto* key = std::get_if<KeyStep>(&step)) {
      absl::StrAppend(&out, "[", Quoted(key->key), "]");
    } else if (const auto* at = std::get_if<IndexStep>(&step)) {
      absl::StrAppend(&out, "[", at->index, "]");
    }
  }
  return out;
}

}  // namespace cty
