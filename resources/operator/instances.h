// The instances that need an operator.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"
#include "resources/operator/operators.h"
#include "resources/operator/private_data.h"

namespace resources {

// All instances, by their metadata, and all operators.
struct InstancesLook {
  absl::StatusOr<kube::ObjectList> instances;
  absl::StatusOr<std::vector<SeenOperator>> operators;
};
InstancesLook LookForInstances(const base::Context& ctx, kube::Client& client);

// Which instances count, by their metadata; null: all.
using InstanceFilter = std::function<bool(const base::Json& instance)>;

// "namespace/name" of the instances that need the operator with this
// Deployment: those in namespaces that it watches and no other running operator
// does. Where operators may not be listed, every instance counts. None where
// the kind is not served.
absl::StatusOr<std::vector<std::string>> InstancesOf(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment, const InstanceFilter& counts = nullptr);

// That `instances` stand in the way of the end of their operator, and what to
// do, for an error. Core gives a tainted resource no private data.
std::string InstancesInTheWay(const std::vector<std::string>& instances,
                              const OperatorRecord& record);

// An error if the plan replaces the operator of the prior state, which is
// destroyed first, and that would take something from instances: the apply
// would fail in the middle. Asks the cluster for that, as LookContext() allows;
// does nothing unless `call` is such a plan, or with force_destroy in the prior
// state.
void CheckReplacement(const base::Context& ctx, const Session& session,
                      tf::PlanCall<OperatorModel>& call);

// The same, as a warning, for a plan that makes an operator anew that is in the
// state (a tainted one, or -replace), and so is planned as a create. Instances
// may be destroyed before it in the same run.
void WarnOfReplacement(const base::Context& ctx, const Session& session,
                       tf::PlanCall<OperatorModel>& call);

// The same for the plan of a destroy, as a warning, of the instances that are
// surely not destroyed with it: those that our field manager has not applied,
// and those that the plan keeps; and of those that it destroys in no order
// (resources/plan_notes.h).
void WarnOfInstances(const base::Context& ctx, const Session& session,
                     tf::PlanDestroyCall<OperatorModel>& call);

}  // namespace resources
