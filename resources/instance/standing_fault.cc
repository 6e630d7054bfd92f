#include "resources/instance/standing_fault.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/object_ref.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/readiness.h"

namespace resources {
namespace {

// Until somebody has acted. What has never been applied runs nothing.
std::string UntilThen(bool applied_before) {
  return absl::StrCat(
      "Until then ready is false",
      applied_before ? ", and W&B runs with what was applied last." : ".");
}

}  // namespace

absl::StatusOr<SpecState> ReadSpecState(const base::Context& ctx,
                                        kube::Client& client,
                                        const Desired& desired,
                                        const base::Json& live,
                                        bool takes_managed_spec) {
  const InstanceModel& model = desired.model;
  absl::StatusOr<LiveLayers> layers;
  absl::StatusOr<std::optional<wandb::SpecLayer>> active;
  base::RunInParallel(
      {[&] { layers = ReadLiveLayers(ctx, client, model, takes_managed_spec); },
       [&] {
         active = ReadActiveSpec(ctx, client, model, kube::UidOf(live));
       }});
  SpecState seen;
  ASSIGN_OR_RETURN(seen.layers, std::move(layers));
  seen.expected = ExpectedSpec(desired, live, seen.layers);
  // The operator passes over one that it cannot read, and applies again.
  if (IsBrokenContent(active.status())) return seen;
  ASSIGN_OR_RETURN(seen.active, std::move(active));
  return seen;
}

std::string ClashCause(const InstanceModel& model,
                       const wandb::Problem& clash) {
  return absl::StrCat("clash of ", IdOf(model), ": ", clash.id, " at ",
                      clash.path);
}

std::string InputCause(const InstanceModel& model, absl::string_view fault) {
  return absl::StrCat("user input of ", IdOf(model), ": ", fault);
}

std::string ClashLines(const std::vector<wandb::Problem>& problems) {
  return absl::StrJoin(problems, "\n",
                       [](std::string* out, const wandb::Problem& problem) {
                         out->append(problem.message);
                       });
}

std::optional<StandingFault> FindClash(const InstanceModel& model,
                                       const SpecState& seen) {
  if (seen.expected.problems.empty()) return std::nullopt;
  return StandingFault{
      absl::StrCat("The operator cannot merge the specification of ",
                   IdOf(model)),
      absl::StrCat(ClashLines(seen.expected.problems),
                   "\n\nCorrect one of the two sources. ",
                   UntilThen(seen.active.has_value()))};
}

std::optional<StandingFault> FindStandingFault(
    const InstanceModel& model, const SpecState& seen, const wandb::Mask& mask,
    const wandb::Scrubber& scrubber) {
  const std::string id = IdOf(model);
  const std::string until_then = UntilThen(seen.active.has_value());
  if (auto clash = FindClash(model, seen)) return clash;
  const bool applied = seen.active.has_value() &&
                       wandb::ActiveSpecMatches(*seen.active, seen.expected);
  const std::string difference =
      seen.active.has_value() ? wandb::DescribeDifference(
                                    *seen.active, seen.expected, mask, scrubber)
                              : "It has applied none yet.";
  if (model.phase.value_or("") == wandb::kPhaseInvalidConfig) {
    const std::string summary =
        absl::StrCat("The operator reports \"Invalid Config\" for ", id);
    if (seen.expected.chart.is_null()) {
      return StandingFault{summary, absl::StrCat(kNoChart, "\n\n", until_then)};
    }
    return StandingFault{
        summary,
        absl::StrCat("The chart cannot be fetched or rendered with these "
                     "values, or the API server refuses what it makes; the "
                     "operator's log says why. It tries again within the hour.",
                     applied ? "" : "\n", applied ? "" : difference, "\n\n",
                     until_then)};
  }
  if (applied) return std::nullopt;
  return StandingFault{
      absl::StrCat("The operator has not applied the specification of ", id),
      difference,
      "If it does not soon, check that the operator runs and watches this "
      "namespace.",
      until_then};
}

StandingFault BrokenUserInput(const InstanceModel& model,
                              const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) {
    return {
        absl::StrCat("The user input of ", IdOf(model), " cannot be looked at"),
        absl::StrCat(status.message(),
                     ".\n\nIt is what the System Console writes. The "
                     "operator may well read it, but this provider cannot "
                     "tell what comes of it, nor whether it is applied. "
                     "Make it smaller or less deep.")};
  }
  return {
      absl::StrCat("The operator cannot read the user input of ", IdOf(model)),
      absl::StrCat(status.message(),
                   ".\n\nIt is what the System Console writes, and the "
                   "operator applies nothing while it cannot read it. "
                   "Correct the Secret, or delete it: the operator makes "
                   "an empty one, without the settings of the System "
                   "Console. Until then ready is false, and what was applied "
                   "before stays as it is.")};
}

StandingFault BrokenCachedRelease(const InstanceModel& model,
                                  const absl::Status& status) {
  return {
      absl::StrCat("The cached release of ", IdOf(model), " cannot be read"),
      absl::StrCat(status.message(),
                   ".\n\nThe effective values are computed from what was "
                   "last seen. The operator passes over it, and writes it "
                   "anew at its next answer from the release channel. If "
                   "this stays, look why it gets none.")};
}

}  // namespace resources
