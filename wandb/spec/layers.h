// The layers of a specification, and what the operator merges them into.
#pragma once

#include <string>

#include "wandb/operator/settings.h"
#include "wandb/spec/configured_values.h"
#include "wandb/spec/spec.h"

namespace wandb {

// The layers live as long as the request.
struct SpecRequest {
  // What the custom resource says, whoever wrote it. Required.
  const SpecLayer* custom_resource;
  // Our part of it, which is what is judged; null: all of it. Where the custom
  // resource says more than that, the origin is kOtherManager.
  const SpecLayer* own = nullptr;
  // Which attributes wrote the values of `own`; null: not known.
  const LeafSources* sources = nullptr;
  const SpecLayer* user_input = nullptr;  // Null: none, or not known.
  const SpecLayer* channel = nullptr;     // Likewise.
  // Air-gapped or not, the channel counts for nothing beside it.
  const SpecLayer* managed_spec = nullptr;
  bool airgapped = false;  // Then the channel counts for nothing.
  // Name of the custom resource, which that of the Helm release is; "": not
  // known.
  std::string instance;
  // The operator tells the chart where it runs.
  std::string operator_namespace = std::string(kOperatorNamespace);
};

// What the operator uses. A chart that ParseChart() does not recognise is
// passed over; one with an unknown field is taken as it is.
EffectiveSpec MergeLayers(const SpecRequest& request);

}  // namespace wandb
