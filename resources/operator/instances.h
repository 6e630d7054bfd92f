// The instances that need an operator.
#pragma once

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

// Those of all namespaces, by their metadata.
absl::StatusOr<kube::ObjectList> ListInstances(const base::Context& ctx,
                                               kube::Client& client);

// All instances, by their metadata, and all operators.
struct InstancesLook {
  absl::StatusOr<kube::ObjectList> instances;
  absl::StatusOr<std::vector<SeenOperator>> operators;
};
InstancesLook LookForInstances(const base::Context& ctx, kube::Client& client);

// An instance in a namespace that an operator watches.
struct WatchedInstance {
  std::string id;   // "namespace/name".
  base::Json live;  // Its metadata.
  // The Deployments of the other operators that run it now.
  std::vector<kube::ObjectRef> run_by;
};

// Those of the operator with this Deployment. Where operators may not be
// listed, it is taken for the only one, of every instance. None where the kind
// is not served.
absl::StatusOr<std::vector<WatchedInstance>> WatchedBy(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment);

// The ids of those that nobody else runs.
std::vector<std::string> Needing(const std::vector<WatchedInstance>& instances);

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
// (resources/connection/plan_notes.h). Of two operators that go together the
// last one that is planned warns of the instances that only they run.
void WarnOfInstances(const base::Context& ctx, const Session& session,
                     tf::PlanDestroyCall<OperatorModel>& call);

}  // namespace resources
