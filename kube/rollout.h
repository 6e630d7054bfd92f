// Whether a workload has reached the state that its spec asks for, by the same
// rules as `kubectl rollout status`. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"

namespace kube {

struct Rollout {
  // Pods (or completions) that are as wanted: of the newest revision, and
  // ready. While old pods run too, at least so many: the counts of a workload
  // do not tell which of them are ready.
  int64_t ready = 0;
  int64_t desired =
      0;  // Pods (or completions) that shall be; 1 for a PVC, CRD.
  bool done = false;
  // It says itself that it will not get there (progress deadline exceeded, job
  // failed, CRD names refused). Never together with `done`.
  bool failed = false;
  // What is missing, for people: "2 of 3 replicas updated". "" when done.
  std::string reason;
};

// For Deployment, StatefulSet, DaemonSet, ReplicaSet, Job,
// PersistentVolumeClaim and CustomResourceDefinition. An object of another kind
// is done at once. A paused Deployment is never done, and neither is what is
// being deleted.
Rollout EvaluateRollout(const base::Json& object);

// The same, for what must run: scaled to 0 replicas it is complete for
// Kubernetes, but not done here.
Rollout EvaluateRunning(const base::Json& object);

}  // namespace kube
