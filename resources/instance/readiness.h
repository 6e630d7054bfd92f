// Waiting until W&B really runs, and saying why it does not.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "kube/client.h"
#include "resources/instance/model.h"
#include "wandb/scrub.h"

namespace resources {

struct Readiness {
  bool ready = false;
  std::string phase;                 // As the operator reports it; "" if never.
  std::string summary;               // When not ready: one line.
  std::vector<std::string> details;  // Scrubbed.
  // kCancelled, or an error that is not about readiness; OK otherwise.
  absl::Status status;
};

// Waits until the operator is rolled out (if the model names it), then until
// the specification it applied is the merge of the live object and the current
// layers, then until every workload of the instance is rolled out. Ends early
// when the operator says that it failed, or cannot succeed. `written` is the
// server's time of our write: older failures do not count.
Readiness AwaitInstance(const base::Context& ctx, kube::Client& client,
                        const InstanceModel& model, absl::Time written,
                        const wandb::Scrubber& scrubber);

// One look without waiting: is every workload of the instance rolled out? No
// workloads, and errors, count as no.
bool WorkloadsReady(const base::Context& ctx, kube::Client& client,
                    const InstanceModel& model);

}  // namespace resources
