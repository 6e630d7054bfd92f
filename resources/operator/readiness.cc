#include "resources/operator/readiness.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/diagnose.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/ssa/owned_part.h"
#include "kube/wait.h"
#include "resources/operator/objects.h"
#include "resources/operator/private_data.h"
#include "resources/report.h"
#include "wandb/scrub.h"

namespace resources {
namespace {

using base::Json;

// What the pods say, then the rollout's own reason, then what the wait met.
std::vector<std::string> WhyNotReady(const base::Context& ctx,
                                     const Session& session,
                                     kube::Client& client,
                                     const kube::ObjectRef& ref,
                                     const kube::Rollout& rollout,
                                     const absl::Status& waited) {
  const wandb::Scrubber scrubber;
  std::vector<std::string> lines;
  bool starting = false;
  // The wait's own time is used up; a look at the pods has its own bound.
  const auto now = absl::IsCancelled(waited)
                       ? absl::StatusOr<Json>(waited)
                       : client.Get(ctx.WithoutDeadline(), ref);
  if (now.ok()) {
    const kube::Explanation explained = kube::ExplainWorkload(
        ctx.WithoutDeadline(), client, *now,
        {.since = ssa::WriteTime(*now, session.field_manager())});
    starting = explained.starting;
    for (const std::string& line : explained.lines) {
      lines.push_back(ShortenedForeign(scrubber.Scrub(line)));
    }
  }
  if (!rollout.reason.empty()) {
    lines.push_back(absl::StrCat(kube::Describe(ref), ": ", rollout.reason));
  }
  const bool time_is_up = absl::IsDeadlineExceeded(waited) && now.ok();
  if (!waited.ok() && !time_is_up) {
    lines.push_back(Explain(waited, session, scrubber));
  } else if (time_is_up && starting) {
    lines.emplace_back(kMoreTime);
  }
  return lines;
}

}  // namespace

void AwaitOperator(const base::Context& ctx, const Session& session,
                   kube::Client& client, const Json& deployment,
                   tf::ApplyCall<OperatorModel>& call) {
  const auto ref = kube::RefOf(deployment);
  const std::string uid = RecordedUid(call.private_data, ObjectKey(deployment));
  if (!call.planned.wait.value()) {
    const auto live = client.Get(ctx, *ref);
    if (live.ok()) {
      call.saved->ready = kube::FateOf(&*live, uid) == kube::Fate::kThere &&
                          kube::EvaluateRunning(*live).done;
    }
    return;
  }
  kube::SeenWorkload seen;
  const absl::Status waited =
      kube::AwaitRolledOut(ctx, client, *ref, uid, seen);
  const kube::Rollout& rollout = seen.rollout;
  if (waited.ok() && rollout.done) {
    call.saved->ready = true;
    return;
  }
  if (!seen.lost.empty()) {
    call.diags.AddError(
        absl::StrCat(kube::Describe(*ref),
                     " went away while it was waited for"),
        absl::StrCat(seen.lost,
                     "\n\nIt was written, and nothing else was made in its "
                     "place. ready is false. The next plan looks for it again: "
                     "once it is gone, it is planned to be made. One of the "
                     "same name that somebody else made is left as it is."));
    return;
  }
  std::vector<std::string> lines =
      WhyNotReady(ctx, session, client, *ref, rollout, waited);
  const std::string summary =
      absl::StrCat("Operator not ready: ", rollout.ready, " of ",
                   rollout.desired, " new pods ready");
  if (call.planned.wait_failure.value() == WaitFailure::kWarn &&
      !absl::IsCancelled(waited)) {
    lines.push_back("The next apply waits again.");
    call.diags.AddWarning(summary, absl::StrJoin(lines, "\n"));
    return;
  }
  if (!call.prior.has_value()) {
    lines.push_back(
        "The objects exist and are in the state, marked as tainted: the next "
        "apply replaces them. To keep them, run \"tofu untaint\" (or "
        "\"terraform untaint\") on this resource first, or set wait_failure = "
        "\"warn\".");
  }
  call.diags.AddError(summary, absl::StrJoin(lines, "\n"));
}

}  // namespace resources
