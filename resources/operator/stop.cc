#include "resources/operator/stop.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "kube/ssa/update.h"
#include "resources/operator/fit.h"
#include "resources/operator/operators.h"
#include "resources/operator/update.h"
#include "resources/report.h"
#include "resources/trial.h"

namespace resources {
namespace {

constexpr char kReplicas[] = ".spec.replicas";
constexpr size_t kShownFields = 10;

// Whether an update by `rules` neither overrules `entry` nor takes its fields.
bool StandsInTheWay(const kube::ManagerEntry& entry,
                    const ssa::UpdateRules& rules) {
  return entry.manager != rules.manager &&
         !rules.may_force(
             {.manager = entry.manager, .operation = entry.operation}) &&
         std::none_of(
             rules.sources.begin(), rules.sources.end(),
             [&entry](const auto& source) { return source.from(entry); });
}

// What keeps the next apply from changing the Deployment, its replicas first.
std::vector<kube::FieldConflict> Obstacles(const Operation& op,
                                           const std::vector<Sighting>& all,
                                           const ssa::UpdateRules& rules) {
  const Sighting& seen = DeploymentOf(all);
  std::vector<kube::FieldConflict> found;
  bool others = false;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(seen.live)) {
    if (!StandsInTheWay(entry, rules)) continue;
    others = true;
    const std::vector<std::string> paths = kube::PathsOfFields(entry.fields);
    if (std::find(paths.begin(), paths.end(), kReplicas) == paths.end()) {
      continue;
    }
    found.push_back({.field = kReplicas,
                     .manager = entry.manager,
                     .operation = entry.operation,
                     .time = entry.time});
  }
  if (!others) return {};
  std::vector<kube::FieldConflict> more = HeldSources(seen, rules);
  const base::Json manifest =
      FittedManifest(seen, all, op.session.field_manager());
  const absl::Status tried = TryApply(
      op.ctx, op.client, seen.ref, WithClashingSources(seen, manifest), rules);
  for (kube::FieldConflict& each : ssa::RefusedConflicts(tried, rules)) {
    more.push_back(std::move(each));
  }
  for (kube::FieldConflict& each : more) {
    if (each.field != kReplicas) found.push_back(std::move(each));
  }
  return found;
}

std::string WhoStopped(const std::vector<kube::FieldConflict>& obstacles) {
  std::set<std::string> names;
  for (const kube::FieldConflict& each : obstacles) {
    if (each.field == kReplicas) {
      names.insert(absl::StrCat("\"", each.manager, "\""));
    }
  }
  return names.empty() ? "somebody" : absl::StrJoin(names, " and ");
}

// What the next apply makes of it.
std::string Outlook(const Operation& op, const std::vector<Sighting>& all,
                    const Claimant& who, const OperatorModel& state) {
  constexpr char kFindOut[] = "Find out why ";
  const Sighting& seen = DeploymentOf(all);
  if (ClaimTo(seen, all, who) != Claim::kOurs) {
    return absl::StrCat(kFindOut,
                        "somebody stopped it: an apply leaves this Deployment, "
                        "which this resource did not make, as it is.");
  }
  // After its end another one is made.
  std::vector<kube::FieldConflict> obstacles;
  if (!seen.IsDying()) {
    obstacles = Obstacles(
        op, all, RulesOfUpdate(seen, who, op.session.field_manager(), state));
  }
  if (obstacles.empty()) {
    return absl::StrCat(kFindOut,
                        "somebody stopped it: the next apply starts it again.");
  }
  const std::string stopper = WhoStopped(obstacles);
  const size_t more =
      obstacles.size() > kShownFields ? obstacles.size() - kShownFields : 0;
  obstacles.resize(obstacles.size() - more);
  return absl::StrCat(
      kFindOut, stopper,
      " stopped it: an apply starts it again only once other managers have "
      "given up these fields, or with force_conflicts = true on this "
      "wandb_operator:\n",
      ConflictLines(obstacles),
      more > 0 ? absl::StrCat("\n  and ", more, " more") : "");
}

}  // namespace

void WarnOfStop(const Operation& op, const std::vector<Sighting>& all,
                const Claimant& who, const OperatorModel& state) {
  const kube::ObjectRef& deployment = DeploymentOf(all).ref;
  const auto beside = OperatorsBeside(op.ctx, op.client, deployment);
  const std::string outlook = Outlook(op, all, who, state);
  std::string text;
  if (!beside.ok()) {
    text = absl::StrCat(
        "Unless another operator does, which cannot be seen, nothing runs the "
        "instances of this one. ",
        outlook);
  } else if (beside->empty()) {
    text =
        absl::StrCat("Nothing runs the instances of this operator. ", outlook);
  } else {
    text = absl::StrCat(
        "Instances are run by others meanwhile:\n  ",
        absl::StrJoin(*beside, "\n  "), "\n\n", outlook, "\n\n", kUndone,
        "If the other one has taken its place, forget this one with removed { "
        "lifecycle { destroy = false } }, or destroy it.");
  }
  // The instances need not say it any more.
  op.session.said().First(StoppedOperator(deployment));
  op.diags.AddWarning(
      absl::StrCat(kube::Describe(deployment), " is scaled to 0 replicas"),
      text);
}

}  // namespace resources
