// The end of the definition of the custom resource with its operator
// (`crd.delete_on_destroy`), with which every instance of the cluster would go.
#pragma once

#include <string>

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operation.h"
#include "resources/operator/model.h"

namespace resources {

// Before a destroy deletes anything: whether DeleteDefinition() could do its
// work now; an error otherwise. Instances are looked for in all namespaces.
bool MayDeleteDefinition(const Operation& op, const std::string& owner);

// Deletes the definition if it names `owner`, is not operator v2's, and no
// instance exists, as it was seen then, and waits for its end. One that is
// somebody else's stays, with a warning. False after an error.
bool DeleteDefinition(const Operation& op, const std::string& owner);

// For the plan of a destroy: warns of instances that MayDeleteDefinition()
// would stop at, but for those that our field manager has applied, which may go
// with the same plan.
void WarnOfDefinitionEnd(const base::Context& look, const Session& session,
                         const OperatorModel& state, tf::Diagnostics& diags);

}  // namespace resources
