// Inside FindMistakes(): one value against its row of the catalogue.
#pragma once

#include <string>

#include "base/json.h"
#include "wandb/chart/catalogue.h"
#include "wandb/findings/check.h"
#include "wandb/leaf_map.h"

namespace wandb {

// Says what of `value`, at `path` of the values and as `entry` describes it,
// the chart or the API server does not take. Returns whether the keys below it
// are worth a look: not where all was said of them.
bool CheckValue(const CatalogueEntry& entry, const Path& path,
                const base::Json& value, Checker& checker);

// Says that the switch at `path` is text.
void AddQuotedBoolean(const std::string& path, Checker& checker);

}  // namespace wandb
