// What the operator uses, as attributes, without secrets.
#pragma once

#include <string>

#include "base/json.h"
#include "provider/cty/value.h"
#include "provider/tf/binding.h"
#include "resources/spec/chart.h"
#include "resources/spec/compile.h"
#include "wandb/chart/mask.h"
#include "wandb/spec/spec.h"

namespace resources {

// Leaf maps (path -> text) as map values; unknown when `values` has no shape.
cty::Value LeafMap(const base::Json& values, const wandb::Mask& mask);
// Those of configured_values; unknown, too, while the mask is.
cty::Value ConfiguredLeaves(const Compiled& compiled);

// `chart` for effective_chart; null for none that the operator knows.
tf::Attr<EffectiveChartModel> ShownChart(const base::Json& chart);
// The URL that users reach, from `values`; null if they name no host.
tf::Attr<std::string> UrlOf(const base::Json& values, const wandb::Mask& mask);
// The version of W&B Server: the tag of `app`'s image; null if none is named.
tf::Attr<std::string> VersionOf(const base::Json& values,
                                const wandb::Mask& mask);

struct EffectiveAttributes {
  cty::Value effective_values, effective_origin, release_metadata;
  tf::Attr<EffectiveChartModel> effective_chart;
  tf::Attr<std::string> url, version;

  static EffectiveAttributes Of(const wandb::EffectiveSpec& spec,
                                const wandb::Mask& mask);

  // Into the members of the same names.
  template <typename Model>
  void AssignTo(Model& model) const {
    model.effective_values = effective_values;
    model.effective_origin = effective_origin;
    model.release_metadata = release_metadata;
    model.effective_chart = effective_chart;
    model.url = url;
    model.version = version;
  }
};

}  // namespace resources
