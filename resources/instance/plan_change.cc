#include "resources/instance/plan_change.h"

#include <algorithm>

#include "base/json.h"
#include "wandb/chart/mask.h"
#include "wandb/leaf_map.h"
#include "wandb/spec/others.h"
#include "wandb/unknown.h"

namespace resources {

using base::Json;

bool IsSameClash(const wandb::Problem& clash, const wandb::Problem& finding) {
  return clash.id == finding.id && clash.path == finding.path;
}

std::vector<wandb::Problem> TakeStandingClashes(const Desired& before,
                                                const Desired& wanted,
                                                const RecordedLayers& layers,
                                                wandb::Evaluation& evaluation) {
  std::vector<wandb::Problem> standing;
  if (evaluation.effective.problems.empty()) return standing;
  const auto known = EvaluateOver(before, layers).effective.problems;
  for (const wandb::Problem& clash : evaluation.effective.problems) {
    const auto path = wandb::ParsePath(clash.path);
    if (!path.ok()) continue;
    const Json* old = wandb::FindPath(before.compiled.values, *path);
    const Json* now = wandb::FindPath(wanted.compiled.values, *path);
    const bool untouched = (old == nullptr) == (now == nullptr) &&
                           (old == nullptr || *old == *now);
    if (untouched &&
        std::find(known.begin(), known.end(), clash) != known.end()) {
      standing.push_back(clash);
    }
  }
  std::erase_if(evaluation.findings, [&](const wandb::Problem& finding) {
    return std::any_of(standing.begin(), standing.end(),
                       [&](const wandb::Problem& clash) {
                         return IsSameClash(clash, finding);
                       });
  });
  return standing;
}

bool ShowsPlaceholders(const Desired& before, const Desired& wanted,
                       const RecordedLayers& layers) {
  const wandb::Mask& old = before.compiled.mask;
  const wandb::Mask& mask = wanted.compiled.mask;
  if (mask.HidesAllOf(old)) return false;
  // Metadata and all that no list names, too.
  if (before.model.masking.value() != wanted.model.masking.value()) return true;
  bool shows = false;
  for (const auto* layer : {&layers.others, &layers.user_input, &layers.channel,
                            &layers.managed_spec}) {
    if (!layer->has_value()) continue;
    wandb::ForEachLeaf((*layer)->values, [&](const wandb::Path& path,
                                             const std::string&,
                                             const Json& leaf) {
      shows = shows || (old.IsSecret(path, leaf) && !mask.IsSecret(path, leaf));
    });
  }
  return shows;
}

bool LeavesMore(const Desired& before, const Desired& wanted) {
  return !wandb::LeaveToOthers(before.compiled.values,
                               wanted.compiled.left_paths)
              .left.is_null();
}

bool CanTry(const InstanceModel& prior, const Desired& wanted) {
  const InstanceModel& planned = wanted.model;
  return !wandb::HasUnknown(wanted.compiled.values) &&
         !wandb::HasUnknown(wanted.compiled.chart) &&
         !planned.labels.IsUnknown() && !planned.annotations.IsUnknown() &&
         planned.ns.IsKnown() && planned.name.IsKnown() &&
         !planned.ignore_paths.IsUnknown() && IdOf(planned) == IdOf(prior) &&
         !planned.force_conflicts.IsUnknown() &&
         !planned.force_conflict_paths.IsUnknown();
}

bool IsReplacement(const InstanceModel& planned, const InstanceModel& prior) {
  return !planned.ns.IsKnown() || !planned.name.IsKnown() ||
         IdOf(planned) != IdOf(prior);
}

bool WantsTheSame(const InstanceModel& planned, const Desired& wanted,
                  const Desired& before) {
  using Encoding = tf::Codec<InstanceModel>;
  InstanceModel same = before.model;
  same.wait = planned.wait;
  same.wait_for = planned.wait_for;
  same.wait_failure = planned.wait_failure;
  same.timeouts = planned.timeouts;
  same.checks = planned.checks;
  same.check_levels = planned.check_levels;
  same.settings = planned.settings;
  same.values_yaml = planned.values_yaml;
  same.values = planned.values;
  same.ignore_paths = planned.ignore_paths;
  same.on_stuck_finalizer = planned.on_stuck_finalizer;
  same.delete_kept = planned.delete_kept;
  same.sensitive_values = planned.sensitive_values;
  return Encoding::Encode(same) == Encoding::Encode(planned) &&
         !wandb::HasUnknown(wanted.compiled.values) &&
         wanted.compiled.values == before.compiled.values;
}

}  // namespace resources
