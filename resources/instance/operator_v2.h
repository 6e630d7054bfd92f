// wandb_instance on a cluster of operator v2: it is read and kept, and nothing
// else.
#pragma once

#include <memory>

#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/generation_guard.h"
#include "resources/instance/model.h"

namespace resources {

// What the guard says of this instance, or of its create.
Guarded GuardedInstance(const InstanceModel& model, bool is_create = false);

// Whether the cluster is operator v2's, and with that the plan made: the prior
// state where nothing changes, else an error.
bool PlannedOnOperatorV2(const base::Context& ctx, const Session& session,
                         tf::PlanCall<InstanceModel>& call);

// The plan of a destroy: an error there.
void PlanDestroyOnOperatorV2(const base::Context& ctx, const Session& session,
                             tf::PlanDestroyCall<InstanceModel>& call);

// Whether the cluster is operator v2's, and with that the refresh done: the
// state stays, `ready` is false and what the operator makes of the values is
// null, with one warning. `live`: the object as v1 shows it, or null where v1
// is no longer served.
bool ReadOnOperatorV2(const base::Context& ctx, const Session& session,
                      const std::shared_ptr<kube::Client>& client,
                      const base::Json* live,
                      tf::ReadCall<InstanceModel>& call);

}  // namespace resources
