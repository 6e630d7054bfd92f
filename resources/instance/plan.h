// The plan of a wandb_instance: a pure function of configuration, prior state
// and private data.
#pragma once

#include "provider/tf/resource.h"
#include "resources/instance/model.h"
#include "resources/session.h"

namespace resources {

void PlanInstance(const Session& session, tf::PlanCall<InstanceModel>& call);

}  // namespace resources
