#include "provider/tf/schema.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tf {
namespace {

void ValidateObject(const std::vector<Attribute>& attributes,
                    const cty::Value& config, const cty::Path& parent,
                    const ValidateOptions& options, Diagnostics& diags);

// Core drops names that an object does not have without a word: of one that has
// nothing but such names this is left.
void WarnIfEmpty(const std::vector<Attribute>& attributes,
                 const cty::Value& value, const cty::Path& path,
                 Diagnostics& diags) {
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes) {
    // Another diagnostic says that one is missing.
    if (attribute.spec.use == Use::kRequired ||
        !value.At(attribute.name).IsNull()) {
      return;
    }
    if (attribute.spec.use != Use::kComputed) names.push_back(attribute.name);
  }
  if (names.empty()) return;
  diags.AddWarning(
      path, absl::StrCat("Nothing is set in ", path.ToString()),
      absl::StrCat(path.ToString(),
                   " is there, and none of its attributes has a value. Is a "
                   "name in it misspelt? Terraform and OpenTofu drop names "
                   "that an attribute does not have without a word. It has: ",
                   absl::StrJoin(names, ", "), "."));
}

void ValidateNested(const NestedObject& nested, const cty::Value& value,
                    const cty::Path& path, const ValidateOptions& options,
                    Diagnostics& diags) {
  const auto element = [&](const cty::Value& item, const cty::Path& at) {
    if (item.IsNull()) {
      AddNullElement(at, diags);
    } else if (item.IsKnown()) {
      WarnIfEmpty(nested.attributes, item, at, diags);
      ValidateObject(nested.attributes, item, at, options, diags);
    }
  };
  if (nested.nesting == Nesting::kSingle) {
    WarnIfEmpty(nested.attributes, value, path, diags);
    ValidateObject(nested.attributes, value, path, options, diags);
  } else if (nested.nesting == Nesting::kList) {
    for (size_t i = 0; i < value.elements().size(); ++i) {
      element(value.elements()[i], path.Index(static_cast<int64_t>(i)));
    }
  } else {
    for (const auto& [key, item] : value.fields()) element(item, path.Key(key));
  }
}

void ValidateAttribute(const Attribute& attribute, const cty::Value& value,
                       const cty::Path& path, const ValidateOptions& options,
                       Diagnostics& diags) {
  const AttributeSpec& spec = attribute.spec;
  if (value.IsNull()) {
    if (spec.use == Use::kRequired) {
      diags.AddError(path, "Missing required attribute",
                     absl::StrCat("Attribute ", path.ToString(),
                                  " is required. Give it a value."));
    }
    return;
  }
  if (spec.use == Use::kComputed) {
    diags.AddError(path, "Read-only attribute set",
                   absl::StrCat("Attribute ", path.ToString(),
                                " is set by the provider. Remove it from the "
                                "configuration."));
    return;
  }
  if (spec.write_only && !options.write_only_allowed) {
    diags.AddError(
        path, "Write-only attributes not supported",
        absl::StrCat("Attribute ", path.ToString(),
                     " needs Terraform 1.11 or OpenTofu 1.11 or newer."));
    return;
  }
  if (!spec.deprecated.empty() && value.IsKnown()) {
    diags.AddWarning(path, "Deprecated attribute", spec.deprecated);
  }
  if (!value.IsKnown()) return;
  for (const Validator& validator : spec.validators) {
    validator(value, path, diags);
  }
  if (attribute.nested != nullptr) {
    ValidateNested(*attribute.nested, value, path, options, diags);
  }
}

void ValidateObject(const std::vector<Attribute>& attributes,
                    const cty::Value& config, const cty::Path& parent,
                    const ValidateOptions& options, Diagnostics& diags) {
  for (const Attribute& attribute : attributes) {
    ValidateAttribute(attribute, config.At(attribute.name),
                      parent.Attribute(attribute.name), options, diags);
  }
}

bool IsSecret(const Attribute& attribute) {
  return attribute.spec.sensitive || attribute.spec.never_quoted;
}

bool HoldsSecret(const std::vector<Attribute>& attributes) {
  return std::any_of(
      attributes.begin(), attributes.end(), [](const Attribute& each) {
        return IsSecret(each) ||
               (each.nested != nullptr && HoldsSecret(each.nested->attributes));
      });
}

}  // namespace

cty::Type ObjectType(const std::vector<Attribute>& attributes) {
  std::map<std::string, cty::Type> types;
  for (const Attribute& attribute : attributes) {
    types[attribute.name] = attribute.type;
  }
  return cty::Type::Object(std::move(types));
}

cty::Type NestedType(const NestedObject& nested) {
  const cty::Type object = ObjectType(nested.attributes);
  switch (nested.nesting) {
    case Nesting::kList:
      return cty::Type::List(object);
    case Nesting::kMap:
      return cty::Type::Map(object);
    case Nesting::kSingle:
      return object;
  }
  return object;
}

void AddNullElement(const cty::Path& path, Diagnostics& diags) {
  diags.AddError(path, "Null element",
                 absl::StrCat("Element ", path.ToString(),
                              " is null. Remove it or give it a value."));
}

cty::Type Block::type() const { return ObjectType(attributes); }

cty::Type Schema::ImpliedType() const {
  std::map<std::string, cty::Type> types;
  for (const Attribute& attribute : attributes) {
    types[attribute.name] = attribute.type;
  }
  for (const Block& block : blocks) types[block.name] = block.type();
  return cty::Type::Object(std::move(types));
}

void ValidateConfig(const Schema& schema, const cty::Value& config,
                    const ValidateOptions& options, Diagnostics& diags) {
  ValidateObject(schema.attributes, config, cty::Path(), options, diags);
  for (const Block& block : schema.blocks) {
    const cty::Value& value = config.At(block.name);
    if (!value.IsKnown()) continue;
    ValidateObject(block.attributes, value, cty::Path(block.name), options,
                   diags);
  }
}

bool QuotesSecrets(const Schema& schema, const cty::Path& path) {
  // The attributes of what the steps so far lead to; none inside of a leaf.
  const std::vector<Attribute>* attributes = &schema.attributes;
  bool at_root = true;
  for (const cty::Step& step : path.steps()) {
    const auto* name = std::get_if<cty::AttributeStep>(&step);
    if (name == nullptr) continue;  // An element of what is nested.
    if (attributes == nullptr) return false;
    const auto is_it = [&](const auto& each) {
      return each.name == name->name;
    };
    const auto found =
        std::find_if(attributes->begin(), attributes->end(), is_it);
    if (found != attributes->end()) {
      if (IsSecret(*found)) return true;
      attributes =
          found->nested == nullptr ? nullptr : &found->nested->attributes;
    } else {
      const auto block =
          std::find_if(schema.blocks.begin(), schema.blocks.end(), is_it);
      if (!at_root || block == schema.blocks.end()) return false;
      attributes = &block->attributes;
    }
    at_root = false;
  }
  return !at_root && attributes != nullptr && HoldsSecret(*attributes);
}

bool PointsElsewhere(const Schema& schema, const cty::Path& path) {
  const auto is_at_root = [&](const cty::Step& step) {
    const auto* name = std::get_if<cty::AttributeStep>(&step);
    return name != nullptr &&
           std::any_of(
               schema.attributes.begin(), schema.attributes.end(),
               [&](const Attribute& each) { return each.name == name->name; });
  };
  const std::vector<cty::Step>& steps = path.steps();
  return steps.size() > 1 && is_at_root(steps.front()) &&
         is_at_root(steps.back());
}

}  // namespace tf
