#include "resources/hidden_arguments.h"

#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "wandb/chart/mask.h"

namespace resources {
namespace {

bool HoldsHidden(const std::string& text) {
  return absl::StrContains(text, wandb::kMasked) ||
         absl::StrContains(text, wandb::kMaskedChanged);
}

// The way to the first such string in `value`, last step first; empty for a
// string itself. False if there is none. A path is made of it only once found:
// keys may be long and many.
bool FindHidden(const cty::Value& value, std::vector<cty::Step>& way) {
  if (!value.IsKnown()) return false;
  using Kind = cty::Type::Kind;
  const Kind kind = value.type().kind();
  if (kind == Kind::kString) return HoldsHidden(value.AsString());
  if (kind == Kind::kObject || kind == Kind::kMap) {
    for (const auto& [name, below] : value.fields()) {
      if (!FindHidden(below, way)) continue;
      if (kind == Kind::kMap) {
        way.emplace_back(cty::KeyStep{name});
      } else {
        way.emplace_back(cty::AttributeStep{name});
      }
      return true;
    }
  }
  if (kind == Kind::kList || kind == Kind::kTuple || kind == Kind::kSet) {
    for (size_t i = 0; i < value.elements().size(); ++i) {
      if (!FindHidden(value.elements()[i], way)) continue;
      if (kind == Kind::kSet) {
        way.clear();  // Its elements have no paths.
      } else {
        way.emplace_back(cty::IndexStep{static_cast<int64_t>(i)});
      }
      return true;
    }
  }
  return false;
}

cty::Path Below(cty::Path path, const std::vector<cty::Step>& way) {
  for (size_t i = way.size(); i-- > 0;) {
    const cty::Step& step = way[i];
    if (const auto* attribute = std::get_if<cty::AttributeStep>(&step)) {
      path = path.Attribute(attribute->name);
    } else if (const auto* key = std::get_if<cty::KeyStep>(&step)) {
      path = path.Key(key->key);
    } else if (const auto* index = std::get_if<cty::IndexStep>(&step)) {
      path = path.Index(index->index);
    }
  }
  return path;
}

}  // namespace

void CheckNothingHiddenAt(const cty::Path& path, const cty::Value& value,
                          tf::Diagnostics& diags) {
  std::vector<cty::Step> way;
  if (!FindHidden(value, way)) return;
  const cty::Path found = Below(path, way);
  diags.AddError(
      found, "Argument holds the text of a hidden value",
      absl::StrCat(
          found.ToString(), " has \"", wandb::kMasked,
          "\" in it. That stands for a secret in plans, outputs and imported "
          "arguments; written into the cluster, it would take the place of the "
          "secret. Write the value itself, from a variable or a secret store, "
          "or take the argument out."));
}

void CheckNothingHidden(const cty::Value& config,
                        const std::set<std::string>& except,
                        tf::Diagnostics& diags) {
  if (!config.IsKnown()) return;
  for (const auto& [name, value] : config.fields()) {
    if (except.count(name) == 0) {
      CheckNothingHiddenAt(cty::Path(name), value, diags);
    }
  }
}

}  // namespace resources
