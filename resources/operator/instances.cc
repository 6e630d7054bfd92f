#include "resources/operator/instances.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/connection/look_context.h"
#include "resources/operator/objects.h"
#include "resources/operator/ownership.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/manifests.h"

namespace resources {

namespace {

std::string IdOfInstance(const base::Json& live) {
  return absl::StrCat(kube::NamespaceOf(live), "/", kube::NameOf(live));
}

kube::ObjectRef DeploymentOf(const wandb::OperatorSettings& settings) {
  return kube::DeploymentRef(settings.ns,
                             wandb::OperatorDeploymentName(settings));
}

// The instances of the operator in `state`, if a destroy of it takes something
// away. None with force_destroy, and none where that cannot be found out at
// once.
std::vector<WatchedInstance> WatchedByDoomed(const base::Context& look,
                                             const Session& session,
                                             const OperatorModel& state,
                                             const OperatorRecord& record) {
  if (session.ConfigUnknown() || state.force_destroy.value()) return {};
  const auto client = session.Kube();
  const auto settings = SettingsOf(state);
  if (!client.ok() || !settings.has_value()) return {};
  const auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) return {};
  absl::StatusOr<std::vector<Sighting>> all;
  absl::StatusOr<std::vector<WatchedInstance>> instances;
  base::RunInParallel({[&] { all = LookAt(look, **client, *manifests); },
                       [&] {
                         instances =
                             WatchedBy(look, **client, DeploymentOf(*settings));
                       }});
  if (!all.ok() || !instances.ok()) return {};
  const Claimant who = {.id = IdOf(state), .record = record};
  const bool takes_any = std::any_of(
      all->begin(), all->end(),
      [&](const Sighting& seen) { return TakenByDestroy(seen, *all, who); });
  return takes_any ? *std::move(instances) : std::vector<WatchedInstance>();
}

// Whether the state has a Deployment that the destroy would delete.
bool HasDeployment(const OperatorModel& state) {
  const kube::ObjectRef ref = DeploymentOf(state.arguments.values);
  return state.objects.IsKnown() &&
         state.objects.At(absl::StrCat("Deployment/", ref.ns, "/", ref.name))
             .IsKnown();
}

// The instances that only operators run of which all go, this one among them:
// those that surely stay.
struct Shared {
  std::vector<std::string> instances;
  std::set<std::string> operators;  // The Deployments of the others.
};

Shared SharedWith(const std::set<std::string>& going,
                  const std::vector<WatchedInstance>& watched,
                  const PlanNotes::Instances& plans,
                  const std::string& manager) {
  Shared shared;
  for (const WatchedInstance& each : watched) {
    std::set<std::string> others;
    for (const kube::ObjectRef& ref : each.run_by) {
      others.insert(kube::Describe(ref));
    }
    const auto plan = plans.find(each.id);
    const bool stays = plan == plans.end()
                           ? !kube::HasApplied(each.live, manager)
                           : plan->second == PlanNotes::Plan::kStays;
    if (!stays || others.empty() ||
        !std::includes(going.begin(), going.end(), others.begin(),
                       others.end())) {
      continue;
    }
    shared.instances.push_back(each.id);
    shared.operators.merge(others);
  }
  return shared;
}

void WarnOfShared(const std::string& id, const Shared& shared,
                  tf::Diagnostics& diags) {
  if (shared.instances.empty()) return;
  diags.AddWarning(
      absl::StrCat("Operator ", id,
                   " goes together with others that run the same instances"),
      absl::StrCat(
          "The plan destroys ", absl::StrJoin(shared.operators, ", "),
          ", too, and nobody else runs these instances: ",
          absl::StrJoin(shared.instances, ", "),
          ". Each operator alone could go. Of them all the last one is refused "
          "while the instances exist: without an operator their deletion never "
          "ends. Keep one, or destroy the instances first. If they are to go "
          "on without an operator, or get another one later, set force_destroy "
          "= true and apply before destroying.\n\nThis is how it is now: the "
          "destroy works if they are gone by then."));
}

}  // namespace

absl::StatusOr<kube::ObjectList> ListInstances(const base::Context& ctx,
                                               kube::Client& client) {
  const auto bare = [](base::Json& instance) {
    instance.erase("spec");
    instance.erase("status");
    return true;
  };
  return client.List(
      ctx, {wandb::kGroup, wandb::kVersion, wandb::kPlural, "", wandb::kKind},
      {.keep = bare});
}

InstancesLook LookForInstances(const base::Context& ctx, kube::Client& client) {
  InstancesLook look;
  base::RunInParallel(
      {[&] { look.instances = ListInstances(ctx, client); },
       [&] { look.operators = LookForOperators(ctx, client); }});
  return look;
}

absl::StatusOr<std::vector<WatchedInstance>> WatchedBy(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment) {
  const InstancesLook look = LookForInstances(ctx, client);
  std::vector<WatchedInstance> watched;
  if (kube::IsKindNotServed(look.instances.status())) return watched;
  if (!look.instances.ok()) return look.instances.status();
  wandb::OperatorTraits own;  // Watches all if its Deployment wasn't seen.
  own.namespaces = std::vector<std::string>();
  std::vector<SeenOperator> others;
  if (look.operators.ok()) {
    for (const SeenOperator& each : *look.operators) {
      if (each.deployment == deployment) {
        own = each.traits;
      } else if (!each.dying && each.ready) {
        others.push_back(each);
      }
    }
  }
  for (const base::Json& item : look.instances->items) {
    const std::string ns = kube::NamespaceOf(item);
    if (!own.Watches(ns)) continue;
    WatchedInstance instance = {.id = IdOfInstance(item), .live = item};
    for (const SeenOperator& each : others) {
      if (each.traits.Watches(ns)) instance.run_by.push_back(each.deployment);
    }
    watched.push_back(std::move(instance));
  }
  return watched;
}

std::vector<std::string> Needing(
    const std::vector<WatchedInstance>& instances) {
  std::vector<std::string> ids;
  for (const WatchedInstance& each : instances) {
    if (each.run_by.empty()) ids.push_back(each.id);
  }
  return ids;
}

std::string InstancesInTheWay(const std::vector<std::string>& instances,
                              const OperatorRecord& record) {
  return absl::StrCat(
      "No other operator runs these instances, and without one their deletion "
      "never ends: ",
      absl::StrJoin(instances, ", "),
      ". Destroy those that are yours first (set operator = "
      "wandb_operator.NAME.id on each wandb_instance, so that the order is "
      "right). If they are to go on without an operator, or get another one "
      "later, set force_destroy = true and apply before destroying.",
      record.IsEmpty()
          ? " A tainted operator is replaced by each apply: run \"tofu "
            "untaint\" "
            "(or \"terraform untaint\") on it first, and the apply goes on "
            "with it."
          : "");
}

void CheckReplacement(const base::Context& ctx, const Session& session,
                      tf::PlanCall<OperatorModel>& call) {
  const auto record = OperatorRecord::FromJson(call.private_data);
  if (!call.prior.has_value()) return;
  const OperatorModel& prior = *call.prior;
  const OperatorModel& planned = call.planned;
  if (!IsNamed(planned) || IdOf(planned) == IdOf(prior)) return;
  const auto instances =
      Needing(WatchedByDoomed(LookContext(ctx), session, prior, record));
  if (instances.empty()) return;
  const bool renamed =
      planned.arguments.values.name != prior.arguments.values.name;
  call.diags.AddError(
      renamed ? "name" : "namespace",
      absl::StrCat("Operator ", IdOf(prior), " cannot be replaced"),
      absl::StrCat("A change of ", renamed ? "name" : "namespace",
                   " destroys the operator and makes another one. ",
                   InstancesInTheWay(instances, record),
                   " Otherwise keep its name and namespace."));
}

void WarnOfReplacement(const base::Context& ctx, const Session& session,
                       tf::PlanCall<OperatorModel>& call) {
  const auto record = OperatorRecord::FromJson(call.private_data);
  OperatorModel old = call.planned;
  old.force_destroy = false;  // What counts is what the state says.
  const auto instances =
      Needing(WatchedByDoomed(LookContext(ctx), session, old, record));
  if (instances.empty()) return;
  call.diags.AddWarning(
      absl::StrCat("Replacement of operator ", IdOf(old),
                   " will fail while instances exist"),
      absl::StrCat(InstancesInTheWay(instances, record),
                   "\n\nThis is how it is now: the replacement works if they "
                   "are gone by then. A change of an argument needs none: it "
                   "updates the operator in place."));
}

void WarnOfInstances(const base::Context& ctx, const Session& session,
                     tf::PlanDestroyCall<OperatorModel>& call) {
  const auto record = OperatorRecord::FromJson(call.private_data);
  const std::string id = IdOf(call.state);
  PlanNotes& notes = session.plan_notes();
  const PlanNotes::Instances before = notes.instances();
  const auto watched =
      WatchedByDoomed(LookContext(ctx), session, call.state, record);
  if (HasDeployment(call.state)) {
    const auto going = notes.NoteDeploymentGoes(
        kube::Describe(DeploymentOf(call.state.arguments.values)));
    WarnOfShared(
        id,
        SharedWith(going, watched, notes.instances(), session.field_manager()),
        call.diags);
  }
  std::set<std::string> ours;
  std::vector<std::string> in_the_way;
  for (const WatchedInstance& each : watched) {
    if (!each.run_by.empty()) continue;
    if (kube::HasApplied(each.live, session.field_manager())) {
      ours.insert(each.id);
    } else {
      in_the_way.push_back(each.id);
    }
  }
  const PlanNotes::Instances planned = notes.NoteOperatorGoes(id, ours, before);
  for (const auto& [instance, plan] : planned) {
    if (plan == PlanNotes::Plan::kStays) {
      in_the_way.push_back(instance);
    } else {
      WarnOfOperatorThatGoes(id, instance, plan, call.diags);
    }
  }
  if (in_the_way.empty()) return;
  call.diags.AddWarning(
      absl::StrCat("Destroy of operator ", id,
                   " will fail while instances exist"),
      absl::StrCat(InstancesInTheWay(in_the_way, record),
                   "\n\nThis is how it is now: the destroy works if they are "
                   "gone by then."));
}

}  // namespace resources
