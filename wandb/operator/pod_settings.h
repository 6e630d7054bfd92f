// What Kubernetes refuses of the settings that become parts of the pod
// template, and of maps of metadata (k8s.io/kubernetes,
// pkg/apis/core/validation).
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "wandb/operator/settings.h"

namespace wandb {

// kInvalidArgument, "attribute: why". An element is "attribute[0]" or
// "attribute[\"key\"]".
absl::Status Bad(absl::string_view attribute, absl::string_view why);

absl::Status CheckLabels(absl::string_view attribute, const StringMap& labels);
absl::Status CheckAnnotations(absl::string_view attribute,
                              const StringMap& annotations);

// Variables, resources, where the pod runs, its annotations and its security
// contexts.
absl::Status CheckPodSettings(const OperatorSettings& settings);

// The variables that the Deployment sets by itself with these settings.
bool IsReservedVariable(const OperatorSettings& settings,
                        const std::string& name);

}  // namespace wandb
