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
#include "wandb/operator_deployment.h"
#include "wandb/operator_manifests.h"

namespace resources {

namespace {

std::string IdOfInstance(const base::Json& live) {
  return absl::StrCat(kube::NamespaceOf(live), "/", kube::NameOf(live));
}

// In all namespaces, by their metadata.
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

// The instances, of those that count, that a destroy of the operator in `state`
// takes something from. None with force_destroy, and none where that cannot be
// found out at once.
std::vector<std::string> InstancesThatForbidDestroy(
    const base::Context& look, const Session& session,
    const OperatorModel& state, const OperatorRecord& record,
    const InstanceFilter& counts = nullptr) {
  if (session.ConfigUnknown() || state.force_destroy.value()) return {};
  const auto client = session.Kube();
  const auto settings = SettingsOf(state);
  if (!client.ok() || !settings.has_value()) return {};
  const auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) return {};
  absl::StatusOr<std::vector<Sighting>> all;
  absl::StatusOr<std::vector<std::string>> instances;
  base::RunInParallel(
      {[&] { all = LookAt(look, **client, *manifests); },
       [&] {
         instances = InstancesOf(
             look, **client,
             kube::DeploymentRef(settings->ns,
                                 wandb::OperatorDeploymentName(*settings)),
             counts);
       }});
  if (!all.ok() || !instances.ok()) return {};
  const Claimant who = {.id = IdOf(state), .record = record};
  const bool takes_any = std::any_of(
      all->begin(), all->end(),
      [&](const Sighting& seen) { return TakenByDestroy(seen, *all, who); });
  return takes_any ? *std::move(instances) : std::vector<std::string>();
}

}  // namespace

InstancesLook LookForInstances(const base::Context& ctx, kube::Client& client) {
  InstancesLook look;
  base::RunInParallel(
      {[&] { look.instances = ListInstances(ctx, client); },
       [&] { look.operators = LookForOperators(ctx, client); }});
  return look;
}

absl::StatusOr<std::vector<std::string>> InstancesOf(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment, const InstanceFilter& counts) {
  const InstancesLook look = LookForInstances(ctx, client);
  std::vector<std::string> names;
  if (kube::IsKindNotServed(look.instances.status())) return names;
  if (!look.instances.ok()) return look.instances.status();
  wandb::OperatorTraits own;  // Watches all if its Deployment wasn't seen.
  own.namespaces = std::vector<std::string>();
  std::vector<wandb::OperatorTraits> others;
  if (look.operators.ok()) {
    for (const SeenOperator& each : *look.operators) {
      if (each.deployment == deployment) {
        own = each.traits;
      } else if (!each.dying && each.ready) {
        others.push_back(each.traits);
      }
    }
  }
  for (const base::Json& item : look.instances->items) {
    const std::string ns = kube::NamespaceOf(item);
    const bool is_run =
        std::any_of(others.begin(), others.end(),
                    [&ns](const auto& each) { return each.Watches(ns); });
    if (is_run || !own.Watches(ns)) continue;
    if (counts != nullptr && !counts(item)) continue;
    names.push_back(IdOfInstance(item));
  }
  return names;
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
      InstancesThatForbidDestroy(LookContext(ctx), session, prior, record);
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
      InstancesThatForbidDestroy(LookContext(ctx), session, old, record);
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
  const PlanNotes::Instances before = session.plan_notes().instances();
  std::set<std::string> ours;
  std::vector<std::string> in_the_way;
  for (std::string& instance : InstancesThatForbidDestroy(
           LookContext(ctx), session, call.state, record,
           [&](const base::Json& live) {
             if (kube::HasApplied(live, session.field_manager())) {
               ours.insert(IdOfInstance(live));
             }
             return true;
           })) {
    if (ours.count(instance) == 0) in_the_way.push_back(std::move(instance));
  }
  const PlanNotes::Instances planned =
      session.plan_notes().NoteOperatorGoes(id, ours, before);
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
