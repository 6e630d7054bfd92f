// The plan of a wandb_instance. Values are a pure function of configuration,
// prior state and private data; of an update that is known in full the cluster
// is asked whether it would take it, for warnings only.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/instance/model.h"
#include "resources/session.h"

namespace resources {

void PlanInstance(const base::Context& ctx, const Session& session,
                  tf::PlanCall<InstanceModel>& call);

}  // namespace resources
