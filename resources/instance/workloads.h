// The workloads of an instance: the Deployments, StatefulSets and DaemonSets
// that the operator's Helm release has made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/instance/model.h"

namespace resources {

struct WorkloadCount {
  size_t seen = 0;
  size_t meant_to_run =
      0;  // Not scaled to 0, which is complete for Kubernetes.
};

// Gets how far it is: "2 of 5 deployments rolled out".
using Meanwhile = std::function<absl::Status(const std::string& seen)>;

// Waits until all of them are rolled out at once; `meanwhile` is asked at each
// change and every `look_again`, and an error of it ends the wait.
absl::StatusOr<WorkloadCount> AwaitRollout(const base::Context& ctx,
                                           kube::Client& client,
                                           const InstanceModel& model,
                                           absl::Duration look_again,
                                           const Meanwhile& meanwhile);

// Those that are not rolled out. What cannot be listed is passed over.
std::vector<base::Json> ListUnready(const base::Context& ctx,
                                    kube::Client& client,
                                    const InstanceModel& model);

struct WorkloadReport {
  // What is not rolled out and why, as far as pods, what they need, and events
  // since `since` tell; those of which something is known first. Foreign text,
  // not scrubbed; a text may have several lines, for scrubbing as a whole.
  std::vector<std::string> lines;
  bool starting = false;  // All of it, and nothing speaks against it.
};
WorkloadReport WhyNotRolledOut(const base::Context& ctx, kube::Client& client,
                               const InstanceModel& model, absl::Time since);

// Whether none of them has a ready pod; false also where that can't be told.
bool WorkloadsNeverRan(const base::Context& ctx, kube::Client& client,
                       const InstanceModel& model);

struct WorkloadState {
  std::string kind, name;
  int64_t ready = 0, desired = 0;  // As in kube::Rollout.
  std::string reason;  // Why it is not rolled out; foreign text, not scrubbed.
  std::vector<std::string> images;  // Those of init containers first.
};

// All of them, by kind. An error if one of the kinds cannot be listed.
absl::StatusOr<std::vector<WorkloadState>> ListWorkloads(
    const base::Context& ctx, kube::Client& client, const InstanceModel& model);

// One look without waiting. No workloads, all of them scaled to 0, and errors,
// are not ready.
struct WorkloadLook {
  bool ready = false;
  // What was found not to be rolled out; foreign text, not scrubbed. "" where
  // it is ready, and where that cannot be told.
  std::string why_not;
};
WorkloadLook LookAtWorkloads(const base::Context& ctx, kube::Client& client,
                             const InstanceModel& model);

}  // namespace resources
