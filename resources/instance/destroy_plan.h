// What the plan of a destroy asks the cluster, for warnings only.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

// Warns of what others have set in the custom resource, which goes with it, and
// of what is going to hold it: finalizers, the operator's own where no operator
// runs to take it away. What is not answered, or may not be asked, is no
// finding. `look` is a LookContext().
void WarnOfDestroy(const base::Context& look, const Session& session,
                   tf::PlanDestroyCall<InstanceModel>& call);

}  // namespace resources
