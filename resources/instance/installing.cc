#include "resources/instance/installing.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"
#include "resources/instance/operator_events.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/operator_quotes.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

using base::Json;

// The clocks of two machines differ by less.
constexpr absl::Duration kClockSkew = absl::Seconds(30);

bool WatchesFrom(const Json& deployment, const std::string& ns) {
  return wandb::IsOperatorDeployment(deployment) &&
         wandb::ReadOperatorDeployment(deployment).Watches(ns);
}

// As a Deployment whose pods are like it.
Json AsDeployment(const Json& pod) {
  Json deployment;
  if (const Json* spec = base::Find(pod, "/spec")) {
    deployment["spec"]["template"]["spec"] = *spec;
  }
  return deployment;
}

// Whether no process of `pod` runs: it has ended, has no node, or each of its
// containers waits or has ended.
bool IsStill(const Json& pod) {
  const std::string phase = base::StringAt(pod, "/status/phase").value_or("");
  if (phase == "Succeeded" || phase == "Failed") return true;
  const Json* statuses = base::Find(pod, "/status/containerStatuses");
  if (statuses == nullptr || !statuses->is_array() || statuses->empty()) {
    return phase == "Pending" &&
           !base::StringAt(pod, "/spec/nodeName").has_value();
  }
  return phase != "Unknown" &&
         std::all_of(statuses->begin(), statuses->end(), [](const Json& each) {
           return base::Find(each, "/state/waiting") != nullptr ||
                  base::Find(each, "/state/terminated") != nullptr;
         });
}

// Whether `pods` has one of `deployment`.
bool HasPod(const std::vector<Json>& pods, const Json& deployment) {
  const std::string prefix = absl::StrCat(kube::NameOf(deployment), "-");
  return std::any_of(pods.begin(), pods.end(), [&](const Json& pod) {
    return kube::NamespaceOf(pod) == kube::NamespaceOf(deployment) &&
           absl::StartsWith(kube::NameOf(pod), prefix);
  });
}

// Whether for certain no process of an operator that watches `ns` runs. Pods
// tell, also those that outlive their Deployment; a Deployment that wants some,
// and has none that could be seen, may get one at any time.
bool NoOperatorRuns(const base::Context& ctx, kube::Client& client,
                    const std::string& ns) {
  const auto deployments = client.List(
      ctx, {"apps", "v1", "deployments", ""},
      {.label_selector = wandb::kOperatorSelector, .keep = [&](Json& each) {
         return WatchesFrom(each, ns) && !kube::IsTerminating(each) &&
                wandb::ReadOperatorDeployment(each).replicas != 0;
       }});
  if (!deployments.ok()) return false;
  const auto pods = client.List(
      ctx, kube::PodsIn(""),
      {.label_selector = wandb::kOperatorSelector, .keep = [&](Json& each) {
         return WatchesFrom(AsDeployment(each), ns);
       }});
  return pods.ok() &&
         std::all_of(pods->items.begin(), pods->items.end(), &IsStill) &&
         std::all_of(
             deployments->items.begin(), deployments->items.end(),
             [&](const Json& each) { return HasPod(pods->items, each); });
}

// Whether the operator has found nothing to uninstall since `deleted`, in the
// words of Helm.
bool HasFoundNothing(const base::Context& ctx, kube::Client& client,
                     const InstanceModel& model, absl::Time deleted) {
  const std::string words =
      absl::StrCat(model.name.value(), ": release: not found");
  const auto errors =
      ReadOperatorErrors(ctx, client,
                         LookAtOperator(ctx, client, model).deployment, model,
                         deleted)
          .errors;
  return std::any_of(errors.begin(), errors.end(),
                     [&](const wandb::OperatorError& each) {
                       return absl::StrContains(each.error, words);
                     });
}

}  // namespace

bool MayStillInstall(const base::Context& ctx, kube::Client& client,
                     const InstanceModel& model, const Json& live) {
  absl::Time deleted;
  std::string error;
  if (!absl::ParseTime(
          absl::RFC3339_full,
          base::StringAt(live, "/metadata/deletionTimestamp").value_or(""),
          &deleted, &error)) {
    return true;
  }
  return !NoOperatorRuns(ctx, client, model.ns.value()) &&
         !HasFoundNothing(ctx, client, model, deleted) &&
         ReadOperatorEvents(ctx, client, live).begun <= deleted + kClockSkew;
}

}  // namespace resources
