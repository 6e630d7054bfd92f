// Write-only twins of the settings that are secrets: `license_wo` beside
// `license`. What a twin says is in no plan, state or custom resource. The
// provider keeps it in a Secret, and the values refer to that.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/settings/table.h"

namespace wandb {

// The twins that are set, by the settings in whose place they are: "license",
// "mysql.password". Sorted.
struct WriteOnlySettings {
  std::vector<std::string> settings;
  std::string secret;  // Name of the Secret; "" while it is not known.
};

// Name of the Secret of an instance. The chart makes none of that name.
std::string WriteOnlySecretName(absl::string_view instance);

// Whether there is a twin to `row`.
bool HasWriteOnlyTwin(const SettingRow& row);

// "mysql.password_wo" of "mysql.password".
std::string WriteOnlyTwinOf(absl::string_view setting);

// The setting in whose place `name` is the twin, both without their group:
// "password" of "password_wo". "" for what has no such ending.
absl::string_view SettingOfTwin(absl::string_view name);

// Where the Secret keeps what the twin of `setting` says.
std::string WriteOnlyKeyOf(absl::string_view setting);

}  // namespace wandb
