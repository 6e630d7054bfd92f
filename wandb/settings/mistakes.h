// What a row and the catalogue forbid of a setting, whatever else is set.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "wandb/settings/table.h"
#include "wandb/shapes.h"

namespace wandb {

using SettingMistake = ShapeMistake;

// The first one of `value`, the setting of `row`. None in what is unknown.
std::optional<SettingMistake> MistakeIn(const SettingRow& row,
                                        const base::Json& value);

// Whether the group `object` has to have its member of `row`.
bool IsRequired(const SettingRow& row, const base::Json& object);

}  // namespace wandb
