#include "provider/tf/attribute_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "provider/cty/codec.h"

namespace tf {
namespace {

std::string Quoted(absl::string_view code) {
  return absl::StrCat("`", code, "`");
}

// As texts name a value: strings without quotes.
std::string ValueText(const cty::Value& value, const cty::Type& type) {
  if (type == cty::Type::String() && value.IsKnown()) {
    return value.AsString().empty() ? "\"\"" : value.AsString();
  }
  return cty::EncodeJson(value, type).value_or("");
}

}  // namespace

std::string AttributeText(const Attribute& attribute) {
  const AttributeSpec& spec = attribute.spec;
  std::string out = spec.doc;
  const auto names = [&spec](absl::string_view code) {
    return absl::StrContains(spec.doc, Quoted(code));
  };
  if (!std::all_of(spec.allowed.begin(), spec.allowed.end(), names)) {
    const auto quote = [](std::string* to, const std::string& each) {
      absl::StrAppend(to, Quoted(each));
    };
    absl::StrAppend(&out, " One of ", absl::StrJoin(spec.allowed, ", ", quote),
                    ".");
  }
  if (spec.fallback.has_value() && !spec.fallback->IsNull()) {
    const std::string text = ValueText(*spec.fallback, attribute.type);
    if (!names(text)) absl::StrAppend(&out, " Default ", Quoted(text), ".");
  }
  if (spec.replace_on_change) {
    absl::StrAppend(&out, " A change forces a new resource.");
  }
  return out;
}

}  // namespace tf
