#include "resources/instance/specification_read.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/workloads.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/spec.h"

namespace resources {
namespace {

using base::Json;

bool IsInvalidConfig(const InstanceModel& state) {
  return state.phase.value_or("") == wandb::kPhaseInvalidConfig;
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

  void Run();

 private:
  // Records what was seen.
  void Note(const SpecState& seen);
  // That the layers may not be read.
  void WarnOfUnread(const absl::Status& status);
  void SetEffectiveFrom();
  // What keeps the operator from applying it until somebody acts.
  void WarnOfFault(StandingFault fault);
  void SetReady(const SpecState& seen);
  void Warn(const StandingFault& fault) {
    op_.diags.AddWarning(fault.summary, scrubber_.Scrub(fault.detail));
  }

  const Operation& op_;
  const Desired& wrote_;
  const Json& live_;
  RecordedLayers& recorded_;
  InstanceModel& state_;
  wandb::Scrubber scrubber_;  // Knows the secrets of all layers, once read.
};

void SpecificationRead::Note(const SpecState& seen) {
  const wandb::Mask& mask = wrote_.compiled.mask;
  const RecordedLayers fresh = seen.layers.Recorded(mask);
  recorded_.user_input = fresh.user_input;
  recorded_.user_input_fault.clear();
  if (seen.layers.channel_fault.ok()) recorded_.channel = fresh.channel;
  const auto secrets = SecretsOfAll(live_, seen.layers, seen.active, mask);
  op_.session.secrets()->Add(secrets);
  scrubber_.Add(secrets);
}

void SpecificationRead::WarnOfUnread(const absl::Status& status) {
  const bool ever_seen =
      state_.airgapped.value() || recorded_.channel.has_value();
  const bool waits = state_.wait.value();
  op_.diags.AddWarning(
      "The operator's Secrets cannot be read",
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
  if (!state_.airgapped.value() && !recorded_.channel.has_value()) return;
  const wandb::EffectiveSpec spec = EffectiveOfLive(wrote_, live_, recorded_);
  // On a clash the operator still runs what it had.
  if (spec.problems.empty()) SetEffective(spec, wrote_.compiled.mask, state_);
}

void SpecificationRead::WarnOfFault(StandingFault fault) {
  // One request more, where somebody waits for the operator.
  if (state_.wait.value()) {
    for (const OperatorFault& why :
         LookAtOperator(op_.ctx, op_.client, state_).faults) {
      absl::StrAppend(&fault.detail, "\n\n", why.summary, ". ", why.detail);
    }
  }
  Warn(fault);
}

void SpecificationRead::SetReady(const SpecState& seen) {
  const bool all_read = seen.layers.channel_fault.ok();
  if (!all_read) Warn(BrokenCachedRelease(state_, seen.layers.channel_fault));
  // Without all layers it cannot be told what the operator must be applying,
  // but those that there are may tell that it cannot.
  const std::optional<StandingFault> fault =
      all_read
          ? FindStandingFault(state_, seen, wrote_.compiled.mask, scrubber_)
          : FindClash(state_, seen);
  if (fault.has_value()) {
    WarnOfFault(*fault);
    state_.ready = false;
  } else if (all_read && state_.wait.value() && !state_.ready.value_or(false) &&
             !IsInvalidConfig(state_)) {
    state_.ready = WorkloadsReady(op_.ctx, op_.client, state_);
  }
}

void SpecificationRead::Run() {
  const auto seen = ReadSpecState(op_.ctx, op_.client, wrote_, live_);
  if (seen.ok()) {
    Note(*seen);
  } else if (IsBrokenContent(seen.status())) {
    // Somebody else's mistake: no reason to stop every plan. What was said of
    // this layer before does not hold any more.
    recorded_.NoteBroken(seen.status());
    state_.ready = false;
    return Warn(BrokenUserInput(state_, seen.status()));
  } else if (absl::IsPermissionDenied(seen.status())) {
    WarnOfUnread(seen.status());
  } else {
    return ReportStatus("Cannot read the specification's layers",
                        OfFixedTime(seen.status()), op_.session, op_.scrubber,
                        op_.diags);
  }
  SetEffectiveFrom();
  if (seen.ok()) SetReady(*seen);
  if (IsInvalidConfig(state_)) state_.ready = false;
}

}  // namespace

void ReadSpecification(const Operation& op, const Desired& wrote,
                       const Json& live, RecordedLayers& recorded,
                       InstanceModel& state) {
  SpecificationRead(op, wrote, live, recorded, state).Run();
}

}  // namespace resources
