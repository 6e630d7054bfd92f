#include "base/credential_text.h"

#include <string>

#include "absl/strings/strip.h"
#include "base/credential_shapes.h"

namespace base {
namespace credentials {

bool IsName(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, IsNameCharacter);
}

namespace {

// Of printf and Go.
bool IsFormat(absl::string_view text) {
  return text == "%s" || text == "%v" || text == "%q";
}

// What stands in "{{ }}" without a literal, save the name of a template.
bool IsLookup(absl::string_view text) {
  constexpr absl::string_view kInclude = "include ";
  std::string rest(text);
  const size_t include = text.find(kInclude);
  if (include != kNone) {
    const size_t open = include + kInclude.size();
    const char quote = open < text.size() ? text[open] : '\0';
    const size_t close =
        quote == '"' || quote == '`' ? text.find(quote, open + 1) : kNone;
    if (close == kNone || !IsName(text.substr(open + 1, close - open - 1))) {
      return false;
    }
    rest.erase(open, close + 1 - open);
  }
  return absl::c_all_of(
      rest, [](char c) { return IsNameCharacter(c) || IsIn(c, " $()|"); });
}

}  // namespace

bool IsHarmless(absl::string_view value) {
  return value.empty() || IsReference(value) || IsFormat(value) ||
         value == "{}" || value == "[]" || value == "<nil>" ||
         absl::c_all_of(value, [](char c) { return c == '*'; });
}

}  // namespace credentials

bool IsReference(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "$(")) {
    return absl::ConsumeSuffix(&text, ")") && credentials::IsName(text);
  }
  if (absl::ConsumePrefix(&text, "${")) {
    return absl::ConsumeSuffix(&text, "}") && credentials::IsName(text);
  }
  if (absl::ConsumePrefix(&text, "{{")) {
    return absl::ConsumeSuffix(&text, "}}") && credentials::IsLookup(text);
  }
  return absl::ConsumePrefix(&text, "$") && credentials::IsName(text);
}

}  // namespace base
