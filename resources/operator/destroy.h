// Deleting wandb_operator.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/resource.h"
#include "resources/operator/model.h"
#include "resources/session.h"

namespace resources {

// "namespace/name" of all instances in the cluster.
absl::StatusOr<std::vector<std::string>> InstancesOf(const base::Context& ctx,
                                                     kube::Client& client);

// Deletes what the resource made, last made first, and waits for the end of
// each; the definition stays, and so does what belongs to others. Refused while
// instances exist and the controller manager does, unless force_destroy is set.
void DestroyOperator(const base::Context& parent, const Session& session,
                     tf::DeleteCall<OperatorModel>& call);

}  // namespace resources
