// What is said of objects that have the names of an operator's, and are not its
// own.
#pragma once

#include <vector>

#include "resources/operation.h"
#include "resources/operator/ownership.h"

namespace resources {

// One error for `others`, which exist; `all` are all sightings. It names who
// owns them as far as anything tells (WhoMade(), or who applies them), and the
// ways out: the import of an operator that is there, which it may look for; of
// an operator that is in a state, to leave them to their owner. To delete them
// is the last way, and none where their owner is known.
void ReportOthers(const Operation& op,
                  const std::vector<const Sighting*>& others,
                  const std::vector<Sighting>& all, const Claimant& who);

}  // namespace resources
