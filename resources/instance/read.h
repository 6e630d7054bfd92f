// Reading a wandb_instance: drift, the layers below it, and whether it exists.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

// The chart's password in the state stays as it is, since core logs what a
// refresh changes below the root: where the cluster has another one,
// `configured_values` has an entry for it.
void ReadInstance(const base::Context& parent, const Session& session,
                  tf::ReadCall<InstanceModel>& call);

}  // namespace resources
