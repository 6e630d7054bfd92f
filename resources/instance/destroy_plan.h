// What the plan of a destroy or of a replacement asks the cluster, for warnings
// only: what goes with the custom resource, and what is going to hold it.
#pragma once

#include "base/context.h"
#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "resources/instance/desired.h"
#include "resources/operation.h"

namespace resources {

enum class Removal { kDestroy, kReplacement };

// Warns of what others have set in the custom resource `live`, or in the System
// Console, which goes with it, and of what is going to hold it: finalizers, the
// operator's own where no operator runs to take it away, or where it can't. So
// much as can be told of `state`, which need not be known in full beside name
// and namespace. What is not answered, or may not be asked, is no finding.
// `op` has a LookContext().
void WarnOfRemoval(const Operation& op, const Desired& state,
                   const base::Json& live, Removal removal);

// Likewise of the object of `state`, if there is one; asks for it.
void WarnOfRemoval(const base::Context& look, const Session& session,
                   const Desired& state, Removal removal,
                   tf::Diagnostics& diags);

}  // namespace resources
