// Why a workload is not ready, in words that end the need for kubectl.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace kube {

struct ExplainOptions {
  absl::Duration timeout = absl::Seconds(5);  // For all requests together.
  size_t max_lines = 20;
  // Events before that which are about objects that are gone are passed over:
  // they are those of an earlier life.
  absl::Time since = absl::InfinitePast();
};

struct Explanation {
  std::vector<std::string> lines;
  // There are pods, and nothing says that they can't become ready: time may
  // help.
  bool starting = false;
};

// Looks at the pods of `workload` (Deployment, StatefulSet, DaemonSet,
// ReplicaSet, Job, or a Pod itself) and at recent Warning events of it and of
// them. Returns lines such as
//   pod x: container manager: ImagePullBackOff: Back-off pulling image "..."
//   pod x: not scheduled: 0/3 nodes are available: insufficient memory
//   event (ReplicaSet x): FailedCreate: exceeded quota (12 times)
// in that order, pods with a reason first. What several pods or events say is
// said once ("pod x and 2 more: ..."), and an event whose text a pod has said
// is left out. A failure to look is a line too. The texts are foreign: scrub
// them before they are shown.
Explanation ExplainWorkload(const base::Context& ctx, Client& client,
                            const base::Json& workload,
                            const ExplainOptions& options = {});

// The part that needs no server: what one pod says of itself. Empty for a pod
// that runs and is ready.
std::vector<std::string> ExplainPod(const base::Json& pod);

}  // namespace kube
