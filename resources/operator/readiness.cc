#include "resources/operator/readiness.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kube/condition.h"
#include "kube/deletion.h"
#include "kube/diagnose.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/ssa/owned_part.h"
#include "kube/wait.h"
#include "resources/leader.h"
#include "resources/operator/objects.h"
#include "resources/operator/private_data.h"
#include "resources/report.h"

namespace resources {
namespace {

using base::Json;

// Pods that Pod Security refuses are refused for as long as the template and
// the labels of the namespace are what they are. The condition of a template
// before this one may stay for a moment.
constexpr absl::Duration kRefusedForGood = absl::Seconds(10);

// What a wait has seen.
struct Waited : kube::SeenWorkload {
  absl::Status status;
  absl::Time refused_since = absl::InfiniteFuture();

  bool IsRefused() const {
    return absl::Now() - refused_since >= kRefusedForGood;
  }
};

// As the admission of Kubernetes words it.
bool ViolatesPodSecurity(const Json& deployment) {
  return kube::IsTrueCondition(deployment, "ReplicaFailure") &&
         absl::StrContains(
             kube::ConditionOf(deployment, "ReplicaFailure", "/message"),
             "violates PodSecurity");
}

// Until it runs, or cannot, or the time is up.
void AwaitRunning(const Operation& op, const kube::ObjectRef& ref,
                  const std::string& uid, Waited& waited) {
  waited.status =
      kube::AwaitObject(op.ctx, op.client, ref,
                        [&](const Json* live) -> absl::StatusOr<bool> {
                          if (kube::FateOf(live, uid) != kube::Fate::kThere) {
                            waited.lost = kube::DescribeFate(ref, live, uid);
                            return absl::AbortedError(waited.lost);
                          }
                          waited.rollout = kube::EvaluateRunning(*live);
                          waited.refused_since =
                              ViolatesPodSecurity(*live)
                                  ? std::min(waited.refused_since, absl::Now())
                                  : absl::InfiniteFuture();
                          return waited.rollout.done || waited.rollout.failed ||
                                 waited.IsRefused();
                        },
                        {.look_again = kRefusedForGood / 4})
          .status();
}

// The wait's own time is used up; a look has its own bound.
base::Context ShortLook(const Operation& op) {
  return op.ctx.WithoutDeadline().WithTimeout(absl::Seconds(5));
}

// What the pods say, then the rollout's own reason, then what the wait met.
std::vector<std::string> WhyNotReady(const Operation& op,
                                     const kube::ObjectRef& ref,
                                     const Waited& waited) {
  std::vector<std::string> lines;
  bool starting = false;
  // The wait's own time is used up; a look at the pods has its own bound.
  const auto now = absl::IsCancelled(waited.status)
                       ? absl::StatusOr<Json>(waited.status)
                       : op.client.Get(op.ctx.WithoutDeadline(), ref);
  if (now.ok()) {
    const kube::Explanation explained = kube::ExplainWorkload(
        op.ctx.WithoutDeadline(), op.client, *now,
        {.since = ssa::WriteTime(*now, op.session.field_manager())});
    starting = explained.starting;
    for (const std::string& line : explained.lines) {
      lines.push_back(ShortenedForeign(op.scrubber.Scrub(line)));
    }
    lines.insert(lines.end(), explained.unseen.begin(), explained.unseen.end());
  }
  if (!waited.rollout.reason.empty()) {
    lines.push_back(
        absl::StrCat(kube::Describe(ref), ": ", waited.rollout.reason));
  }
  if (now.ok()) {
    const LeaderLook leader = LookAtLeader(ShortLook(op), op.client, *now);
    for (const std::string& line : {leader.held, leader.unseen}) {
      if (!line.empty()) lines.push_back(op.scrubber.Scrub(line));
    }
  }
  const bool time_is_up = absl::IsDeadlineExceeded(waited.status) && now.ok();
  if (!waited.status.ok() && !time_is_up) {
    lines.push_back(Explain(waited.status, op.session, op.scrubber));
  } else if (time_is_up && starting) {
    lines.emplace_back(kMoreTime);
  }
  return lines;
}

void ReportLost(const kube::ObjectRef& ref, const std::string& lost,
                tf::Diagnostics& diags) {
  diags.AddError(
      absl::StrCat(kube::Describe(ref), " went away while it was waited for"),
      absl::StrCat(lost,
                   "\n\nIt was written, and nothing else was made in its "
                   "place. ready is false. The next plan looks for it again: "
                   "once it is gone, it is planned to be made. One of the "
                   "same name that somebody else made is left as it is."));
}

void ReportNotReady(const Operation& op, const kube::ObjectRef& ref,
                    const Waited& waited,
                    const tf::ApplyCall<OperatorModel>& call) {
  std::vector<std::string> lines = WhyNotReady(op, ref, waited);
  const std::string summary = absl::StrCat(
      "Operator ", IdOf(call.planned), " not ready: ", waited.rollout.ready,
      " of ", waited.rollout.desired, " new pods ready");
  if (waited.IsRefused()) {
    lines.emplace_back(
        "The namespace enforces a level of Pod Security. Set "
        "pod_security_context and security_context: their examples are what "
        "the level restricted admits.");
  }
  if (call.planned.wait_failure.value() == WaitFailure::kWarn &&
      !absl::IsCancelled(waited.status)) {
    lines.emplace_back("The next apply waits again.");
    op.diags.AddWarning(summary, absl::StrJoin(lines, "\n"));
    return;
  }
  if (!call.prior.has_value()) {
    lines.emplace_back(
        "The objects exist and are in the state, marked as tainted: the next "
        "apply replaces them. To keep them, run \"tofu untaint\" (or "
        "\"terraform untaint\") on this resource first. wait_failure = "
        "\"warn\" "
        "keeps a later create from being tainted, not this one.");
  }
  op.diags.AddError(summary, absl::StrJoin(lines, "\n"));
}

// That the operator is rolled out, and another one works in its place.
void WarnIfNotLeading(const Operation& op, const Json& deployment,
                      const tf::ApplyCall<OperatorModel>& call) {
  const LeaderLook leader = LookAtLeader(ShortLook(op), op.client, deployment);
  if (leader.held.empty()) return;
  op.diags.AddWarning(
      absl::StrCat("Operator ", IdOf(call.planned), " runs, and does not act"),
      op.scrubber.Scrub(leader.held));
}

}  // namespace

void AwaitOperator(const Operation& op, const Json& deployment,
                   tf::ApplyCall<OperatorModel>& call) {
  const auto ref = kube::RefOf(deployment);
  const std::string uid =
      OperatorRecord::FromJson(call.private_data).UidOf(ObjectKey(deployment));
  if (!call.planned.wait.value()) {
    call.saved->ready = kube::EvaluateRunning(deployment).done;
    return;
  }
  Waited waited;
  AwaitRunning(op, *ref, uid, waited);
  call.saved->ready = waited.status.ok() && waited.rollout.done;
  if (call.saved->ready.value()) {
    return WarnIfNotLeading(op, deployment, call);
  }
  if (!waited.lost.empty()) return ReportLost(*ref, waited.lost, op.diags);
  ReportNotReady(op, *ref, waited, call);
}

}  // namespace resources
