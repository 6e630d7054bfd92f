// Creating and updating wandb_operator.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// Writes every planned object, deletes what the plan no longer has, and waits
// for the rollout. What was written is in the saved state with any error.
// True: a create took over objects that were there.
bool ApplyOperator(const base::Context& parent, const Session& session,
                   tf::ApplyCall<OperatorModel>& call);

}  // namespace resources
