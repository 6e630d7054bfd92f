// Findings about the specification as diagnostics of a plan.
#pragma once

#include "absl/strings/string_view.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "wandb/findings/evaluate.h"

namespace resources {

// `checks` and `check_levels`: errors for levels and ids that don't exist.
void ValidateCheckLevels(const InstanceModel& config, tf::Diagnostics& diags);

// Whether `state` wants to be warned of news of that id (wandb::Reach::kNews).
bool WarnsOf(absl::string_view id, const InstanceModel& state);

// The findings of `evaluation`, and what is wrong with the paths that the
// configuration names, with the levels that it asks for: at most one error and
// one warning, with a line for each (severity, path, what to do, id, and which
// attribute wrote it, where several write values), about the resource as a
// whole, since the source of an attribute may show secrets. Leaves out what
// Compile() has reported as an error already.
void ReportFindings(const Desired& desired, const RecordedLayers& layers,
                    const wandb::Evaluation& evaluation,
                    tf::Diagnostics& diags);

}  // namespace resources
