#include "resources/instance/spec_look.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/managed_spec.h"
#include "resources/instance/nudge.h"
#include "resources/instance/operator_events.h"
#include "resources/instance/standing_fault.h"
#include "resources/spec/effective.h"
#include "wandb/chart/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/readiness.h"

namespace resources {

using base::Json;

SpecLook::SpecLook(kube::Client& client, const Desired& desired,
                   WrittenObject written, const Patience& patience)
    : client_(client),
      desired_(desired),
      written_(std::move(written)),
      patience_(patience),
      started_(absl::Now()),
      counts_from_(written_.time) {}

bool SpecLook::MayBeIdle() const {
  return !tried_to_nudge_ &&
         absl::Now() - started_ >= patience_.with_idle_operator;
}

void SpecLook::NudgeIfIdle(const base::Context& ctx, const Json& object,
                           const OperatorEvents& events, bool invalid) {
  if (tried_to_nudge_) return;
  const bool stands_since_before =
      !written_.is_new ||
      (events.failed != absl::InfinitePast() && events.failed < counts_from_);
  const bool failed_before =
      invalid && events.failed >= events.begun && stands_since_before;
  const bool idle = MayBeIdle() && events.begun < counts_from_;
  if (!failed_before && !idle) return;
  tried_to_nudge_ = true;
  nudged_ = Nudge(ctx, client_, object, written_.field_manager);
  if (!nudged_) return;
  counts_from_ = std::max(counts_from_, events.begun);
  invalid_since_ = absl::Now();
}

bool SpecLook::IsAboutOurWrite(const OperatorEvents& events) {
  const absl::Time now = absl::Now();
  const bool over = events.failed >= events.begun;
  if (over && events.begun > counts_from_) return true;
  if (events.failed != failed_) invalid_since_ = now;
  failed_ = events.failed;
  invalid_since_ = std::min(invalid_since_, now);
  const bool none = failed_ == absl::InfinitePast();
  const bool may_be = !nudged_ && (none || (over && failed_ >= counts_from_));
  return now - invalid_since_ >=
         (may_be ? patience_.with_invalid_config : patience_.with_old_failure);
}

void SpecLook::Settle(const base::Context& ctx, const Json& object,
                      SpecState& seen) {
  if (takes_managed_spec_.has_value()) return;
  if (settled_ && seen.active == settled_over_) return;
  settled_ = true;
  settled_over_ = seen.active;
  SettleManagedSpec(ctx, client_, desired_, object, seen);
  if (seen.layers.takes_managed_spec) takes_managed_spec_ = true;
}

absl::StatusOr<bool> SpecLook::Look(const base::Context& ctx,
                                    const Json& object,
                                    const wandb::Scrubber& scrubber) {
  clashes_.clear();
  SpecState seen;
  const LiveLayers& layers = seen.layers;
  const wandb::EffectiveSpec& expected = seen.expected;
  const std::optional<wandb::SpecLayer>& active = seen.active;
  ASSIGN_OR_RETURN(seen.layers,
                   ReadLiveLayers(ctx, client_, desired_.model,
                                  takes_managed_spec_.value_or(false)));
  seen.expected = ExpectedSpec(desired_, object, layers);
  if (!expected.problems.empty()) Settle(ctx, object, seen);
  if (!expected.problems.empty()) {
    difference_.clear();
    clashes_ = expected.problems;
    return absl::FailedPreconditionError(
        "The operator cannot merge the specification: correct the values "
        "named above.");
  }
  ASSIGN_OR_RETURN(seen.active, ReadActiveSpec(ctx, client_, desired_.model,
                                               kube::UidOf(object)));
  if (!active.has_value() || !wandb::ActiveSpecMatches(*active, expected)) {
    Settle(ctx, object, seen);
  }
  url_ = UrlOf(expected.values, desired_.compiled.mask).value_or("");
  if (active.has_value() && wandb::ActiveSpecMatches(*active, expected)) {
    difference_.clear();
    return true;
  }
  difference_ = "The operator has applied no specification yet.";
  if (active.has_value()) {
    // Values are shortened: then it must be known already what is to be hidden.
    wandb::Scrubber all = scrubber;
    const wandb::Mask& mask = desired_.compiled.mask;
    all.Add(SecretsOfAll(object, layers, active, mask));
    difference_ = wandb::DescribeDifference(*active, expected, mask, all);
  }
  const bool invalid =
      base::StringAt(object, "/status/phase") == wandb::kPhaseInvalidConfig;
  if (!invalid) invalid_since_ = absl::InfiniteFuture();
  if (!invalid && !MayBeIdle()) return false;
  const OperatorEvents events = ReadOperatorEvents(ctx, client_, object);
  NudgeIfIdle(ctx, object, events, invalid);
  if (!invalid || !IsAboutOurWrite(events)) return false;
  if (expected.chart.is_null()) {
    const std::string pin = desired_.model.release_id.value_or("");
    return absl::FailedPreconditionError(
        pin.empty()
            ? kNoChart
            : absl::StrCat(kNoChart, " release_id is ", pin,
                           ": if the channel has no such release, it gives "
                           "none. The data source wandb_release_channel with "
                           "that release_id tells."));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "The operator reports \"Invalid Config\": chart ",
      wandb::DescribeChart(expected.chart),
      " cannot be fetched, or not be rendered with these values, or the API "
      "server refuses what it makes."));
}

}  // namespace resources
