// The WeightsAndBiases custom resource: its names, and its making.
#pragma once

#include <map>
#include <string>

#include "base/json.h"

namespace wandb {

inline constexpr char kGroup[] = "apps.wandb.com";
inline constexpr char kVersion[] = "v1";
inline constexpr char kApiVersion[] = "apps.wandb.com/v1";
inline constexpr char kPlural[] = "weightsandbiases";
inline constexpr char kKind[] = "WeightsAndBiases";
inline constexpr char kListKind[] = "WeightsAndBiasesList";
inline constexpr char kShortName[] = "wandb";
inline constexpr char kFinalizer[] = "finalizer.app.wandb.com";
inline constexpr char kCrdName[] = "weightsandbiases.apps.wandb.com";

// Phases that the operator writes. kPhaseCompleted alone proves nothing: it
// stays from the generation before while a merge fails.
inline constexpr char kPhaseLoading[] = "Loading";
inline constexpr char kPhaseInvalidConfig[] = "Invalid Config";
inline constexpr char kPhaseCompleted[] = "Completed";

struct CustomResource {
  std::string name;
  std::string ns;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  base::Json chart;   // Null: left out, another layer's chart is used.
  base::Json values;  // Null: left out. {} is written.
};

// The labels that every instance gets: app.kubernetes.io/name and
// app.kubernetes.io/instance.
std::map<std::string, std::string> StandardLabels(const std::string& name);

// A body for server-side apply, without status. `labels` win over the standard
// ones.
base::Json MakeCustomResource(const CustomResource& resource);

}  // namespace wandb
