// A chart of the configuration that what other managers have in spec.chart
// makes another one: chart.path goes before a repository, and stays beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"

namespace resources {

struct OverriddenChart {
  std::string configured, runs;  // wandb::DescribeChart().
  // What the others have, and the configuration does not: keys of spec.chart.
  std::vector<std::string> fields;
};

// Whether the operator takes another chart than `own`, the configured one, once
// that stands beside what `layers` has of others. What these add to it, such as
// a version where it has none, overrides nothing; and a chart that the operator
// does not take as it stands is another matter.
std::optional<OverriddenChart> FindOverriddenChart(
    const base::Json& own, const RecordedLayers& layers);

// Says it, once in a walk. `live` names the managers; null where it is not at
// hand.
void WarnOfOverriddenChart(const OverriddenChart& chart, const base::Json& live,
                           const InstanceModel& model, const Session& session,
                           tf::Diagnostics& diags);

}  // namespace resources
