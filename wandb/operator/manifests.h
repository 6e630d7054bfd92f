// The Kubernetes objects that make up the W&B operator: those of its Helm chart
// 1.4.8, field by field, so that an installation by Helm can be taken over
// without a restart. Labels and annotations that Helm itself adds are not here;
// each object has kOwnerAnnotation beside what the chart gives it.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "wandb/operator/settings.h"

namespace wandb {

// The objects in the order in which to apply them: Namespace, CRD,
// ServiceAccount, ConfigMaps, RBAC, Deployment. Destroy in reverse.
// kInvalidArgument starts with the attribute at fault, e.g. "image.tag: ...".
absl::StatusOr<std::vector<base::Json>> OperatorManifests(
    const OperatorSettings& settings);

// The CustomResourceDefinition of WeightsAndBiases v1.
base::Json OperatorCrd();

}  // namespace wandb
