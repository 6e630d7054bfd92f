// The custom resource has more than one author: what others set in it stays
// there beside what we apply, since server-side apply removes only what its own
// manager wrote before.
#pragma once

#include <vector>

#include "base/json.h"
#include "wandb/leaf_map.h"

namespace wandb {

// The part of `live` at whose paths `wrote`, what we wrote, has nothing; null
// when there is none. A list is one whole, and belongs to whoever wrote it. A
// null of ours is a value, except where others have a map with keys: that stays
// a map.
base::Json OthersPart(const base::Json& live, const base::Json& wrote);

// `strong` over `weak`: maps merge, everything else, null included, is
// replaced. A map over a kShape leaves the kShape. A JSON null at the root
// stands for nothing at all.
base::Json Overlaid(const base::Json& strong, base::Json weak);

// What the server has once `own` is applied beside `others`: the same, but a
// null leaves a map with keys as it is.
base::Json AppliedBeside(const base::Json& own, base::Json others);

struct Divided {
  base::Json own;
  base::Json left;
};

// `left` is what `values` have at `paths`, of keys alone, or below; `own` is
// the rest, without the maps that lose all they have by that. Null: nothing.
Divided LeaveToOthers(base::Json values, const std::vector<Path>& paths);

}  // namespace wandb
