// What a typed setting is in the chart's values, and back.
#pragma once

#include <optional>

#include "base/json.h"
#include "wandb/settings/table.h"

namespace wandb {

// What stands in the chart's values for `setting`, the value of `row`: objects
// with the keys of Kubernetes, switches as text, names as objects. What is
// unknown stays unknown.
base::Json ChartValueOf(const SettingRow& row, const base::Json& setting);

// The inverse: what the setting `row` must be to become `value`; nullopt for
// what it cannot become.
std::optional<base::Json> SettingFor(const SettingRow& row,
                                     const base::Json& value);

}  // namespace wandb
