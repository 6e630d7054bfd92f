// Inside FindMistakes(): what the chart prints as text, variables of the
// environment before all.
#pragma once

#include <string>

#include "base/json.h"
#include "wandb/chart/catalogue.h"
#include "wandb/findings/check.h"
#include "wandb/leaf_map.h"

namespace wandb {

// The map of names and values at `path`, of which containers get an
// environment, as `entry` describes it.
void CheckVariables(const CatalogueEntry& entry, Path path,
                    const base::Json& variables, Checker& checker);

// Says that the number at `path` becomes text with an exponent, if it does.
void CheckNotation(const std::string& path, const base::Json& value,
                   Checker& checker);

}  // namespace wandb
