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

// For all that one refresh of a resource asks, in an apply, too: it ends even
// if the server answers so little that the client goes on. Of a server that
// says nothing a plan learns sooner (kube::ClientOptions::hurried_timeout).
inline constexpr absl::Duration kReadLimit = absl::Seconds(60);
base::Context ReadContext(const base::Context& parent);

}  // namespace resources
