// How a plan may ask the cluster: for diagnostics only, since planned values
// never depend on what is fetched.
#pragma once

#include "absl/time/time.h"
#include "base/context.h"

namespace resources {

inline constexpr absl::Duration kLookLimit = absl::Seconds(3);

// For all that one plan asks: one attempt, and all of it within kLookLimit. A
// plan must be quick and needs no cluster, so what is not answered is no
// finding.
base::Context LookContext(const base::Context& parent);

}  // namespace resources
