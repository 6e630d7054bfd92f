#include "wandb/settings/table.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "wandb/chart/rules.h"

namespace wandb {
namespace {

std::vector<absl::string_view> Parts(absl::string_view attribute) {
  return absl::StrSplit(attribute, '.');
}

const SettingNode& NodeOf(absl::string_view attribute) {
  const auto* at = &Settings();
  const SettingNode* node = nullptr;
  for (const absl::string_view part : Parts(attribute)) {
    node = &at->find(part)->second;
    at = &node->members;
  }
  return *node;
}

TEST(SettingTableTest, EachHasAnAttributeOfItsOwnAndAGroup) {
  std::set<std::string> seen;
  for (const SettingRow& row : SettingRows()) {
    EXPECT_TRUE(seen.insert(row.attribute).second) << row.attribute;
    EXPECT_FALSE(row.doc.empty()) << row.attribute;
    const size_t dot = row.attribute.rfind('.');
    if (dot == std::string::npos) {
      EXPECT_FALSE(row.example.empty()) << row.attribute;
      continue;
    }
    EXPECT_EQ(seen.count(row.attribute.substr(0, dot)), 1)
        << "The row of the group comes first: " << row.attribute;
  }
  EXPECT_EQ(FindSetting("components.app.image.tag")->attribute,
            "components.*.image.tag");
  EXPECT_EQ(FindSetting("mysql.hots"), nullptr);
}

// Kind, allowed values and secrecy come from there.
TEST(SettingTableTest, EveryPathIsOneThatTheChartReads) {
  for (const SettingRow& row : SettingRows()) {
    for (const absl::string_view version :
         {kCataloguedChart, absl::string_view("0.32.0")}) {
      const Path path = PathOf(row, "app", version);
      if (path.empty()) continue;
      const auto hit = CatalogueIndex::Get().Find(path);
      EXPECT_TRUE(hit.known) << row.attribute;
      if (hit.entry == nullptr) continue;
      EXPECT_TRUE(hit.entry->until.empty() ||
                  CompareVersions(version, hit.entry->until) == -1)
          << row.attribute;
    }
  }
}

TEST(SettingTableTest, EveryKindFitsItsSetting) {
  for (const SettingRow& row : SettingRows()) {
    const SettingNode& node = NodeOf(row.attribute);
    const CatalogueEntry* entry = EntryOf(row);
    if (node.IsGroup()) {
      EXPECT_EQ(row.shape, Shape::kNone) << row.attribute;
      EXPECT_TRUE(entry == nullptr || entry->kind == ValueKind::kSection ||
                  entry->kind == ValueKind::kEnv)
          << row.attribute;
      continue;
    }
    const bool is_bool = entry != nullptr && entry->type == ScalarType::kBool;
    EXPECT_TRUE(row.with.empty() || is_bool) << row.attribute;
    const bool has_shape = row.shape != Shape::kNone;
    const bool open = entry != nullptr && (entry->kind == ValueKind::kOpen ||
                                           entry->kind == ValueKind::kSection);
    EXPECT_TRUE(has_shape || !open)
        << row.attribute << " needs a shape, or a kind in the catalogue";
    const bool number = entry != nullptr && entry->type == ScalarType::kInteger;
    EXPECT_TRUE(number || (!row.least.has_value() && !row.most.has_value()))
        << row.attribute;
  }
}

// Members of one group stand side by side in the values; a group of its own may
// stand elsewhere.
TEST(SettingTableTest, GroupsAreSectionsOfTheirMembers) {
  for (const SettingRow& row : SettingRows()) {
    const size_t dot = row.attribute.rfind('.');
    if (dot == std::string::npos || NodeOf(row.attribute).IsGroup()) continue;
    const SettingRow* group = FindSetting(row.attribute.substr(0, dot));
    ASSERT_NE(group, nullptr);
    EXPECT_TRUE(group->path.empty() ||
                row.path.substr(0, group->path.size() + 1) ==
                    absl::StrCat(group->path, "."))
        << row.attribute;
  }
}

// An error of a rule is at an attribute that exists.
TEST(SettingTableTest, RulesOfSettingsAreAboutSettings) {
  size_t found = 0;
  for (const Rule& rule : Rules()) {
    if (rule.all_layers || rule.kind == RuleKind::kNeeds) continue;
    for (const SettingRow& row : SettingRows()) {
      found += row.path == rule.place() ? 1 : 0;
    }
  }
  EXPECT_GE(found, 11);
}

}  // namespace
}  // namespace wandb
