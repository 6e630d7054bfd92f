#include "resources/settings/schema.h"

#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/never_destroyed.h"
#include "base/status_macros.h"
#include "provider/cty/codec.h"
#include "provider/tf/binding.h"
#include "resources/shape_attribute.h"
#include "resources/values.h"
#include "wandb/chart/catalogue.h"
#include "wandb/chart/mask.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/write_only.h"

namespace resources {
namespace {

using base::Json;
using tf::Attribute;
using wandb::SettingNode;
using wandb::SettingRow;
using wandb::ValueKind;

using Strings = std::vector<std::string>;
using Texts = std::map<std::string, std::string>;

// `path` and `entry` are those of `row`.
bool IsSensitive(const SettingRow& row, const wandb::Path& path,
                 const wandb::CatalogueEntry* entry) {
  static const base::NeverDestroyed<wandb::Mask> kMask;
  // A switch says only whether there is a secret, as `rds_iam_auth` does.
  const bool is_switch =
      row.is_switch ||
      (entry != nullptr && entry->type == wandb::ScalarType::kBool);
  return kMask->IsSecret(path, is_switch ? Json(true) : Json("x"));
}

// By what the catalogue says of it; a variable of an environment is text.
Attribute OfKind(const std::string& name, const wandb::CatalogueEntry* entry,
                 tf::AttributeSpec spec) {
  switch (entry == nullptr ? ValueKind::kText : entry->kind) {
    case ValueKind::kList:
      return tf::AttributeFor<Strings>(name, std::move(spec));
    case ValueKind::kMap:
    case ValueKind::kEnv:
      return tf::AttributeFor<Texts>(name, std::move(spec));
    case ValueKind::kScalar:
    case ValueKind::kText:
    case ValueKind::kOpen:
    case ValueKind::kSection:
      break;
  }
  switch (entry == nullptr ? wandb::ScalarType::kString : entry->type) {
    case wandb::ScalarType::kInteger:
      return tf::AttributeFor<int64_t>(name, std::move(spec));
    case wandb::ScalarType::kBool:
      return tf::AttributeFor<bool>(name, std::move(spec));
    case wandb::ScalarType::kString:
      break;
  }
  return tf::AttributeFor<std::string>(name, std::move(spec));
}

// First chart that reads `path`, the row's: that of its newest part. "" for
// all, and where older charts have another path.
std::string SinceOf(const SettingRow& row, const wandb::Path& path) {
  if (path.empty() || row.path == "*" || !row.old_path.empty()) return "";
  wandb::Path part;
  absl::string_view newest;
  const auto count = [&](absl::string_view since) {
    if (!since.empty() &&
        wandb::CompareVersions(since, newest).value_or(1) > 0) {
      newest = since;
    }
  };
  for (const wandb::Step& step : path) {
    part.push_back(step);
    const auto hit = wandb::CatalogueIndex::Get().Find(part);
    if (hit.entry != nullptr) count(hit.since);
  }
  // What is below `*` is in all components, whichever of them there are.
  const wandb::Component* const component =
      row.path[0] == '*' ? nullptr : wandb::FindComponent(path[0].key);
  if (component != nullptr) count(component->since);
  return std::string(newest);
}

// `entry` is that of `row`, `since` is SinceOf(row), "" to leave it out.
std::string DocOf(const SettingRow& row, const wandb::CatalogueEntry* entry,
                  const std::string& since) {
  if (row.path.empty() || row.path == "*") return absl::StrCat(row.doc, ".");
  std::string doc =
      absl::StrCat(row.doc, " (`",
                   row.path[0] == '*' ? row.path.substr(2) : row.path, "`).");
  if (entry == nullptr) return doc;
  if (entry->unreleased) {
    absl::StrAppend(&doc, " Needs a chart newer than ", wandb::kCataloguedChart,
                    ".");
  } else if (!since.empty()) {
    absl::StrAppend(&doc, " Needs chart ", since, " or newer.");
  }
  return doc;
}

// What is in no plan and no state.
Attribute TwinOf(const std::string& name, const SettingRow& row) {
  return tf::AttributeFor<std::string>(
      wandb::WriteOnlyTwinOf(name),
      {.sensitive = true,
       .write_only = true,
       .doc = absl::StrCat("In place of `", name,
                           "`: kept in a Secret of the provider's own, to "
                           "which the values refer. Needs "
                           "`secrets_wo_version`."),
       .example = absl::StrCat("var.", wandb::WriteOnlyKeyOf(row.attribute))});
}

// With its write-only twin, if there is one.
void AddAttributes(const std::string& name, Attribute attribute,
                   const SettingRow& row, std::vector<Attribute>& out) {
  out.push_back(std::move(attribute));
  if (wandb::HasWriteOnlyTwin(row)) out.push_back(TwinOf(name, row));
}

// `above` is SinceOf() of the group that it is in.
Attribute AttributeOf(const std::string& name, const SettingNode& node,
                      const std::string& above = "") {
  const SettingRow& row = *node.row;
  const wandb::Path path = wandb::PathOf(row);
  const wandb::CatalogueEntry* const entry =
      wandb::CatalogueIndex::Get().Find(path).entry;
  const std::string since = SinceOf(row, path);
  tf::AttributeSpec spec = {
      .use = row.required ? tf::Use::kRequired : tf::Use::kOptional,
      .doc = DocOf(row, entry, since == above ? "" : since),
      .example = row.example};
  if (node.IsGroup()) {
    const auto any = node.members.find("*");
    tf::NestedObject object = {.nesting = any == node.members.end()
                                              ? tf::Nesting::kSingle
                                              : tf::Nesting::kMap};
    for (const auto& [member, below] :
         any == node.members.end() ? node.members : any->second.members) {
      AddAttributes(member, AttributeOf(member, below, since), *below.row,
                    object.attributes);
    }
    return NestedAttribute(name, std::move(object), std::move(spec));
  }
  if (row.shape != wandb::Shape::kNone) {
    return ShapeAttribute(name, row.shape, std::move(spec));
  }
  spec.sensitive = IsSensitive(row, path, entry);
  spec.never_quoted = entry != nullptr && entry->kind == ValueKind::kEnv;
  if (entry != nullptr) {
    spec.allowed = absl::StrSplit(entry->allowed, '|', absl::SkipEmpty());
  }
  return row.is_switch ? tf::AttributeFor<bool>(name, std::move(spec))
                       : OfKind(name, entry, std::move(spec));
}

std::vector<Attribute> MakeAttributes() {
  std::vector<Attribute> out;
  for (const auto& [name, node] : wandb::Settings()) {
    AddAttributes(name, AttributeOf(name, node), *node.row, out);
  }
  return out;
}

}  // namespace

bool IsSensitive(const SettingRow& row) {
  const wandb::Path path = wandb::PathOf(row);
  return IsSensitive(row, path, wandb::CatalogueIndex::Get().Find(path).entry);
}

const std::vector<Attribute>& SettingAttributes() {
  static const base::NeverDestroyed<std::vector<Attribute>> kAttributes(
      MakeAttributes());
  return *kAttributes;
}

absl::StatusOr<Json> SettingsTree(const SettingValues& settings) {
  Json tree = Json::object();
  for (const auto& [name, value] : settings) {
    if (value.IsNull()) continue;
    ASSIGN_OR_RETURN(tree[name], TreeOf(value));
  }
  return tree;
}

absl::StatusOr<SettingValues> SettingsFromTree(const Json& tree) {
  SettingValues settings;
  for (const Attribute& attribute : SettingAttributes()) {
    const auto found = tree.find(attribute.name);
    if (found == tree.end()) continue;
    ASSIGN_OR_RETURN(settings[attribute.name],
                     cty::DecodeJson(base::DumpJson(*found), attribute.type));
  }
  return settings;
}

cty::Path PathOfSetting(absl::string_view setting) {
  const std::vector<absl::string_view> parts = absl::StrSplit(setting, '.');
  cty::Path path;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool component = i == 1 && parts[0] == "components";
    path = component ? path.Key(parts[i]) : path.Attribute(parts[i]);
  }
  return path;
}

}  // namespace resources
