// The pods of a workload, and what their statuses say.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace kube {

// spec.selector.matchLabels as a label selector; "" if there are none.
std::string PodSelectorOf(const base::Json& workload);

// Those that the selector of `workload` finds now, or the Pod itself; none
// without a selector.
absl::StatusOr<std::vector<base::Json>> ListPodsOf(const base::Context& ctx,
                                                   Client& client,
                                                   const base::Json& workload);

// Whether it is ready, or has done what it is for. Pure.
bool IsPodWell(const base::Json& pod);

// The statuses of its containers, init containers first. Pure.
std::vector<base::Json> ContainerStatusesOf(const base::Json& pod);

}  // namespace kube
