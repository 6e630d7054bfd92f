// The plan of wandb_operator: what its objects will be.
#pragma once

#include "absl/status/status.h"
#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/ids_in_state.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// Plans the objects and what is known of them. The cluster is asked, for
// diagnostics only, whose it is, unless that is recorded (generation_guard.h),
// whether a replacement can work (CheckReplacement()), and what stands in the
// way of a create or an update (PreflightOperator()). `in_state` are the
// operators that this process has seen in the state, `with_force` those of them
// with force_destroy.
void PlanOperator(const base::Context& ctx, const Session& session,
                  const IdsInState& in_state, const IdsInState& with_force,
                  tf::PlanCall<OperatorModel>& call);

// Warns of instances that stand in the way of a destroy.
void PlanOperatorDestroy(const base::Context& ctx, const Session& session,
                         tf::PlanDestroyCall<OperatorModel>& call);

}  // namespace resources
