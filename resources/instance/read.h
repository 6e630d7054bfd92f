// Reading a wandb_instance: drift, the layers below it, and whether it exists.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

// Fills the state of an import, as FillImported() does. Not left to the refresh
// that follows: core logs what a refresh adds, secrets below the root, too.
// What is not there, that refresh says.
void ImportInstance(const base::Context& parent, const Session& session,
                    tf::ImportCall<InstanceModel>& call);

// The chart's password in the state stays as it is, for the same reason: where
// the cluster has another one, `configured_values` has an entry for it.
void ReadInstance(const base::Context& parent, const Session& session,
                  tf::ReadCall<InstanceModel>& call);

}  // namespace resources
