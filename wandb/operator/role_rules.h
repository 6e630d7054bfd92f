// What role_rules makes of the manager's rights: less than the chart gives, or
// more. The chart has a list that takes the place of its own, and whoever
// writes that must know each right by heart; what differs says as much.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/json.h"
#include "wandb/operator/settings.h"

namespace wandb {

// The rules of the manager's ClusterRole, or of each of its Roles.
base::Json RulesOfManager(const OperatorSettings& settings);

// kInvalidArgument, "role_rules.add[0]: why": of a rule that the API server
// refuses, and of one to drop that the chart does not have.
absl::Status CheckRoleRules(const OperatorSettings& settings);

// The rights that the operator uses at every step of its work and that these
// settings take from it: "update of weightsandbiases (apps.wandb.com)". Its
// election of a leader has a role of its own.
std::vector<std::string> NeededRightsDropped(const OperatorSettings& settings);

// Puts into `settings`, of which the isolation is known, what the manager's
// role has beside the chart's rules, and without: with these it has the same
// rights.
void ReadRoleRules(const base::Json& role, OperatorSettings& settings);

}  // namespace wandb
