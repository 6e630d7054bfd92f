// Secrets that a configuration has in clear text, and need not.
#pragma once

#include <vector>

#include "resources/instance/desired.h"
#include "wandb/problem.h"

namespace resources {

// What `values` and `values_yaml` of `desired` say at paths of settings with
// write-only twins: one finding for all of them, or none. Whoever sets the
// typed setting, or `sensitive_values`, knows that it is a secret.
std::vector<wandb::Problem> ClearTextSecrets(const Desired& desired);

}  // namespace resources
