// Whether the operator's controller manager runs.
#pragma once

#include "base/json.h"
#include "provider/tf/resource.h"
#include "resources/operation.h"
#include "resources/operator/model.h"

namespace resources {

// Waits for the rollout of `deployment`, which is as its write answered, as the
// plan asks for, and sets `ready` of the saved state. Without success it adds
// what `wait_failure` says: an error or a warning with what the pods report.
void AwaitOperator(const Operation& op, const base::Json& deployment,
                   tf::ApplyCall<OperatorModel>& call);

}  // namespace resources
