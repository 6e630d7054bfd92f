// Whether the operator has applied what we wrote.
//
// `status.phase` can't tell, since it stays "Completed" while a later
// generation fails. The Secret `<name>-spec-active` can: it holds the merge
// that was last applied.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/chart/mask.h"
#include "wandb/spec/scrub.h"
#include "wandb/spec/spec.h"

namespace wandb {

// Deep equality with all numbers as doubles, as the operator stores them.
bool SameValues(const base::Json& a, const base::Json& b);

// Whether `active` is what the operator stores after applying `wanted`. Values
// must be the same, `global.operator` aside; charts must have the same
// canonical form, and are not compared when no layer gives one.
bool ActiveSpecMatches(const SpecLayer& active, const EffectiveSpec& wanted);

// The first few paths where they differ, with the value that is wanted, for a
// message; "" if ActiveSpecMatches(). The chart goes first, with what was
// found; of values that were applied nothing is shown, as an earlier
// configuration may have hidden them. Secrets by `mask`, and what a chart's
// source takes as credentials, are not shown; of the others what `scrubber`
// leaves.
std::string DescribeDifference(const SpecLayer& active,
                               const EffectiveSpec& wanted, const Mask& mask,
                               const Scrubber& scrubber);

// Selects the workloads of an instance, in the instance's namespace.
std::string WorkloadSelector(absl::string_view instance);

}  // namespace wandb
