#include "resources/operator/operators.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "kube/deletion.h"
#include "kube/rollout.h"

namespace resources {

absl::StatusOr<std::vector<SeenOperator>> LookForOperators(
    const base::Context& ctx, kube::Client& client) {
  ASSIGN_OR_RETURN(const kube::ObjectList deployments,
                   client.List(ctx, {"apps", "v1", "deployments", ""},
                               {.label_selector = wandb::kOperatorSelector}));
  std::vector<SeenOperator> operators;
  for (const base::Json& each : deployments.items) {
    if (!wandb::IsOperatorDeployment(each)) continue;
    operators.push_back({.deployment = kube::DeploymentRef(
                             kube::NamespaceOf(each), kube::NameOf(each)),
                         .traits = wandb::ReadOperatorDeployment(each),
                         .dying = kube::IsTerminating(each),
                         .ready = kube::EvaluateRunning(each).ready > 0});
  }
  return operators;
}

absl::StatusOr<std::vector<std::string>> OperatorsBeside(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment) {
  ASSIGN_OR_RETURN(const std::vector<SeenOperator> operators,
                   LookForOperators(ctx, client));
  std::vector<std::string> lines;
  for (const SeenOperator& each : operators) {
    if (each.deployment == deployment || !each.IsWanted()) continue;
    const auto& namespaces = each.traits.namespaces;
    lines.push_back(absl::StrCat(
        kube::Describe(each.deployment), " watches ",
        namespaces.has_value() && !namespaces->empty()
            ? absl::StrCat("the namespaces ", absl::StrJoin(*namespaces, ", "))
            : "every namespace"));
  }
  return lines;
}

void WarnOfOperatorsBeside(
    const absl::StatusOr<std::vector<std::string>>& lines,
    const std::string& id, const Session& session, tf::Diagnostics& diags) {
  if (!lines.ok() || lines->empty()) return;
  const std::string summary =
      absl::StrCat("Operator ", id, " is not the only one in the cluster");
  // The plan that core makes in an apply has said it before the apply does.
  if (!session.said().First(summary)) return;
  diags.AddWarning(
      summary,
      absl::StrCat(
          "It runs the instances of every namespace, and others run some of "
          "them, too:\n  ",
          absl::StrJoin(*lines, "\n  "), "\n\n", kUndone,
          "Keep one of them. (One that is stopped, with 0 replicas, does no "
          "harm.)"));
}

void WarnOfOperatorsOfSamePlan(const std::string& id,
                               std::set<std::string> others,
                               tf::Diagnostics& diags) {
  if (others.empty()) return;
  others.insert(id);
  diags.AddWarning(
      absl::StrCat("The plan makes ", others.size(),
                   " operators: ", absl::StrJoin(others, ", ")),
      absl::StrCat("Each of them runs the instances of every namespace. ",
                   kUndone, "Keep one of them: it is enough for a cluster."));
}

}  // namespace resources
