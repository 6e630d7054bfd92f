#include "resources/instance/specification_read.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/layer_changes.h"
#include "resources/instance/managed_spec.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/workloads.h"
#include "resources/namespace.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;

bool IsInvalidConfig(const InstanceModel& state) {
  return state.phase.value_or("") == wandb::kPhaseInvalidConfig;
}

// The cause first: `faults` of the operator are that of a specification that it
// does not apply, and beside the point where it says itself what is wrong.
std::string DetailOf(const StandingFault& fault,
                     const std::vector<OperatorFault>& faults) {
  std::vector<std::string> causes, remarks;
  for (const OperatorFault& why : faults) {
    const bool cause =
        !fault.advice.empty() && why.kind != OperatorFault::Kind::kMisnamed;
    (cause ? causes : remarks)
        .push_back(absl::StrCat(why.summary, ". ", why.detail));
  }
  std::vector<std::string> parts = causes;
  parts.push_back(fault.detail);
  if (!fault.outlook.empty()) {
    parts.push_back(causes.empty()
                        ? absl::StrCat(fault.advice, " ", fault.outlook)
                        : fault.outlook);
  }
  parts.insert(parts.end(), remarks.begin(), remarks.end());
  return absl::StrJoin(parts, "\n\n");
}

class SpecificationRead {
 public:
  SpecificationRead(const Operation& op, const Desired& wrote, const Json& live,
                    RecordedLayers& recorded, InstanceModel& state)
      : op_(op),
        wrote_(wrote),
        live_(live),
        recorded_(recorded),
        state_(state),
        scrubber_(op.scrubber) {}

  bool Run();

 private:
  // Records what was seen.
  void Note(const SpecState& seen);
  // That the layers may not be read.
  void WarnOfUnread(const absl::Status& status);
  void SetEffectiveFrom();
  // What keeps the operator from applying it until somebody acts.
  void WarnOfFault(const StandingFault& fault);
  void SetReady(const SpecState& seen);
  // Asks whether the namespace is being deleted, once.
  void LookAtNamespace() {
    if (std::exchange(looked_at_namespace_, true)) return;
    dying_ = FindDyingNamespace(op_.ctx, op_.client, state_.ns.value());
  }
  // Says that it is, if so; nothing else that is wrong matters then.
  bool IsDying();
  void Warn(const StandingFault& fault) {
    op_.diags.AddWarning(fault.summary, scrubber_.Scrub(fault.detail));
  }

  const Operation& op_;
  const Desired& wrote_;
  const Json& live_;
  RecordedLayers& recorded_;
  InstanceModel& state_;
  EarlierSpec earlier_;
  wandb::Scrubber scrubber_;  // Knows the secrets of all layers, once read.
  bool looked_at_namespace_ = false;
  std::optional<DyingNamespace> dying_;
};

bool SpecificationRead::IsDying() {
  if (!dying_.has_value()) return false;
  state_.ready = false;
  Warn({absl::StrCat("Instance ", IdOf(state_), ": ", dying_->summary),
        absl::StrCat(dying_->detail,
                     "\n\nready is false. An instance that is gone is planned "
                     "to be created; its apply needs the namespace again, "
                     "which create_namespace = true makes.")});
  return true;
}

void SpecificationRead::Note(const SpecState& seen) {
  const wandb::Mask& mask = wrote_.compiled.mask;
  EarlierSpec before = {.user_input = recorded_.user_input,
                        .channel = recorded_.channel,
                        .managed_spec = recorded_.managed_spec,
                        .effective_values = state_.effective_values,
                        .version = state_.version};
  seen.layers.RecordIn(recorded_, mask);
  if (!before.IsOver(recorded_)) earlier_ = std::move(before);
  const auto secrets = SecretsOfAll(live_, seen.layers, seen.active, mask);
  op_.session.secrets()->Add(secrets);
  scrubber_.Add(secrets);
}

void SpecificationRead::WarnOfUnread(const absl::Status& status) {
  const bool ever_seen = recorded_.KnowBase(state_);
  const bool waits = state_.wait.value();
  op_.diags.AddWarning(
      absl::StrCat("The operator's Secrets of ", IdOf(state_),
                   " cannot be read"),
      absl::StrCat("The effective values of ", IdOf(state_),
                   ever_seen ? " are computed from what was last seen"
                             : " cannot be told",
                   waits ? ", and an apply that changes something cannot tell "
                           "whether it is ready (wait = true). "
                         : ". ",
                   Explain(status, op_.session, op_.scrubber,
                           waits ? WaitRules(state_) : SecretsRule(state_))));
}

void SpecificationRead::SetEffectiveFrom() {
  if (!recorded_.KnowBase(state_)) return;
  const wandb::EffectiveSpec spec = EffectiveOfLive(wrote_, live_, recorded_);
  // On a clash the operator still runs what it had.
  if (spec.problems.empty()) SetEffective(spec, wrote_.compiled.mask, state_);
}

void SpecificationRead::WarnOfFault(const StandingFault& fault) {
  std::vector<OperatorFault> faults;
  // Requests more, where somebody waits for the operator.
  if (state_.wait.value()) {
    OperatorLook look;
    base::RunInParallel(
        {[&] { look = LookAtOperator(op_.ctx, op_.client, state_); },
         [&] { LookAtNamespace(); }});
    if (IsDying()) return;
    faults = std::move(look.faults);
  }
  for (OperatorFault& why : faults) {
    if (!why.IsNew(op_.session.said(), IdOf(state_))) {
      why.detail = "Another warning says more.";
    }
  }
  Warn({fault.summary, DetailOf(fault, faults)});
}

void SpecificationRead::SetReady(const SpecState& seen) {
  const bool all_read = seen.layers.KnowBase();
  const WaitFor wait_for = WaitFor::Of(state_.wait_for);
  if (!all_read && !seen.layers.channel_fault.ok()) {
    Warn(BrokenCachedRelease(state_, seen.layers.channel_fault));
  }
  WarnOfManagedSpec(op_, state_, seen.layers, recorded_);
  // Without all layers it cannot be told what the operator must be applying,
  // but those that there are may tell that it cannot.
  const std::optional<StandingFault> fault =
      all_read
          ? FindStandingFault(state_, seen, wrote_.compiled.mask, scrubber_)
          : FindClash(state_, seen);
  if (fault.has_value()) {
    WarnOfFault(*fault);
    state_.ready = false;
    // The plan need not say them again.
    for (const wandb::Problem& clash : seen.expected.problems) {
      if (!dying_.has_value()) {
        op_.session.said().First(ClashCause(state_, clash));
      }
    }
  } else if (all_read && state_.wait.value() && !wait_for.url &&
             !state_.ready.value_or(false) && !IsInvalidConfig(state_)) {
    WorkloadLook look{.ready = true};
    base::RunInParallel({[&] {
                           if (!wait_for.workloads) return;
                           look = LookAtWorkloads(op_.ctx, op_.client, state_);
                         },
                         [&] { LookAtNamespace(); }});
    if (IsDying()) return;
    state_.ready = look.ready;
    // Looked at in any case, so the reason costs nothing.
    if (!look.why_not.empty()) {
      Warn({absl::StrCat("Instance ", IdOf(state_), " is not ready"),
            absl::StrCat(look.why_not,
                         "\n\nready is false, and the next apply waits "
                         "again.")});
    }
  }
}

bool SpecificationRead::Run() {
  absl::StatusOr<SpecState> seen = absl::UnknownError("not read");
  std::vector<std::function<void()>> looks = {[&] {
    seen = ReadSpecState(op_.ctx, op_.client, wrote_, live_,
                         TakesManagedSpec(op_.session, state_, recorded_));
  }};
  // Beside the others it takes no time, and nothing else may speak against it.
  if (state_.ready.value_or(false)) {
    looks.emplace_back([&] { LookAtNamespace(); });
  }
  base::RunInParallel(looks);
  const bool dying = IsDying();
  if (seen.ok()) {
    SettleManagedSpec(op_.ctx, op_.client, wrote_, live_, *seen);
    Note(*seen);
  } else if (IsBrokenContent(seen.status())) {
    // Somebody else's mistake: no reason to stop every plan. What was said of
    // this layer before does not hold any more.
    recorded_.NoteBroken(seen.status());
    op_.session.said().First(InputCause(state_, recorded_.user_input_fault));
    state_.ready = false;
    Warn(BrokenUserInput(state_, seen.status()));
    return false;
  } else if (absl::IsPermissionDenied(seen.status())) {
    WarnOfUnread(seen.status());
  } else {
    ReportStatus(absl::StrCat("Cannot read the layers of the specification of ",
                              IdOf(state_)),
                 OfFixedTime(seen.status()), op_.session, op_.scrubber,
                 op_.diags);
    return false;
  }
  SetEffectiveFrom();
  tf::Diagnostics news;
  WarnOfLayerChanges(earlier_, recorded_, state_, news);
  for (const tf::Diagnostic& each : news.items()) {
    Warn({each.summary, each.detail});
  }
  if (seen.ok() && !dying) SetReady(*seen);
  if (IsInvalidConfig(state_)) state_.ready = false;
  return seen.ok();
}

}  // namespace

bool ReadSpecification(const Operation& op, const Desired& wrote,
                       const Json& live, RecordedLayers& recorded,
                       InstanceModel& state) {
  return SpecificationRead(op, wrote, live, recorded, state).Run();
}

}  // namespace resources
