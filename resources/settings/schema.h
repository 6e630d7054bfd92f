// The typed settings (wandb/settings/table.h) as Terraform sees them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "provider/cty/path.h"
#include "provider/cty/value.h"
#include "provider/tf/schema.h"
#include "wandb/settings/table.h"

namespace resources {

// The arguments by name; what is absent is not set.
using SettingValues = std::map<std::string, cty::Value>;

// Whether the provider hides what is at the path of `row`, whatever it is.
bool IsSensitive(const wandb::SettingRow& row);

// The attribute of each argument. Maps of environment variables are never
// quoted.
const std::vector<tf::Attribute>& SettingAttributes();

// The settings as the tree that wandb::CompileSettings() takes, unknowns and
// all.
absl::StatusOr<base::Json> SettingsTree(const SettingValues& settings);

// The inverse, of a tree from wandb::TakeSettings().
absl::StatusOr<SettingValues> SettingsFromTree(const base::Json& tree);

// Where a configuration has `setting`, such as "components.app.image".
cty::Path PathOfSetting(absl::string_view setting);

}  // namespace resources
