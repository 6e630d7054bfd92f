// What other managers have in the custom resource of a wandb_instance.
#pragma once

#include <vector>

#include "base/json.h"
#include "kube/migrate_managers.h"
#include "resources/instance/compile.h"
#include "wandb/spec.h"

namespace resources {

// The chart and values that will stay in `live` beside whatever we apply, in a
// form that may be stored: what `wrote`, our last write, does not have, and
// what of it belongs to another manager, too, so that it survives our giving it
// up. What the next update takes over from `sources` is none of that.
wandb::SpecLayer OthersOf(const base::Json& live, const Compiled& wrote,
                          const std::string& manager,
                          const std::vector<kube::Takeover::Source>& sources);

}  // namespace resources
