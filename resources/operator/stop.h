// An operator that somebody has stopped, with 0 replicas.
#pragma once

#include <vector>

#include "resources/operation.h"
#include "resources/operator/model.h"
#include "resources/operator/ownership.h"

namespace resources {

// Warns that the Deployment among `all`, which exists, has 0 replicas: what
// runs the instances meanwhile, and whether the next apply starts it again. It
// does not where the Deployment is not ours, nor where other managers apply
// fields that it would change, unless force_conflicts takes them over; who
// holds them is then said. Where another manager applies anything there, that
// is tried by a dry run.
void WarnOfStop(const Operation& op, const std::vector<Sighting>& all,
                const Claimant& who, const OperatorModel& state);

}  // namespace resources
