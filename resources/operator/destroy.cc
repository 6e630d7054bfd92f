#include "resources/operator/destroy.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/connection/connect.h"
#include "resources/generation_guard.h"
#include "resources/namespace.h"
#include "resources/namespace_end.h"
#include "resources/operator/definition_end.h"
#include "resources/operator/instances.h"
#include "resources/operator/objects.h"
#include "resources/operator/ownership.h"
#include "resources/operator/private_data.h"
#include "resources/operator/rights.h"
#include "resources/operator/stages.h"
#include "resources/report.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;

class OperatorDestroy {
 public:
  OperatorDestroy(const Operation& op, base::Turns& turns, bool on_v2,
                  tf::DeleteCall<OperatorModel>& call)
      : op_(op),
        turns_(turns),
        on_v2_(on_v2),
        call_(call),
        who_{.id = IdOf(call.state),
             .record = OperatorRecord::FromJson(call.private_data)} {}

  void Run(std::vector<Json> manifests);

 private:
  // Each returns false after an error.
  bool Look(const std::vector<Json>& manifests);
  bool CheckInstances();
  // Looks for instances, and lets the Deployment go before another destroy
  // looks: it would take this operator for one that goes on running them.
  bool StopRunning();
  // `requested`, the answer to a DELETE: false after an error.
  bool MayGoOn(const Sighting& seen, const absl::Status& requested);
  bool AwaitEnd(const Sighting& seen);
  // `gone`, what came of waiting for that: false after an error.
  bool HasGone(const Sighting& seen, const absl::Status& gone);
  // Deletes what is ours, each as it was seen: who has begun to use an object
  // since keeps it.
  bool DeleteRest(const std::vector<Json>& manifests);
  // The same, as far as nothing changes meanwhile; `changed` if something did.
  bool DeleteSeen(bool& changed);
  // What does not need each other, at the same time.
  bool Delete(const Stage& stage, bool& changed);

  // Whether it is deleted.
  bool IsOurs(const Sighting& seen) const {
    return TakenByDestroy(seen, all_, who_);
  }
  void WarnOfOthers();
  void Report(absl::string_view summary, const absl::Status& status) {
    ReportStatus(summary, status, op_.session, op_.scrubber, op_.diags);
  }

  const Operation& op_;
  base::Turns& turns_;
  const bool on_v2_;
  tf::DeleteCall<OperatorModel>& call_;
  const Claimant who_;
  std::vector<Sighting> all_;
};

bool OperatorDestroy::Look(const std::vector<Json>& manifests) {
  auto all = LookAt(op_.ctx, op_.client, manifests);
  if (!all.ok()) {
    op_.diags.AddError(
        absl::StrCat("Cannot look for the objects of operator ", who_.id),
        WhyRefused(op_, {Deed::Kind::kLook, manifests}, all.status()));
    return false;
  }
  all_ = *std::move(all);
  return true;
}

bool OperatorDestroy::CheckInstances() {
  const bool takes_any =
      std::any_of(all_.begin(), all_.end(),
                  [this](const Sighting& seen) { return IsOurs(seen); });
  if (!takes_any || call_.state.force_destroy.value()) return true;
  const auto watched = WatchedBy(op_.ctx, op_.client, DeploymentOf(all_).ref);
  if (!watched.ok()) {
    Report(absl::StrCat("Cannot look for the instances of operator ", who_.id),
           watched.status());
    return false;
  }
  const std::vector<std::string> instances = Needing(*watched);
  if (instances.empty()) return true;
  op_.diags.AddError(absl::StrCat("Operator ", who_.id,
                                  " cannot be destroyed: instances still "
                                  "exist"),
                     InstancesInTheWay(instances, who_.record));
  return false;
}

void OperatorDestroy::WarnOfOthers() {
  for (const Sighting& seen : all_) {
    if (!seen.exists() || UsedIfPresent(seen.manifest) || IsOurs(seen)) {
      continue;
    }
    const std::vector<std::string> others = AlsoFor(seen, all_);
    if (!others.empty() && ClaimTo(seen, all_, who_) == Claim::kOurs) {
      op_.diags.AddWarning(
          absl::StrCat(kube::Describe(seen.ref), " was kept"),
          absl::StrCat("It gives rights to ", absl::StrJoin(others, ", "),
                       ", too. Delete it by hand if nobody needs it."));
      continue;
    }
    const MadeBy maker = WhoMade(seen, all_, who_);
    op_.diags.AddWarning(
        absl::StrCat(kube::Describe(seen.ref), " was kept"),
        maker.text.empty() || maker.id == who_.id
            ? "It is not the one that this resource made. Delete it by hand if "
              "it is not needed."
            : absl::StrCat("It belongs to ", maker.text, "."));
  }
}

bool OperatorDestroy::MayGoOn(const Sighting& seen,
                              const absl::Status& requested) {
  if (requested.ok() || kube::IsStale(requested)) return true;
  std::vector<Json> ours;
  for (const Sighting& each : all_) {
    if (IsOurs(each)) ours.push_back(each.manifest);
  }
  op_.diags.AddError(absl::StrCat("Cannot delete ", kube::Describe(seen.ref)),
                     WhyRefused(op_, {Deed::Kind::kDelete, ours}, requested));
  return false;
}

bool OperatorDestroy::StopRunning() {
  const auto turn = turns_.Take(op_.ctx);
  if (!turn.ok()) {
    Report(absl::StrCat("Operator ", who_.id,
                        " was not destroyed: it waited for the destroy of "
                        "another one"),
           turn.status());
    return false;
  }
  if (!on_v2_ && !CheckInstances()) return false;
  const Sighting& deployment = DeploymentOf(all_);
  if (!IsOurs(deployment)) return true;
  // Its controller writes to it all the time: the uid must do.
  return MayGoOn(
      deployment,
      op_.client.Delete(op_.ctx, deployment.ref,
                        {.uid = kube::UidOf(deployment.live),
                         .propagation = kube::Propagation::kForeground}));
}

bool OperatorDestroy::AwaitEnd(const Sighting& seen) {
  return HasGone(seen, kube::AwaitGone(op_.ctx, op_.client, seen.ref,
                                       kube::UidOf(seen.live)));
}

bool OperatorDestroy::HasGone(const Sighting& seen, const absl::Status& gone) {
  if (gone.ok()) return true;
  Report(absl::StrCat("Cannot delete ", kube::Describe(seen.ref)), gone);
  return false;
}

bool OperatorDestroy::DeleteSeen(bool& changed) {
  changed = false;
  // Backwards. The Deployment is gone already.
  std::vector<Stage> stages = StagesOf(all_);
  stages.pop_back();
  for (; !stages.empty(); stages.pop_back()) {
    if (!Delete(stages.back(), changed)) return false;
    // Who has begun to use a binding needs its role, too.
    if (changed) return true;
  }
  return true;
}

bool OperatorDestroy::Delete(const Stage& stage, bool& changed) {
  struct End {
    absl::Status requested, gone;
  };
  std::vector<const Sighting*> ours;
  for (const Sighting* seen : stage.objects) {
    if (IsOurs(*seen)) ours.push_back(seen);
  }
  std::vector<End> ends(ours.size());
  std::vector<std::function<void()>> tasks;
  for (size_t i = 0; i < ours.size(); ++i) {
    tasks.emplace_back([&, i] {
      const Sighting& seen = *ours[i];
      ends[i].requested = op_.client.Delete(
          op_.ctx, seen.ref,
          {.uid = kube::UidOf(seen.live),
           .resource_version = kube::ResourceVersionOf(seen.live),
           .propagation = kube::Propagation::kForeground});
      if (!ends[i].requested.ok()) return;
      ends[i].gone = kube::AwaitGone(op_.ctx, op_.client, seen.ref,
                                     kube::UidOf(seen.live));
    });
  }
  base::RunInParallel(tasks);
  bool ok = true;
  std::set<absl::StatusCode> said;
  for (size_t i = 0; i < ours.size(); ++i) {
    const auto& [requested, gone] = ends[i];
    const absl::Status& failed = requested.ok() ? gone : requested;
    changed = changed || kube::IsStale(requested);
    // One report of what is wrong with all of them is enough.
    if (IsAboutAllWrites(failed) && !said.insert(failed.code()).second) {
      continue;
    }
    ok = MayGoOn(*ours[i], requested) && HasGone(*ours[i], gone) && ok;
  }
  return ok;
}

bool OperatorDestroy::DeleteRest(const std::vector<Json>& manifests) {
  bool changed = true;
  while (changed) {
    if (absl::Status ended = op_.ctx.Check(); !ended.ok()) {
      Report(absl::StrCat("Cannot delete the objects of operator ", who_.id),
             ended);
      return false;
    }
    const Json deployment = DeploymentOf(all_).live;
    if (!Look(manifests)) return false;
    // Its account tells what of the rest an import takes.
    for (Sighting& seen : all_) {
      if (seen.key == DeploymentOf(all_).key && !seen.exists()) {
        seen.live = deployment;
      }
    }
    if (!DeleteSeen(changed)) return false;
  }
  return true;
}

void OperatorDestroy::Run(std::vector<Json> manifests) {
  for (Json& left : LeftOvers(call_.state.objects, manifests)) {
    manifests.push_back(std::move(left));
  }
  std::reverse(manifests.begin(), manifests.end());
  if (!Look(manifests)) return;
  const bool ends_definition = !on_v2_ && EndsDefinition(call_.state);
  if (ends_definition && !MayDeleteDefinition(op_, who_.id)) return;
  if (!StopRunning()) return;
  const NamespaceOf own{.ns = call_.state.arguments.values.ns,
                        .owner = who_.id,
                        .makes = call_.state.arguments.values.create_namespace,
                        .session = op_.session,
                        .scrubber = op_.scrubber};
  if (IsOurs(DeploymentOf(all_)) && !AwaitEnd(DeploymentOf(all_))) return;
  if (!DeleteRest(manifests)) return;
  if (ends_definition && !DeleteDefinition(op_, who_.id)) return;
  WarnOfOthers();
  if (on_v2_) {
    if (CreatedNamespace(call_.private_data).empty()) return;
    // Its objects are of many kinds.
    op_.diags.AddWarning(
        absl::StrCat("Namespace \"", call_.state.arguments.values.ns,
                     "\" was kept"),
        "The cluster belongs to operator v2, which may have objects there. "
        "Delete it by hand if it is empty.");
    return;
  }
  DeleteOwnNamespace(op_.ctx, op_.client, own, call_.private_data, op_.diags);
}

}  // namespace

void DestroyOperator(const base::Context& parent, const Session& session,
                     base::Turns& turns, tf::DeleteCall<OperatorModel>& call) {
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.state.timeouts, &Timeouts::del, kDefaultOperatorTimeout));
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  // The instances there are those of v2, which need no controller of v1.
  const auto on_v2 = StillOnOperatorV2(ctx, session, client, call.private_data);
  if (!on_v2.ok()) {
    return ReportStatus("Cannot look whose cluster this is", on_v2.status(),
                        session, wandb::Scrubber(), call.diags);
  }
  auto manifests = wandb::OperatorManifests(
      SettingsOf(call.state).value_or(wandb::OperatorSettings()));
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
  const wandb::Scrubber scrubber;
  const Operation op = {ctx, *client, session, scrubber, call.diags};
  OperatorDestroy(op, turns, *on_v2, call).Run(*std::move(manifests));
}

}  // namespace resources
