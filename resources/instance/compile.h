// From the attributes of wandb_instance to the specification that they mean.
// Pure: the plan, the apply and the comparison with the cluster all use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/model.h"
#include "wandb/mask.h"
#include "wandb/scrub.h"
#include "wandb/spec.h"

namespace resources {

// What the configuration writes into the custom resource.
struct Compiled {
  base::Json values;  // May hold unknowns; null: no values.
  base::Json chart;   // Likewise.
  wandb::Mask mask;
  tf::Diagnostics diags;  // Mistakes in the configuration.

  wandb::SpecLayer layer() const { return {chart, values, nullptr}; }
  // Whether the keys are all known, so that leaf maps can be made.
  bool HasShape() const;
  // Hides the secrets of `values` in foreign text.
  wandb::Scrubber scrubber() const;
};

Compiled Compile(const InstanceModel& model);

// The lower layers, as Read recorded them. Secrets are placeholders.
struct RecordedLayers {
  std::optional<wandb::SpecLayer> user_input;
  std::optional<wandb::SpecLayer> channel;

  static RecordedLayers FromPrivate(const base::Json& private_data);
  void ToPrivate(base::Json& private_data) const;
};

// The effective specification of `compiled` over `layers`.
wandb::EffectiveSpec EffectiveOf(const InstanceModel& model,
                                 const wandb::SpecLayer& custom_resource,
                                 const RecordedLayers& layers);

// Namespace of the operator: the first part of `operator`, else the default.
std::string OperatorNamespace(const InstanceModel& model);

// Leaf maps (path -> text) as map values; unknown when `values` has no shape.
cty::Value LeafMap(const base::Json& values, const wandb::Mask& mask);

// Sets effective_values, effective_origin, effective_chart, release_metadata
// and url.
void SetEffective(const wandb::EffectiveSpec& spec, const wandb::Mask& mask,
                  InstanceModel& model);
void SetEffectiveUnknown(const Compiled& compiled, InstanceModel& model);
void SetEffectiveNull(InstanceModel& model);

}  // namespace resources
