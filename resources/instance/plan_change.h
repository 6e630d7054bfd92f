// What a change of the configuration means beside the prior state. Pure.
#pragma once

#include <vector>

#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "wandb/findings/evaluate.h"
#include "wandb/problem.h"

namespace resources {

// Whether `finding` is about `clash`.
bool IsSameClash(const wandb::Problem& clash, const wandb::Problem& finding);

// Takes out of the findings the clashes that the prior state has, too, and that
// the change does not touch: they may be somebody else's mistake, and must not
// stop the plan of everything else. They fail the apply.
std::vector<wandb::Problem> TakeStandingClashes(const Desired& before,
                                                const Desired& wanted,
                                                const RecordedLayers& layers,
                                                wandb::Evaluation& evaluation);

// Whether the change shows what the layers are recorded without: of what was
// hidden they have placeholders only.
bool ShowsPlaceholders(const Desired& before, const Desired& wanted,
                       const RecordedLayers& layers);

// Whether the change leaves to others what the prior state wrote: which value
// that has by now is recorded from then on.
bool LeavesMore(const Desired& before, const Desired& wanted);

// Whether the dry run of an update knows what it needs, and is about the object
// of the prior state.
bool CanTry(const InstanceModel& prior, const Desired& wanted);

// By a change of name or namespace.
bool IsReplacement(const InstanceModel& planned, const InstanceModel& prior);

// Whether only what this provider does differs, and not what it writes: how an
// apply waits, which findings stop it, and which attribute says a value.
bool WantsTheSame(const InstanceModel& planned, const Desired& wanted,
                  const Desired& before);

}  // namespace resources
