// Create and update of a wandb_instance.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"
#include "resources/instance/patience.h"

namespace resources {

// Writes what is planned, and waits for it if that is wished. Once an object
// may exist `saved` is set, whatever fails after it; a create that leaves
// nothing but a namespace that it made takes that back. A plan that writes
// nothing (plan.h, WritesNothing()) is saved as it is. True: a create took over
// an object that was there.
bool ApplyInstance(const base::Context& parent, const Session& session,
                   const Patience& patience,
                   tf::ApplyCall<InstanceModel>& call);

}  // namespace resources
