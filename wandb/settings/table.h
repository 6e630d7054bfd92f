// The typed settings: one row for each. A row says which chart value it is and
// what a user must know; kind, type, allowed values, versions and secrecy come
// from the catalogue by that path. The schema, what is compiled, what an import
// and a legacy installation become, and the documentation all follow from it.
//
// To add a setting, add a row, and a catalogue entry if the chart value has
// none yet.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/chart/catalogue.h"
#include "wandb/leaf_map.h"
#include "wandb/shapes.h"

namespace wandb {

// A value that goes with another.
struct FixedValue {
  std::string path;
  base::Json value;
};

// Where the values name a Secret and a key in it. Dotted paths.
struct SecretPlace {
  std::string name;
  std::string key;
};

struct SettingRow {
  // Dotted, in snake_case after the chart's keys; the first part is the
  // argument. `*` is the name of a component.
  std::string attribute;
  // Dotted, in the chart's values; that of a group is the section of its
  // members, and "" for the whole of the values.
  std::string path;
  std::string doc;  // Markdown; what the catalogue knows need not be said.
  std::string example = {};  // HCL expression.
  bool required = false;     // Where its group is given; "" is not enough.
  // Required where the group is given and its member of this name is not.
  absl::string_view required_unless = {};
  bool is_url = false;
  bool is_switch = false;  // A bool, written as text: "true".
  bool are_names = false;  // A list of texts, each written as {name: text}.
  // The values may define more than the catalogue allows: FindMistakes() looks
  // there.
  bool is_extensible = false;
  Shape shape = Shape::kNone;
  // Numbers only.
  std::optional<double> least = std::nullopt, most = std::nullopt;
  // What charts in which the component had a chart of its own read in place of
  // `path`.
  std::string old_path = {};
  // Dotted paths that get the same value.
  std::vector<std::string> also = {};
  // A group: what is written beside its members. A bool: what is written where
  // it is true.
  std::vector<FixedValue> with = {};
  // Of a secret: where the values refer to one in place of it. It then has a
  // write-only twin (write_only.h).
  SecretPlace reference = {};
  // An installation without the operator: the environment variable, and the
  // values of the chart `wandb` (dotted), that mean the same.
  absl::string_view variable = {};
  std::vector<absl::string_view> old_values = {};
};

// A row and the rows below it, by the next part of their names. One without
// members is a setting, any other a group.
struct SettingNode {
  const SettingRow* row = nullptr;
  std::map<std::string, SettingNode, std::less<>> members;

  bool IsGroup() const { return !members.empty(); }
};

const std::vector<SettingRow>& SettingRows();

// The arguments: their nodes by name.
const std::map<std::string, SettingNode, std::less<>>& Settings();

// The row of `attribute`, "components.app.image" and "components.*.image"
// alike; nullptr for none.
const SettingRow* FindSetting(absl::string_view attribute);

// Where `component` has `row` in chart `version`.
Path PathOf(const SettingRow& row, absl::string_view component,
            absl::string_view version);

// Where the newest catalogued chart has `row`, for one of the components: what
// holds for one holds for all.
Path PathOf(const SettingRow& row);

// The keys of `dotted` as they stand: `also` and FixedValue::path.
Path PathOfText(absl::string_view dotted);

// What the catalogue says of `row`; nullptr for nothing.
const CatalogueEntry* EntryOf(const SettingRow& row);

}  // namespace wandb
