#include "resources/operator/instances.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "resources/look_context.h"
#include "resources/operator/objects.h"
#include "resources/operator/ownership.h"
#include "wandb/custom_resource.h"
#include "wandb/operator_deployment.h"
#include "wandb/operator_manifests.h"

namespace resources {

namespace {

// What the operators in the cluster say of themselves.
struct Operators {
  wandb::OperatorTraits own;  // Watches all if its Deployment wasn't seen.
  std::vector<wandb::OperatorTraits> others;  // Those that run.
};

Operators OperatorsAmong(const std::vector<base::Json>& deployments,
                         const kube::ObjectRef& own) {
  Operators operators;
  operators.own.namespaces = std::vector<std::string>();
  for (const base::Json& deployment : deployments) {
    if (!wandb::IsOperatorDeployment(deployment)) continue;
    wandb::OperatorTraits traits = wandb::ReadOperatorDeployment(deployment);
    if (kube::NameOf(deployment) == own.name &&
        kube::NamespaceOf(deployment) == own.ns) {
      operators.own = std::move(traits);
    } else if (kube::EvaluateRunning(deployment).ready > 0) {
      operators.others.push_back(std::move(traits));
    }
  }
  return operators;
}

// Whether there is a controller manager that a destroy would take away.
bool Runs(const base::Context& ctx, kube::Client& client,
          const kube::ObjectRef& deployment,
          const tf::PlanCall<OperatorModel>& call) {
  const auto live = client.Get(ctx, deployment);
  if (!live.ok()) return false;
  const Sighting seen = {ObjectKey(*live), deployment, *live, *live};
  return ClaimTo(seen, {seen},
                 {.id = IdOf(*call.prior), .record = call.private_data}) ==
         Claim::kOurs;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> InstancesOf(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment) {
  absl::StatusOr<kube::ObjectList> instances, deployments;
  base::RunInParallel(
      {[&] {
         instances = client.List(
             ctx,
             {wandb::kGroup, wandb::kVersion, wandb::kPlural, "", wandb::kKind},
             {.keep = [](base::Json& instance) {
               instance.erase("spec");
               instance.erase("status");
               return true;
             }});
       },
       [&] {
         deployments =
             client.List(ctx, {"apps", "v1", "deployments", ""},
                         {.label_selector = wandb::kOperatorSelector});
       }});
  std::vector<std::string> names;
  if (kube::IsKindNotServed(instances.status())) return names;
  if (!instances.ok()) return instances.status();
  const Operators operators = OperatorsAmong(
      deployments.ok() ? deployments->items : std::vector<base::Json>(),
      deployment);
  for (const base::Json& item : instances->items) {
    const std::string ns = kube::NamespaceOf(item);
    const bool others =
        std::any_of(operators.others.begin(), operators.others.end(),
                    [&ns](const auto& each) { return each.Watches(ns); });
    if (others || !operators.own.Watches(ns)) continue;
    names.push_back(absl::StrCat(ns, "/", kube::NameOf(item)));
  }
  return names;
}

std::string InstancesInTheWay(const std::vector<std::string>& instances) {
  return absl::StrCat(
      "No other operator runs these instances, and without one their deletion "
      "never ends: ",
      absl::StrJoin(instances, ", "),
      ". Destroy those that are yours first (set operator = "
      "wandb_operator.NAME.id on each wandb_instance, so that the order is "
      "right). If they are to go on without an operator, or get another one "
      "later, set force_destroy = true and apply before destroying.");
}

void CheckReplacement(const base::Context& ctx, const Session& session,
                      tf::PlanCall<OperatorModel>& call) {
  if (!call.prior.has_value() || session.ConfigUnknown()) return;
  const OperatorModel& prior = *call.prior;
  const OperatorModel& planned = call.planned;
  if (!planned.ns.IsKnown() || !planned.name.IsKnown() ||
      IdOf(planned) == IdOf(prior) || prior.force_destroy.value_or(false)) {
    return;
  }
  const auto client = session.Kube();
  if (!client.ok()) return;
  const base::Context look = LookContext(ctx);
  wandb::OperatorSettings settings;
  settings.name = prior.name.value();
  const kube::ObjectRef deployment = kube::DeploymentRef(
      prior.ns.value(), wandb::OperatorDeploymentName(settings));
  bool runs = false;
  absl::StatusOr<std::vector<std::string>> instances;
  base::RunInParallel(
      {[&] { runs = Runs(look, **client, deployment, call); },
       [&] { instances = InstancesOf(look, **client, deployment); }});
  if (!runs || !instances.ok() || instances->empty()) return;
  const bool renamed = planned.name.value() != prior.name.value();
  call.diags.AddError(
      renamed ? "name" : "namespace",
      absl::StrCat("Operator ", IdOf(prior), " cannot be replaced"),
      absl::StrCat("A change of ", renamed ? "name" : "namespace",
                   " destroys the operator and makes another one. ",
                   InstancesInTheWay(*instances),
                   " Otherwise keep its name and namespace."));
}

}  // namespace resources
