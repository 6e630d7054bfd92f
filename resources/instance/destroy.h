// The destroy of a wandb_instance.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

// Deletes the custom resource, waits until the operator has uninstalled W&B
// (finalizer.h), and deletes the namespace that the instance made, unless
// something is left in it. An error keeps the state, and the next destroy goes
// on. An object that is gone already, or that another has taken the name of, is
// none.
void DestroyInstance(const base::Context& parent, const Session& session,
                     tf::DeleteCall<InstanceModel>& call);

}  // namespace resources
