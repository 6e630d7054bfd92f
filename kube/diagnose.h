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
  // Of a container that ended with an error: what LastWordsOf() says. Logs may
  // hold what nobody else has configured, hence not by default.
  bool last_words = false;
};

struct Explanation {
  std::vector<std::string> lines;
  // What could not be looked at and why, a line each; not for want of time.
  std::vector<std::string> unseen;
  // There are pods, and nothing says that they can't become ready: time may
  // help.
  bool starting = false;
};

// Looks at the pods of `workload` (Deployment, StatefulSet, DaemonSet,
// ReplicaSet, Job, or a Pod itself), at what they need, and at recent Warning
// events of it and of them. Returns lines such as
//   its pods are refused: pods "x" is forbidden: exceeded quota: ...
//   claim data-x-0: it names no StorageClass, and the cluster has no default...
//   pod x: container manager: ImagePullBackOff: Back-off pulling image "..."
//   pod x: not scheduled: 0/3 nodes are available: insufficient memory
//   last lines of the log of pod x, container app: ... (see crash_log.h)
//   event (ReplicaSet x): FailedCreate: exceeded quota (12 times)
// in that order, pods with a reason first. What several pods or events say is
// said once ("pod x and 2 more: ..."), and an event whose text another line has
// said is left out. The texts are foreign:
// scrub them before they are shown.
Explanation ExplainWorkload(const base::Context& ctx, Client& client,
                            const base::Json& workload,
                            const ExplainOptions& options = {});

// The part that needs no server: what one pod says of itself. Empty for a pod
// that runs and is ready.
std::vector<std::string> ExplainPod(const base::Json& pod);

}  // namespace kube
