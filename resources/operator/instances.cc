#include "resources/operator/instances.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/look_context.h"
#include "wandb/custom_resource.h"
#include "wandb/operator_manifests.h"

namespace resources {

absl::StatusOr<std::vector<std::string>> InstancesOf(const base::Context& ctx,
                                                     kube::Client& client) {
  const auto list = client.List(
      ctx, {wandb::kGroup, wandb::kVersion, wandb::kPlural, ""}, {});
  std::vector<std::string> names;
  if (kube::IsKindNotServed(list.status())) return names;
  if (!list.ok()) return list.status();
  for (const base::Json& item : list->items) {
    names.push_back(
        absl::StrCat(kube::NamespaceOf(item), "/", kube::NameOf(item)));
  }
  return names;
}

std::string InstancesInTheWay(const std::vector<std::string>& instances) {
  return absl::StrCat(
      "The operator must finish the deletion of its instances: ",
      absl::StrJoin(instances, ", "),
      ". Destroy them first (set operator = wandb_operator.NAME.id "
      "on each wandb_instance, so that the order is right), or set "
      "force_destroy = true and apply before destroying.");
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
  base::RunInParallel({[&] { runs = (*client)->Get(look, deployment).ok(); },
                       [&] { instances = InstancesOf(look, **client); }});
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
