// What other managers have in the custom resource of a wandb_instance.
#pragma once

#include <vector>

#include "base/json.h"
#include "kube/migrate_managers.h"
#include "resources/instance/evaluation.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/spec.h"

namespace resources {

// `body` with what `live` has at `left`, the paths of its values that are left
// to others.
base::Json WithLeft(const base::Json& live, base::Json body,
                    const std::vector<wandb::Path>& left);

// The same of what the last apply of `manager` holds: it would take that away
// by not repeating it.
base::Json KeepingLeft(const base::Json& live, base::Json body,
                       const std::string& manager,
                       const std::vector<wandb::Path>& left);

// What `live` has beyond `body`, our last write, and the next update takes away
// all the same, since nobody but our manager and `sources` holds it: written by
// an update that was cut off, or by another state with the same field manager.
// A part of the whole object, without kubectl's copy of it; null when there is
// none.
base::Json LeftOver(const base::Json& live, const base::Json& body,
                    const std::string& manager,
                    const std::vector<kube::Takeover::Source>& sources);

// The chart and values that will stay in `live` beside whatever we apply, in a
// form that may be stored: what `wrote`, our last write and what is left over,
// does not have, and what of it belongs to another manager, too, so that it
// survives our giving it up, or to nobody, since managedFields was cleared.
// What the next update takes over from `sources` is none of that.
wandb::SpecLayer OthersOf(const base::Json& live, const Compiled& wrote,
                          const std::string& manager,
                          const std::vector<kube::Takeover::Source>& sources);

// Whether the values of `live` may be listed by paths: others may have written
// more than is let into a configuration. kResourceExhausted is for users.
absl::Status CheckLive(const base::Json& live);

}  // namespace resources
