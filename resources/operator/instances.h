// The instances that need an operator.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "provider/tf/resource.h"
#include "resources/operator/model.h"
#include "resources/session.h"

namespace resources {

// "namespace/name" of the instances that need the operator with this
// Deployment: those in namespaces that it watches and no other running operator
// does. Where operators may not be listed, every instance counts. None where
// the kind is not served.
absl::StatusOr<std::vector<std::string>> InstancesOf(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment);

// That `instances` stand in the way of the end of their operator, and what to
// do, for an error.
std::string InstancesInTheWay(const std::vector<std::string>& instances);

// An error if the plan replaces the operator of the prior state, which is
// destroyed first, while it runs and instances exist: the apply would fail in
// the middle. Asks the cluster for that, as LookContext() allows; does nothing
// unless `call` is such a plan, or with force_destroy in the prior state.
void CheckReplacement(const base::Context& ctx, const Session& session,
                      tf::PlanCall<OperatorModel>& call);

}  // namespace resources
