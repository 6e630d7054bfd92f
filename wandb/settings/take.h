// Chart values as the typed settings that mean them.
#pragma once

#include <functional>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/table.h"

namespace wandb {

// The inverse of CompileSettings(): takes out of `values` what settings say for
// `chart_version`, and gives those settings. Compiling them gives exactly what
// was taken: a value that a setting cannot hold stays, and so does a group
// whose required members or fixed values are not there. `may_take` is asked for
// each value.
base::Json TakeSettings(
    base::Json& values, absl::string_view chart_version,
    const std::function<bool(const SettingRow& row, const Path& path,
                             const base::Json& value)>& may_take);

}  // namespace wandb
