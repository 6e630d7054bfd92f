// The rights of the operator, and the objects that give them.
#pragma once

#include <vector>

#include "base/json.h"
#include "wandb/operator/settings.h"

namespace wandb {

// The chart's `role.rules`: what the manager may do, in all namespaces or (when
// isolated) in each of its own. It can't give the charts that it installs more
// than it has itself.
base::Json ManagerRules();

// ClusterRole and ClusterRoleBinding, or a Role and RoleBinding for each
// namespace when isolated; then those of the leader election.
std::vector<base::Json> OperatorRbac(const OperatorSettings& settings);

}  // namespace wandb
