// What is wrong with what write-only settings say: what would be said of it in
// their places, without the text itself.
#pragma once

#include <vector>

#include "provider/tf/diagnostics.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "wandb/problem.h"

namespace resources {

// The errors that the settings would have with the twins' texts in them, and
// have not without: half a pair of keys, or one that the provider of a bucket
// does not read. What is unknown is no mistake.
void CheckTwinTexts(const InstanceModel& config, tf::Diagnostics& diags);

// The findings, over `layers`, about the texts themselves: those that the chart
// puts raw into URLs, and white space around them.
std::vector<wandb::Problem> TwinFindings(const InstanceModel& config,
                                         const RecordedLayers& layers);

}  // namespace resources
