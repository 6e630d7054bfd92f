// Reading a wandb_instance: drift, the layers below it, and whether it exists.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

void ReadInstance(const base::Context& parent, const Session& session,
                  tf::ReadCall<InstanceModel>& call);

}  // namespace resources
