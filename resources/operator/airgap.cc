#include "resources/operator/airgap.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

bool NamesNoChart(base::Json& instance) {
  const base::Json* chart = base::Find(instance, "/spec/chart");
  const bool none = chart == nullptr || chart->empty();
  instance.erase("spec");
  instance.erase("status");
  return none;
}

}  // namespace

bool TurnsAirgapped(const tf::PlanCall<OperatorModel>& call) {
  const OperatorArguments& planned = call.planned.arguments;
  if (!planned.Knows("airgapped") || !planned.values.airgapped) return false;
  return !call.prior.has_value() || !call.prior->arguments.values.airgapped;
}

absl::StatusOr<std::vector<std::string>> InstancesWithoutChart(
    const base::Context& ctx, kube::Client& client,
    const base::Json& deployment) {
  ASSIGN_OR_RETURN(const kube::ObjectList instances,
                   client.List(ctx,
                               {wandb::kGroup, wandb::kVersion, wandb::kPlural,
                                "", wandb::kKind},
                               {.keep = &NamesNoChart}));
  const auto traits = wandb::ReadOperatorDeployment(deployment);
  std::vector<std::string> names;
  for (const base::Json& each : instances.items) {
    const std::string ns = kube::NamespaceOf(each);
    if (kube::IsTerminating(each) || !traits.Watches(ns)) continue;
    names.push_back(absl::StrCat(ns, "/", kube::NameOf(each)));
  }
  return names;
}

void WarnOfAirgap(const std::string& id,
                  const absl::StatusOr<std::vector<std::string>>& instances,
                  tf::Diagnostics& diags) {
  if (!instances.ok() || instances->empty()) return;
  diags.AddWarning(
      "airgapped",
      absl::StrCat("Operator ", id, " will have no chart for instances"),
      absl::StrCat(
          "An air-gapped operator does not ask the release channel, and these "
          "instances, as they are now, have their chart from there:\n  ",
          absl::StrJoin(*instances, "\n  "),
          "\n\nWhat runs of them stays, but the operator applies no change to "
          "them any more: their phase becomes Invalid Config (unless the "
          "System Console's input names a chart). First give each a chart that "
          "the cluster can reach, and airgapped = true (chart and airgapped of "
          "wandb_instance), and apply that; then make the operator "
          "air-gapped."));
}

}  // namespace resources
