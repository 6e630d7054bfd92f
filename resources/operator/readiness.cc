#include "resources/operator/readiness.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/diagnose.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/wait.h"
#include "resources/report.h"
#include "wandb/scrub.h"

namespace resources {
namespace {

using base::Json;

// The rollout's own reason, the wait's error, and what the pods say.
std::vector<std::string> WhyNotReady(const base::Context& ctx,
                                     const Session& session,
                                     kube::Client& client,
                                     const kube::ObjectRef& ref,
                                     const kube::Rollout& rollout,
                                     const absl::Status& waited) {
  const wandb::Scrubber scrubber;
  std::vector<std::string> lines = {rollout.reason};
  if (!waited.ok()) lines.push_back(Explain(waited, session, scrubber));
  if (absl::IsCancelled(waited)) return lines;
  // The wait's own time is used up; a look at the pods has its own bound.
  const auto now = client.Get(ctx.WithoutDeadline(), ref);
  if (!now.ok()) return lines;
  for (const std::string& line :
       kube::ExplainWorkload(ctx.WithoutDeadline(), client, *now)) {
    lines.push_back(scrubber.Scrub(line));
  }
  return lines;
}

}  // namespace

void AwaitOperator(const base::Context& ctx, const Session& session,
                   kube::Client& client, const Json& deployment,
                   tf::ApplyCall<OperatorModel>& call) {
  const auto ref = kube::RefOf(deployment);
  kube::Rollout rollout;
  const auto look = [&rollout](const Json* live) -> absl::StatusOr<bool> {
    if (live == nullptr) {
      return absl::NotFoundError("the Deployment was deleted meanwhile");
    }
    rollout = kube::EvaluateRollout(*live);
    return rollout.done || rollout.failed;
  };
  if (!call.planned.wait.value_or(true)) {
    const auto live = client.Get(ctx, *ref);
    if (live.ok()) call.saved->ready = look(&*live).ok() && rollout.done;
    return;
  }
  const auto live = kube::AwaitObject(ctx, client, *ref, look);
  if (live.ok() && rollout.done) {
    call.saved->ready = true;
    return;
  }
  std::vector<std::string> lines =
      WhyNotReady(ctx, session, client, *ref, rollout, live.status());
  const std::string summary =
      absl::StrCat("Operator not ready: ", rollout.ready, " of ",
                   rollout.desired, " replicas available");
  if (call.planned.wait_failure.value_or("error") == "warn" &&
      !absl::IsCancelled(live.status())) {
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
