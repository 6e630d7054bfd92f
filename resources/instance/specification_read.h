// What a refresh of a wandb_instance sees of the specification that the
// operator runs.
#pragma once

#include "base/json.h"
#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/operation.h"

namespace resources {

// Sets the effective attributes and `ready` of `state`, which has observed
// `live`, from the layers that the cluster has; these go to `recorded`. `wrote`
// is our part of `live`. Warns of what keeps the operator from applying it, and
// of a namespace that is being deleted, which is asked for only where the
// instance would be ready, or is waited for. Only a failure to look is an
// error, and what may not be looked at is none. Whether the layers were seen.
bool ReadSpecification(const Operation& op, const Desired& wrote,
                       const base::Json& live, RecordedLayers& recorded,
                       InstanceModel& state);

}  // namespace resources
