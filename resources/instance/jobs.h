// The Jobs of an instance: those of its chart, hooks among them, which the
// operator waits for before it says that a specification is applied.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/context.h"
#include "kube/client.h"
#include "resources/instance/model.h"

namespace resources {

// Of the Jobs that were made since `since`, at most a few of each sort, and
// why; foreign text, not scrubbed, and a text may have several lines. Those of
// CronJobs are nobody's start.
struct JobReport {
  std::vector<std::string> failed;
  std::vector<std::string> running;  // Or waiting for something.
  std::string unseen;                // Why they cannot be told; "" if they can.
};
JobReport LookAtJobs(const base::Context& ctx, kube::Client& client,
                     const InstanceModel& model, absl::Time since);

}  // namespace resources
