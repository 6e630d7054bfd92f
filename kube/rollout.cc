#include "kube/rollout.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kube/condition.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"

namespace kube {
namespace {

using base::Json;

int64_t Int(const Json& object, const char* pointer, int64_t fallback = 0) {
  return base::IntAt(object, pointer).value_or(fallback);
}

// status "True" / "False" of a condition, "" when it is not there.
bool Observed(const Json& object) {
  return Int(object, "/status/observedGeneration") >=
         Int(object, "/metadata/generation");
}

Rollout Done(Rollout rollout) {
  rollout.done = rollout.reason.empty() && !rollout.failed;
  return rollout;
}

// Those of `ready` pods that can't be among the `old` ones.
int64_t NewAndReady(int64_t ready, int64_t old) {
  return std::max<int64_t>(0, ready - std::max<int64_t>(0, old));
}

Rollout Deployment(const Json& object) {
  const int64_t desired = Int(object, "/spec/replicas", 1);
  const int64_t updated = Int(object, "/status/updatedReplicas");
  const int64_t total = Int(object, "/status/replicas");
  const int64_t available = Int(object, "/status/availableReplicas");
  Rollout out{.ready = NewAndReady(available, total - updated),
              .desired = desired};
  if (base::BoolAt(object, "/spec/paused").value_or(false)) {
    out.reason = "the Deployment is paused";
  } else if (!Observed(object)) {
    out.ready = 0;  // The counts are those of before.
    out.reason = "the change has not been observed yet";
  } else if (ConditionOf(object, "Progressing", "/reason") ==
             "ProgressDeadlineExceeded") {
    out.failed = true;
    out.reason = "progress deadline exceeded";
  } else if (updated < desired) {
    out.reason = absl::StrCat(updated, " of ", desired, " replicas updated");
  } else if (total > updated) {
    out.reason = absl::StrCat(total - updated, " old replicas still running");
  } else if (available < updated) {
    out.reason =
        absl::StrCat(available, " of ", updated, " replicas available");
  }
  return Done(out);
}

Rollout StatefulSet(const Json& object) {
  const int64_t desired = Int(object, "/spec/replicas", 1);
  const int64_t ready = Int(object, "/status/readyReplicas");
  const int64_t updated = Int(object, "/status/updatedReplicas");
  const int64_t partition =
      Int(object, "/spec/updateStrategy/rollingUpdate/partition");
  const bool on_delete =
      base::StringAt(object, "/spec/updateStrategy/type") == "OnDelete";
  // Where old pods may stay, they are as wanted.
  const int64_t old = on_delete || partition > 0
                          ? 0
                          : Int(object, "/status/replicas") - updated;
  Rollout out{.ready = NewAndReady(ready, old), .desired = desired};
  if (!Observed(object)) {
    out.ready = 0;  // The counts are those of before.
    out.reason = "the change has not been observed yet";
  } else if (ready < desired) {
    out.reason = absl::StrCat(ready, " of ", desired, " replicas ready");
  } else if (on_delete) {
    return Done(out);
  } else if (updated < desired - partition) {
    out.reason =
        absl::StrCat(updated, " of ", desired - partition, " replicas updated");
  } else if (partition == 0 &&
             base::StringAt(object, "/status/updateRevision") !=
                 base::StringAt(object, "/status/currentRevision")) {
    out.reason = "the new revision is not current yet";
  }
  return Done(out);
}

Rollout DaemonSet(const Json& object) {
  const int64_t desired = Int(object, "/status/desiredNumberScheduled");
  const int64_t updated = Int(object, "/status/updatedNumberScheduled");
  const int64_t available = Int(object, "/status/numberAvailable");
  const int64_t old = Int(object, "/status/currentNumberScheduled") - updated;
  Rollout out{.ready = NewAndReady(available, old), .desired = desired};
  if (!Observed(object)) {
    out.ready = 0;  // The counts are those of before.
    out.reason = "the change has not been observed yet";
  } else if (updated < desired) {
    out.reason = absl::StrCat(updated, " of ", desired, " pods updated");
  } else if (available < desired) {
    out.reason = absl::StrCat(available, " of ", desired, " pods available");
  }
  return Done(out);
}

Rollout ReplicaSet(const Json& object) {
  Rollout out{.ready = Int(object, "/status/availableReplicas"),
              .desired = Int(object, "/spec/replicas", 1)};
  if (!Observed(object)) {
    out.ready = 0;  // The counts are those of before.
    out.reason = "the change has not been observed yet";
  } else if (out.ready < out.desired) {
    out.reason =
        absl::StrCat(out.ready, " of ", out.desired, " replicas available");
  }
  return Done(out);
}

Rollout Job(const Json& object) {
  Rollout out{.ready = Int(object, "/status/succeeded"),
              .desired = Int(object, "/spec/completions", 1)};
  if (IsTrueCondition(object, "Failed")) {
    out.failed = true;
    out.reason = absl::StrCat("the job failed: ",
                              ConditionOf(object, "Failed", "/message"));
  } else if (!IsTrueCondition(object, "Complete")) {
    out.reason = absl::StrCat(out.ready, " of ", out.desired, " completions");
  }
  return Done(out);
}

Rollout Claim(const Json& object) {
  const std::string phase =
      base::StringAt(object, "/status/phase").value_or("");
  Rollout out{.ready = phase == "Bound" ? 1 : 0, .desired = 1};
  if (phase == "Lost") {
    out.failed = true;
    out.reason = "the volume is lost";
  } else if (phase != "Bound") {
    out.reason = "no volume is bound";
  }
  return Done(out);
}

Rollout Crd(const Json& object) {
  const bool established = IsTrueCondition(object, "Established");
  const std::string accepted = ConditionOf(object, "NamesAccepted");
  Rollout out{.ready = established ? 1 : 0, .desired = 1};
  if (accepted == "False") {
    out.failed = true;
    out.reason = absl::StrCat("names not accepted: ",
                              ConditionOf(object, "NamesAccepted", "/message"));
  } else if (!established || accepted != "True") {
    out.reason = "not established yet";
  }
  return Done(out);
}

Rollout ByKind(const Json& object) {
  const std::string kind = KindOf(object);
  if (kind == "Deployment") return Deployment(object);
  if (kind == "StatefulSet") return StatefulSet(object);
  if (kind == "DaemonSet") return DaemonSet(object);
  if (kind == "ReplicaSet") return ReplicaSet(object);
  if (kind == "Job") return Job(object);
  if (kind == "PersistentVolumeClaim") return Claim(object);
  if (kind == "CustomResourceDefinition") return Crd(object);
  return {.done = true};
}

}  // namespace

Rollout EvaluateRollout(const Json& object) {
  Rollout rollout = ByKind(object);
  if (rollout.done && IsTerminating(object)) {
    rollout.done = false;
    rollout.reason = absl::StrCat("it ", DescribeDeletion(object));
  }
  return rollout;
}

Rollout EvaluateRunning(const Json& object) {
  Rollout rollout = EvaluateRollout(object);
  if (rollout.done && rollout.desired == 0) {
    rollout.done = false;
    rollout.reason = "scaled to 0 replicas";
  }
  return rollout;
}

}  // namespace kube
