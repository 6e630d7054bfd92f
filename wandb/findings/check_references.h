// Inside FindMistakes(): references to Secrets and ConfigMaps.
#pragma once

#include "base/json.h"
#include "wandb/findings/check.h"
#include "wandb/leaf_map.h"

namespace wandb {

// How one is written.
inline constexpr char kReference[] =
    "{valueFrom = {secretKeyRef = {name, key}}}";

// Whether nothing can be said of `value`: it is not known, or a template that
// the chart fills in.
bool SaysNothingYet(const base::Json& value);

// The map `value` at `path`, which the chart hands on as it is to the `env` of
// a container, and of which the API server takes no form but {valueFrom: ...}.
void CheckValueFrom(const Path& path, const base::Json& value,
                    Checker& checker);

// Where a Secret is named, and the name of a key in it is taken away: the chart
// has defaults for those.
void CheckSecretKeys(Checker& checker);

}  // namespace wandb
