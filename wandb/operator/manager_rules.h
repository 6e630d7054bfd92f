// The rights that W&B's chart gives the operator, as rules of a role.
#pragma once

#include "base/json.h"

namespace wandb {

// What the manager may do: the chart's `role.rules`, for each of its namespaces
// when isolated; otherwise for all, with what the chart puts behind them. Each
// rule has one API group. The manager can't give the charts that it installs
// more than it has itself.
base::Json ManagerRules(bool isolated);

// What its election of a leader needs, in its own namespace.
base::Json LeaderElectionRules();

}  // namespace wandb
