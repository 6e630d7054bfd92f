// What an installed operator's Deployment says of how the operator works:
// whoever installed it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace wandb {

// Selects the Deployments of operators in any namespace, and those of other
// controllers made with the same tools: IsOperatorDeployment() tells.
inline constexpr char kOperatorSelector[] = "control-plane=controller-manager";

// Whether `deployment` runs the W&B operator (of generation 1).
bool IsOperatorDeployment(const base::Json& deployment);

struct OperatorTraits {
  int64_t replicas = 1;
  // Whether it never asks the release channel; nullopt: cannot be told.
  std::optional<bool> airgapped;
  // The namespaces whose instances it runs; empty: all. Nullopt: cannot be
  // told.
  std::optional<std::vector<std::string>> namespaces;

  bool Watches(absl::string_view ns) const;
};

// As the manager reads its settings: each is an environment variable or a flag
// of the same name, the flag wins, and a value that is none is passed over.
OperatorTraits ReadOperatorDeployment(const base::Json& deployment);

}  // namespace wandb
