// wandb_operator on a cluster of operator v2: what an earlier version installed
// is read and can be destroyed, and nothing is installed.
#pragma once

#include <memory>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/generation_guard.h"
#include "resources/operator/model.h"

namespace resources {

// What the guard says of this operator, or of its create.
Guarded GuardedOperator(const OperatorModel& model, bool is_create = false);

// Whether the cluster is operator v2's, and with that the plan made: the prior
// state where the configuration changes nothing (what changed outside is not
// put right there), else an error.
bool PlannedOnOperatorV2(const base::Context& ctx, const Session& session,
                         tf::PlanCall<OperatorModel>& call);

// `live` as a Deployment that nobody stopped: a migration to operator v2 scales
// the controller of v1 to 0, which is no drift. Other objects stay as they are.
base::Json WithoutStop(base::Json live, const base::Json& manifest);

}  // namespace resources
