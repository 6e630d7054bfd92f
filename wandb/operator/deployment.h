// What an installed operator's Deployment says of how the operator works:
// whoever installed it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/operator/settings.h"

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
  // Whether it takes kManagedSpecConfigMap (spec.h); nullopt: cannot be told.
  std::optional<bool> managed_spec;
  // Whether its managers take turns, by kLeaderLease.
  bool elects_leader = false;
  // The namespaces whose instances it runs; empty: all. Nullopt: cannot be
  // told.
  std::optional<std::vector<std::string>> namespaces;

  bool Watches(absl::string_view ns) const;
};

// As the manager reads its settings: each is an environment variable or a flag
// of the same name, the flag wins, and a value that is none is passed over.
OperatorTraits ReadOperatorDeployment(const base::Json& deployment);

// The image reference of the manager, or "".
std::string ManagerImage(const base::Json& deployment);

// Puts into `settings` what the Deployment says of itself: image, pull Secrets,
// the pod, the namespaces, release channel and whether it is air-gapped. All
// further variables become `extra_env`, and the registry a part of the image's
// repository. An account of another name than the default counts as not made
// here. Certificates and charts are in ConfigMaps.
void ReadOperatorSettings(const base::Json& deployment,
                          OperatorSettings& settings);

// The ConfigMaps from which the manager has certificates, in order.
std::vector<std::string> CaConfigMaps(const base::Json& deployment);

// What custom_ca_certs made `config_map`, each with one newline at the end, as
// a file has it; empty for a ConfigMap of other keys.
std::vector<std::string> CustomCaCertsOf(const base::Json& config_map);

}  // namespace wandb
