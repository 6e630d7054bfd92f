#include "wandb/settings/table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/never_destroyed.h"

namespace wandb {
namespace {

using Nodes = std::map<std::string, SettingNode, std::less<>>;

constexpr absl::string_view kAnyComponent = "*";

Nodes MakeNodes() {
  Nodes root;
  for (const SettingRow& row : SettingRows()) {
    Nodes* at = &root;
    SettingNode* node = nullptr;
    for (const absl::string_view part : absl::StrSplit(row.attribute, '.')) {
      node = &(*at)[std::string(part)];
      at = &node->members;
    }
    node->row = &row;
  }
  return root;
}

// The first chart that reads the `path` of `row`; "" for all.
absl::string_view FirstOf(const SettingRow& row, absl::string_view component) {
  if (row.old_path.empty()) return "";
  for (const Component& each : ComponentTable()) {
    if (each.name == component) return each.rebuilt;
  }
  return "";
}

}  // namespace

const Nodes& Settings() {
  static const base::NeverDestroyed<Nodes> kNodes(MakeNodes());
  return *kNodes;
}

const SettingRow* FindSetting(absl::string_view attribute) {
  const Nodes* at = &Settings();
  const SettingNode* node = nullptr;
  for (const absl::string_view part : absl::StrSplit(attribute, '.')) {
    auto found = at->find(part);
    if (found == at->end()) found = at->find(kAnyComponent);
    if (found == at->end()) return nullptr;
    node = &found->second;
    at = &node->members;
  }
  return node->row;
}

Path PathOf(const SettingRow& row, absl::string_view component,
            absl::string_view version) {
  const absl::string_view first = FirstOf(row, component);
  const bool old =
      !first.empty() && CompareVersions(version, first).value_or(0) < 0;
  Path path;
  for (const absl::string_view key :
       absl::StrSplit(old ? row.old_path : row.path, '.', absl::SkipEmpty())) {
    path.push_back(
        Step::Key(std::string(key == kAnyComponent ? component : key)));
  }
  return path;
}

Path PathOfText(absl::string_view dotted) {
  Path path;
  for (const absl::string_view key : absl::StrSplit(dotted, '.')) {
    path.push_back(Step::Key(std::string(key)));
  }
  return path;
}

Path PathOf(const SettingRow& row) {
  return PathOf(row, Components()[0], kCataloguedChart);
}

const CatalogueEntry* EntryOf(const SettingRow& row) {
  return CatalogueIndex::Get().Find(PathOf(row)).entry;
}

}  // namespace wandb
