#include "resources/instance/spec_look.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/standing_fault.h"
#include "resources/spec/effective.h"
#include "wandb/chart/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/readiness.h"

namespace resources {
namespace {

using base::Json;

// How long "Invalid Config" must stand, without an event that dates it, before
// it is believed to be about our write.
constexpr absl::Duration kInvalidGrace = absl::Seconds(4);

// The same where the last event may be about what was there before our write:
// the operator looks again once its backoff is over, and then says so anew.
// Only for that Kubernetes has dropped the event, which it does with too many.
constexpr absl::Duration kStaleGrace = absl::Minutes(1);

// How long after our write the operator may still fail at what it has read
// before. The times of events have whole seconds, too.
constexpr absl::Duration kUnderWay = absl::Seconds(2);

}  // namespace

SpecLook::SpecLook(kube::Client& client, const Desired& desired,
                   absl::Time written)
    : client_(client), desired_(desired), written_(written) {}

// True: something newer than our write, or lasting, says that applying failed.
bool SpecLook::IsInvalidConfig(const base::Context& ctx) {
  const auto events =
      client_.List(ctx, kube::EventsIn(desired_.model.ns.value()),
                   {.field_selector = absl::StrCat(
                        "involvedObject.name=", desired_.model.name.value(),
                        ",reason=ApplyFailed")});
  absl::Duration grace = kInvalidGrace;
  if (events.ok()) {
    for (const Json& event : events->items) {
      const std::string when =
          base::StringAt(event, "/lastTimestamp")
              .value_or(base::StringAt(event, "/eventTime").value_or(""));
      absl::Time time;
      std::string error;
      if (!absl::ParseTime(absl::RFC3339_full, when, &time, &error)) continue;
      if (time > written_ + kUnderWay) return true;
      grace = kStaleGrace;
    }
  }
  const absl::Time now = absl::Now();
  invalid_since_ = std::min(invalid_since_, now);
  return now - invalid_since_ >= grace;
}

absl::StatusOr<bool> SpecLook::Look(const base::Context& ctx,
                                    const Json& object,
                                    const wandb::Scrubber& scrubber) {
  clashes_.clear();
  ASSIGN_OR_RETURN(const LiveLayers layers,
                   ReadLiveLayers(ctx, client_, desired_.model));
  const wandb::EffectiveSpec expected = ExpectedSpec(desired_, object, layers);
  if (!expected.problems.empty()) {
    difference_.clear();
    clashes_ = expected.problems;
    return absl::FailedPreconditionError(
        "The operator cannot merge the specification: correct the values "
        "named above.");
  }
  url_ = UrlOf(expected.values, desired_.compiled.mask).value_or("");
  ASSIGN_OR_RETURN(
      const auto active,
      ReadActiveSpec(ctx, client_, desired_.model, kube::UidOf(object)));
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
  if (base::StringAt(object, "/status/phase") != wandb::kPhaseInvalidConfig) {
    invalid_since_ = absl::InfiniteFuture();
    return false;
  }
  if (!IsInvalidConfig(ctx)) return false;
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
