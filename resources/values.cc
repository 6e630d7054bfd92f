#include "resources/values.h"

#include <utility>

#include "wandb/unknown.h"

namespace resources {
namespace {

cty::Type MapOfStrings() { return cty::Type::Map(cty::Type::String()); }

wandb::Unknown UnknownOf(const cty::Type& type) {
  switch (type.kind()) {
    case cty::Type::Kind::kString:
      return wandb::Unknown::kString;
    case cty::Type::Kind::kNumber:
      return wandb::Unknown::kNumber;
    case cty::Type::Kind::kBool:
      return wandb::Unknown::kBool;
    default:
      return wandb::Unknown::kShape;
  }
}

}  // namespace

absl::StatusOr<base::Json> TreeOf(const cty::Value& value) {
  return cty::ToJson(value, {.unknown = [](const cty::Type& type) {
                       return wandb::MakeUnknown(UnknownOf(type));
                     }});
}

base::Json TreeOf(const tf::Attr<std::string>& attr) {
  if (attr.IsUnknown()) return wandb::MakeUnknown(wandb::Unknown::kString);
  return attr.IsKnown() ? base::Json(attr.value()) : base::Json();
}

cty::Value StringMap(
    const std::map<std::string, std::optional<std::string>>& entries) {
  std::map<std::string, cty::Value> out;
  for (const auto& [key, text] : entries) {
    out[key] = text.has_value() ? cty::Value::String(*text)
                                : cty::Value::Unknown(cty::Type::String());
  }
  return cty::Value::Map(cty::Type::String(), std::move(out));
}

cty::Value UnknownStringMap() { return cty::Value::Unknown(MapOfStrings()); }

cty::Value NullStringMap() { return cty::Value::Null(MapOfStrings()); }

}  // namespace resources
