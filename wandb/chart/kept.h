// What Helm leaves in the cluster when it uninstalls the chart operator-wandb.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace wandb {

// Names of the Secrets that the templates of release `release` mark with
// `helm.sh/resource-policy: keep`: license, passwords of the bundled MySQL and
// ClickHouse, and the keys of sessions.
std::vector<std::string> KeptSecrets(absl::string_view release);

// Label selector of the claims that its StatefulSets made: Kubernetes keeps
// those of any StatefulSet.
std::string KeptClaimSelector(absl::string_view release);

}  // namespace wandb
