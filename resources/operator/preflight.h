// What the plan of an operator asks the cluster, for diagnostics only: what
// would make the apply fail, or harm instances. As for an instance
// (resources/instance/preflight.h) all is asked side by side, once, and what is
// not answered is no finding.
#pragma once

#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// Warns, for a create and for an update that changes something, of objects
// that belong to others (of an update the refresh does), a missing namespace,
// what the cluster refuses (dry runs tell), admission webhooks that cannot be
// called, fields that another manager applies, an upgrade of the definition,
// other operators that run the same instances, and instances that airgapped
// leaves without a chart. `manifests` are those of the planned configuration,
// `look` is a LookContext(). Nothing is asked while `call` has errors.
void PreflightOperator(const base::Context& look, const Session& session,
                       const std::vector<base::Json>& manifests,
                       tf::PlanCall<OperatorModel>& call);

// The same where arguments are unknown, so that no object can be asked for:
// warns of a cluster that cannot be accessed.
void WarnIfNoAccess(const base::Context& look, const Session& session,
                    tf::Diagnostics& diags);

}  // namespace resources
