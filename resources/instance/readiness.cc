#include "resources/instance/readiness.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/http/transport.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/diagnose.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/hindrances.h"
#include "resources/instance/jobs.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_quotes.h"
#include "resources/instance/spec_look.h"
#include "resources/instance/url_wait.h"
#include "resources/instance/wait_progress.h"
#include "resources/instance/workloads.h"
#include "resources/leader.h"
#include "resources/namespace.h"
#include "resources/report.h"
#include "wandb/chart/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/deployment.h"
#include "wandb/spec/readiness.h"
#include "wandb/spec/scrub.h"

namespace resources {
namespace {

using base::Json;

constexpr char kNotApplied[] = "The operator has not applied the specification";
std::string PhaseOf(const Json& object) {
  return base::StringAt(object, "/status/phase").value_or("");
}

int64_t GenerationOf(const Json& object) {
  return base::IntAt(object, "/metadata/generation").value_or(0);
}

class Wait {
 public:
  Wait(const base::Context& ctx, kube::Client& client, const Desired& desired,
       const WrittenObject& written, const Patience& patience)
      : ctx_(ctx),
        client_(client),
        desired_(desired),
        model_(desired.model),
        wait_for_(WaitFor::Of(desired.model.wait_for)),
        uid_(written.uid),
        written_(written.time),
        patience_(patience),
        scrubber_(desired.compiled.scrubber()),
        faults_(patience),
        hindrances_(client, patience),
        spec_look_(client, desired, written, patience),
        progress_(IdOf(model_)) {}

  Readiness Run() {
    bool good = AwaitOperator();
    // A specification that others have changed meanwhile is awaited anew.
    do {
      good =
          good && AwaitSpec() && AwaitWorkloads() && AwaitUrl() && FindObject();
    } while (good && generation_found_ != generation_applied_);
    if (good) {
      result_.ready = true;
    } else if (result_.status.ok() && result_.unseen.ok() && !result_.lost &&
               CheckNamespace(Aftermath()).ok()) {
      result_.never_ran = WorkloadsNeverRan(Aftermath(), client_, model_);
    }
    result_.takes_managed_spec = spec_look_.takes_managed_spec();
    return std::move(result_);
  }

 private:
  // The look around after a failure: stop ends it, the used-up time does not.
  base::Context Aftermath() const {
    return ctx_.WithoutDeadline().WithTimeout(absl::Seconds(15));
  }

  // Says what `status` says, unless that is only that the time is up.
  bool Fail(std::string summary, const absl::Status& status) {
    result_.summary = std::move(summary);
    const bool time_is_up = absl::IsDeadlineExceeded(status) &&
                            kube::HttpCode(status) == 0 &&
                            !http::ErrorPhase(status).has_value();
    if (absl::IsCancelled(status)) {
      result_.status = status;
    } else if (!status.ok() && !time_is_up) {
      Say(std::string(status.message()));
    }
    return false;
  }

  void Say(const std::string& line) {
    std::string shown = scrubber_.Scrub(line);
    if (shown.empty()) return;
    result_.details.push_back(ShortenedForeign(std::move(shown)));
  }

  void SayAll(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) Say(line);
  }

  // That the readiness cannot be told.
  bool FailUnseen(const absl::Status& status) {
    result_.summary = absl::StrCat("Whether instance ", IdOf(model_),
                                   " is ready cannot be "
                                   "told");
    result_.unseen = status;
    return false;
  }

  // OK while what was written is there; otherwise takes note of what became of
  // it, and any error ends the wait.
  absl::Status CheckFate(const Json* live);
  // Asks for that, once in a while.
  absl::Status LookForObject();
  // OK unless the namespace is being deleted, as far as may be seen; otherwise
  // that comes before all that was found, which follows from it.
  absl::Status CheckNamespace(const base::Context& ctx);
  // Asks for that, once in a while.
  absl::Status LookForNamespace();
  // Asks for it at the end: workloads may run on without their instance.
  bool FindObject();
  // OK while nothing keeps `unready` from running for good; what does is noted,
  // and any error ends the wait.
  absl::Status LookForHindrance(
      const std::function<std::vector<Json>()>& unready);
  // Says that first, with the summary of a failure; `summary` without any.
  std::string SayHindrance(absl::string_view who, std::string summary);

  // As `status`, unless the wait itself was ended.
  absl::Status OrEnd(const absl::Status& status) const {
    return absl::IsCancelled(ctx_.Check()) ? ctx_.Check() : status;
  }

  // Before something is quoted that the operator or W&B wrote: it may hold what
  // others configured, too.
  void LearnSecrets(const base::Context& ctx) {
    LearnAll(ctx, client_, desired_, scrubber_);
  }
  std::optional<OperatorFault> StandingFault(
      const std::function<bool(const OperatorFault&)>& counts);
  bool AwaitOperator();
  bool AwaitOperatorOf(const kube::ObjectRef& ref);
  bool ReportNotRunning(const kube::ObjectRef& ref,
                        const kube::Rollout& rollout,
                        const absl::Status& status);
  bool AwaitSpec();
  absl::StatusOr<bool> LookAtSpec(const Json* object);
  bool ReportNotApplied(const absl::Status& status);
  bool AwaitWorkloads();
  bool AwaitUrl();
  bool ExplainWorkloads(const base::Context& ctx);

  const base::Context& ctx_;
  kube::Client& client_;
  const Desired& desired_;
  const InstanceModel& model_;
  const WaitFor wait_for_;
  const std::string uid_;
  const absl::Time written_;
  int64_t generation_applied_ = 0;  // Of the object, when its spec was applied.
  int64_t generation_found_ = 0;    // Of the object, at the end.
  const Patience patience_;
  wandb::Scrubber scrubber_;
  Readiness result_;
  StandingFaults faults_;
  StandingHindrances hindrances_;
  std::optional<StandingHindrance> hindrance_;  // What has ended the wait.
  absl::Time next_look_ = absl::Now() + patience_.look_again;
  absl::Time next_object_look_ = absl::Now() + patience_.look_again;
  absl::Time next_namespace_look_ = absl::Now() + patience_.look_again;
  SpecLook spec_look_;
  WaitProgress progress_;
};

absl::Status Wait::CheckFate(const Json* live) {
  const char* what = nullptr;
  switch (kube::FateOf(live, uid_)) {
    case kube::Fate::kThere:
      return absl::OkStatus();
    case kube::Fate::kDying:
      what = " is being deleted";
      break;
    case kube::Fate::kGone:
      what = " was deleted while it was waited for";
      break;
    case kube::Fate::kReplaced:
      what = " was replaced by another while it was waited for";
      break;
  }
  result_.lost = true;
  result_.summary = absl::StrCat("Instance ", IdOf(model_), what);
  result_.details.clear();
  Say(kube::DescribeFate(CustomResourceRef(model_), live, uid_));
  return absl::AbortedError(result_.summary);
}

absl::Status Wait::LookForObject() {
  const absl::Time now = absl::Now();
  if (now < next_object_look_) return absl::OkStatus();
  next_object_look_ = now + patience_.look_again;
  const auto live = client_.Get(ctx_, CustomResourceRef(model_));
  if (live.ok()) {
    RETURN_IF_ERROR(CheckFate(&*live));
    return LookForNamespace();
  }
  if (absl::IsNotFound(live.status()) ||
      kube::IsNamespaceMissing(live.status())) {
    return CheckFate(nullptr);
  }
  // A bare 404 may be a proxy's; the definition tells.
  if (kube::IsKindNotServed(live.status()) &&
      absl::IsNotFound(
          client_.Get(ctx_, kube::CrdRef(wandb::kCrdName)).status())) {
    return CheckFate(nullptr);
  }
  // What else it is, the wait meets itself.
  return absl::IsUnavailable(live.status()) ? live.status() : absl::OkStatus();
}

absl::Status Wait::CheckNamespace(const base::Context& ctx) {
  const auto dying = FindDyingNamespace(ctx, client_, model_.ns.value());
  if (!dying.has_value()) return absl::OkStatus();
  result_.lost = true;
  result_.summary =
      absl::StrCat("Instance ", IdOf(model_), ": ", dying->summary);
  const std::vector<std::string> before = std::move(result_.details);
  result_.details.clear();
  Say(dying->detail);
  result_.details.insert(result_.details.end(), before.begin(), before.end());
  return absl::AbortedError(result_.summary);
}

absl::Status Wait::LookForNamespace() {
  const absl::Time now = absl::Now();
  if (now < next_namespace_look_) return absl::OkStatus();
  next_namespace_look_ = now + patience_.look_again;
  return CheckNamespace(ctx_);
}

bool Wait::FindObject() {
  const absl::Time settled =
      std::min(absl::Now() + patience_.with_old_phase,
               ctx_.deadline() - patience_.with_old_phase);
  const auto found = kube::AwaitObject(
      ctx_, client_, CustomResourceRef(model_),
      [&](const Json* live) -> absl::StatusOr<bool> {
        RETURN_IF_ERROR(CheckFate(live));
        generation_found_ = GenerationOf(*live);
        result_.phase = PhaseOf(*live);
        // The operator writes it last, after what it stands for.
        return (result_.phase != wandb::kPhaseLoading &&
                result_.phase != wandb::kPhaseInvalidConfig) ||
               generation_found_ != generation_applied_ ||
               absl::Now() >= settled;
      },
      {.look_again = patience_.with_old_phase / 5});
  if (found.ok()) return true;
  if (result_.lost) return false;
  if (absl::IsPermissionDenied(found.status())) {
    return FailUnseen(found.status());
  }
  return Fail("W&B is not running yet", OrEnd(found.status()));
}

absl::Status Wait::LookForHindrance(
    const std::function<std::vector<Json>()>& unready) {
  if (!hindrances_.IsDue()) return absl::OkStatus();
  hindrance_ = hindrances_.Look(ctx_, unready());
  return hindrance_.has_value() ? absl::AbortedError(hindrance_->summary)
                                : absl::OkStatus();
}

std::string Wait::SayHindrance(absl::string_view who, std::string summary) {
  if (!hindrance_.has_value()) return summary;
  LearnSecrets(Aftermath());
  Say(hindrance_->detail);
  return absl::StrCat(who, " cannot start: ", hindrance_->summary);
}

bool IsMisnamed(const OperatorFault& fault) {
  return fault.kind == OperatorFault::Kind::kMisnamed;
}

bool IsGone(const OperatorFault& fault) {
  return fault.kind == OperatorFault::Kind::kMissing ||
         fault.kind == OperatorFault::Kind::kNone ||
         fault.kind == OperatorFault::Kind::kDying ||
         fault.kind == OperatorFault::Kind::kNoReplicas;
}

// Once in a while looks at the operator; the fault that ends the wait.
std::optional<OperatorFault> Wait::StandingFault(
    const std::function<bool(const OperatorFault&)>& counts) {
  const absl::Time now = absl::Now();
  if (now < next_look_) return std::nullopt;
  next_look_ = now + patience_.look_again;
  std::vector<OperatorFault> faults =
      LookAtOperator(ctx_, client_, model_).faults;
  faults.erase(
      std::remove_if(faults.begin(), faults.end(), std::not_fn(counts)),
      faults.end());
  return faults_.Note(faults);
}

bool Wait::AwaitOperator() {
  if (!wait_for_.operator_rollout) return true;
  const auto ref = OperatorDeployment(model_);
  return !ref.has_value() || AwaitOperatorOf(*ref);
}

// Of `ref`, or of the operator that runs the instance in its place.
bool Wait::AwaitOperatorOf(const kube::ObjectRef& ref) {
  const bool named = ref == OperatorDeployment(model_);
  kube::Rollout rollout;
  std::optional<OperatorFault> fault;
  const auto live = kube::AwaitObject(
      ctx_, client_, ref,
      [&](const Json* object) -> absl::StatusOr<bool> {
        rollout = object == nullptr ? kube::Rollout{.reason = "does not exist"}
                                    : kube::EvaluateRunning(*object);
        if (rollout.done || rollout.failed) return true;
        progress_.Say("the operator",
                      absl::StrCat(rollout.ready, " of ", rollout.desired,
                                   " new pods ready"));
        RETURN_IF_ERROR(LookForObject());
        RETURN_IF_ERROR(LookForHindrance([object] {
          return object == nullptr ? std::vector<Json>()
                                   : std::vector<Json>{*object};
        }));
        fault = StandingFault([named](const OperatorFault& found) {
          return IsGone(found) || (named && IsMisnamed(found));
        });
        return fault.has_value();
      },
      {.look_again = patience_.look_again});
  if (live.ok() && rollout.done) {
    if (const auto takes = wandb::ReadOperatorDeployment(*live).managed_spec) {
      spec_look_.NoteManagedSpec(*takes);
    }
    return true;
  }
  if (result_.lost) return false;
  // Who may not see it learns from the specification whether it works.
  if (absl::IsPermissionDenied(live.status())) return true;
  if (fault.has_value() && IsMisnamed(*fault)) {
    result_.misnamed_summary =
        absl::StrCat("Instance ", IdOf(model_), ": ", fault->summary);
    result_.misnamed_detail = fault->detail;
    return !fault->runs.has_value() || AwaitOperatorOf(*fault->runs);
  }
  if (fault.has_value()) {
    Say(fault->detail);
    return Fail(fault->summary, OrEnd(absl::OkStatus()));
  }
  const bool hindered = hindrance_.has_value() && ctx_.Check().ok();
  return ReportNotRunning(ref, rollout,
                          hindered ? absl::OkStatus() : OrEnd(live.status()));
}

bool Wait::ReportNotRunning(const kube::ObjectRef& ref,
                            const kube::Rollout& rollout,
                            const absl::Status& status) {
  const base::Context after = Aftermath();
  LearnSecrets(after);
  std::string summary =
      SayHindrance("The W&B operator", "The W&B operator is not running");
  const auto now = client_.Get(after, ref);
  bool starting = false;
  if (now.ok()) {
    const kube::Explanation explained =
        kube::ExplainWorkload(after, client_, *now, {.since = written_});
    SayAll(explained.lines);
    SayAll(explained.unseen);
    starting = explained.starting;
  }
  for (const OperatorFault& fault :
       LookAtOperator(after, client_, model_).faults) {
    if (IsGone(fault) || IsMisnamed(fault)) Say(fault.detail);
  }
  Say(absl::StrCat(kube::Describe(ref), ": ", rollout.reason));
  if (starting && absl::IsDeadlineExceeded(status)) Say(kMoreTime);
  if (rollout.desired > 0 && !hindrance_.has_value()) {
    absl::StrAppend(&summary, ": ", rollout.ready, " of ", rollout.desired,
                    " new pods ready");
  }
  return Fail(std::move(summary), status);
}

absl::StatusOr<bool> Wait::LookAtSpec(const Json* object) {
  RETURN_IF_ERROR(CheckFate(object));
  result_.phase = PhaseOf(*object);
  const absl::StatusOr<bool> applied =
      spec_look_.Look(ctx_, *object, scrubber_);
  for (const wandb::Problem& clash : spec_look_.clashes()) Say(clash.message);
  if (applied.ok() && *applied) generation_applied_ = GenerationOf(*object);
  return applied;
}

bool Wait::AwaitSpec() {
  bool faulty = false;
  const auto look = kube::AwaitObject(
      ctx_, client_, CustomResourceRef(model_),
      [&](const Json* object) -> absl::StatusOr<bool> {
        ASSIGN_OR_RETURN(const bool applied, LookAtSpec(object));
        if (applied) return true;
        progress_.Say("the operator to apply the specification",
                      absl::StrCat("phase ", result_.phase));
        RETURN_IF_ERROR(LookForNamespace());
        // Only while it applies nothing does it matter how the operator works.
        faulty = wait_for_.operator_rollout &&
                 StandingFault(std::not_fn(IsMisnamed)).has_value();
        return faulty;
      },
      {.look_again = patience_.look_again});
  if (look.ok() && !faulty) return true;
  if (kube::IsKindNotServed(look.status())) {
    next_object_look_ = absl::InfinitePast();
    LookForObject().IgnoreError();  // With its definition it goes, too.
  }
  if (result_.lost) return false;
  if (absl::IsPermissionDenied(look.status())) return FailUnseen(look.status());
  return ReportNotApplied(OrEnd(look.status()));
}

bool Wait::ReportNotApplied(const absl::Status& status) {
  if (absl::IsCancelled(status)) return Fail(kNotApplied, status);
  const base::Context after = Aftermath();
  LearnSecrets(after);
  OperatorLook look = LookAtOperator(after, client_, model_);
  std::erase_if(look.faults, IsMisnamed);  // The warning says it.
  std::string summary = kNotApplied;
  LeaderLook leader;
  for (const OperatorFault& fault : look.faults) Say(fault.detail);
  if (!look.faults.empty()) summary = look.faults[0].summary;
  if (look.faults.empty() && look.deployment.is_object()) {
    leader = LookAtLeader(after, client_, look.deployment);
    Say(leader.held);
  }
  // The operator waits for hooks.
  const JobReport jobs = look.faults.empty()
                             ? LookAtJobs(after, client_, model_, written_)
                             : JobReport();
  SayAll(jobs.failed);
  SayAll(jobs.running);
  const OperatorQuotes quotes = QuoteOperatorLog(
      after, client_, look.deployment, model_, written_, scrubber_);
  SayAll(quotes.lines);
  Fail(summary, status);
  const bool in_time = !absl::IsDeadlineExceeded(status);
  Say(spec_look_.difference());
  if (!result_.phase.empty()) {
    Say(absl::StrCat("The operator reports phase \"", result_.phase, "\"."));
  }
  if (quotes.lines.empty() && !in_time && look.faults.empty() &&
      jobs.failed.empty() && leader.held.empty()) {
    Say(kMoreTime);
  }
  Say(jobs.unseen);
  Say(quotes.unread);
  Say(leader.unseen);
  return false;
}

bool Wait::AwaitWorkloads() {
  if (!wait_for_.workloads) return true;
  const std::string selector = wandb::WorkloadSelector(model_.name.value());
  const auto running =
      AwaitRollout(ctx_, client_, model_, patience_.look_again,
                   [this](const std::string& seen) {
                     progress_.Say("workloads", seen);
                     RETURN_IF_ERROR(LookForObject());
                     return LookForHindrance(
                         [this] { return ListUnready(ctx_, client_, model_); });
                   });
  const absl::Status& status = running.status();
  if (!status.ok()) {
    if (result_.lost) return false;
    if (absl::IsPermissionDenied(status)) return FailUnseen(status);
    if (absl::IsCancelled(OrEnd(status))) {
      return Fail("W&B is not running yet", OrEnd(status));
    }
    std::string summary = SayHindrance("W&B", "W&B is not running yet");
    const bool starting = ExplainWorkloads(Aftermath());
    if (starting && absl::IsDeadlineExceeded(status)) Say(kMoreTime);
    return Fail(std::move(summary),
                hindrance_.has_value() ? absl::OkStatus() : status);
  }
  if (running->seen == 0 && !FindObject()) return false;
  if (running->seen > 0 && running->meant_to_run == 0) {
    return Fail("W&B does not run",
                absl::FailedPreconditionError(absl::StrCat(
                    "Every workload with the labels ", selector,
                    " is scaled to 0 replicas. Find out why somebody stopped "
                    "them, and scale them up again.")));
  }
  if (running->seen == 0) {
    return Fail("The operator has made no workloads",
                absl::NotFoundError(absl::StrCat(
                    "No Deployment, StatefulSet or DaemonSet has the labels ",
                    selector, ".")));
  }
  return true;
}

bool Wait::AwaitUrl() {
  if (!wait_for_.url) return true;
  UrlWait wait(spec_look_.url());
  const absl::Status answered =
      wait.Await(ctx_, patience_.look_again, [this](const std::string& seen) {
        progress_.Say("an answer from the URL", seen);
        return LookForObject();
      });
  if (answered.ok()) return true;
  if (result_.lost) return false;
  if (!absl::IsCancelled(answered)) {
    LearnSecrets(Aftermath());
    SayAll(wait.Explain(Aftermath(), client_, model_));
  }
  return Fail("W&B does not answer at its URL",
              absl::IsCancelled(answered) ? answered : absl::OkStatus());
}

// Whether they are all starting, and only need more time.
bool Wait::ExplainWorkloads(const base::Context& ctx) {
  LearnSecrets(ctx);
  const JobReport jobs = LookAtJobs(ctx, client_, model_, written_);
  SayAll(jobs.failed);
  const WorkloadReport report = WhyNotRolledOut(ctx, client_, model_, written_);
  SayAll(report.lines);
  SayAll(jobs.running);
  Say(jobs.unseen);
  return report.starting && jobs.failed.empty();
}

}  // namespace

Readiness AwaitInstance(const base::Context& ctx, kube::Client& client,
                        const Desired& desired, const WrittenObject& written,
                        const Patience& patience) {
  return Wait(ctx, client, desired, written, patience).Run();
}

}  // namespace resources
