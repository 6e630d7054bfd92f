// The plan of a wandb_instance. Values are a pure function of configuration,
// prior state and private data; the cluster is asked for diagnostics only: of
// an update that is known in full whether it would be taken, else see
// preflight.h.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/instance/model.h"
#include "resources/instance/preflight.h"
#include "resources/session.h"

namespace resources {

void PlanInstance(const base::Context& ctx, const Session& session,
                  const InstancesInState& in_state,
                  tf::PlanCall<InstanceModel>& call);

}  // namespace resources
