// What the plan of a destroy or of a replacement asks the cluster, for warnings
// only: what goes with the custom resource, and what is going to hold it.
#pragma once

#include <string>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

enum class Removal { kDestroy, kReplacement };

// Warns of what others have set in the custom resource `live`, or in the System
// Console, which goes with it, and of what is going to hold it: finalizers, the
// operator's own where no operator runs to take it away, or where it can't. So
// much as can be told of `state`, which need not be known in full beside name
// and namespace. What is not answered, or may not be asked, is no finding.
// `look` is a LookContext(), and `manager` the provider's field manager.
void WarnOfRemoval(const base::Context& look, kube::Client& client,
                   const std::string& manager, const InstanceModel& state,
                   const base::Json& live, Removal removal,
                   tf::Diagnostics& diags);

// Likewise of the object of `state`, if there is one.
void WarnOfRemoval(const base::Context& look, const Session& session,
                   const InstanceModel& state, Removal removal,
                   tf::Diagnostics& diags);

}  // namespace resources
