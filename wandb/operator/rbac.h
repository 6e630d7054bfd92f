// The objects that give the operator its rights.
#pragma once

#include <vector>

#include "base/json.h"
#include "wandb/operator/settings.h"

namespace wandb {

// ClusterRole and ClusterRoleBinding, or a Role and RoleBinding for each
// namespace when isolated; then those of the leader election.
std::vector<base::Json> OperatorRbac(const OperatorSettings& settings);

}  // namespace wandb
