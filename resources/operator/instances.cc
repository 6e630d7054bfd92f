#include "resources/operator/instances.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "resources/connection/look_context.h"
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
    } else if (!kube::IsTerminating(deployment) &&
               kube::EvaluateRunning(deployment).ready > 0) {
      operators.others.push_back(std::move(traits));
    }
  }
  return operators;
}

absl::StatusOr<kube::ObjectList> ListOperators(const base::Context& ctx,
                                               kube::Client& client) {
  return client.List(ctx, {"apps", "v1", "deployments", ""},
                     {.label_selector = wandb::kOperatorSelector});
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
    const OperatorModel& state, const base::Json& private_data,
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
  const Claimant who = {.id = IdOf(state), .record = private_data};
  const bool takes_any = std::any_of(
      all->begin(), all->end(),
      [&](const Sighting& seen) { return TakenByDestroy(seen, *all, who); });
  return takes_any ? *std::move(instances) : std::vector<std::string>();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> InstancesOf(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment, const InstanceFilter& counts) {
  absl::StatusOr<kube::ObjectList> instances, deployments;
  base::RunInParallel({[&] { instances = ListInstances(ctx, client); },
                       [&] { deployments = ListOperators(ctx, client); }});
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
    if (counts != nullptr && !counts(item)) continue;
    names.push_back(absl::StrCat(ns, "/", kube::NameOf(item)));
  }
  return names;
}

std::string WhyDefinitionIsHeld(const base::Context& ctx, kube::Client& client,
                                const std::vector<Sighting>& all) {
  const auto crd =
      std::find_if(all.begin(), all.end(), [](const Sighting& seen) {
        return kube::KindOf(seen.manifest) == "CustomResourceDefinition";
      });
  if (crd == all.end() || !crd->IsDying()) return "";
  absl::StatusOr<kube::ObjectList> instances, deployments;
  base::RunInParallel({[&] { instances = ListInstances(ctx, client); },
                       [&] { deployments = ListOperators(ctx, client); }});
  if (!instances.ok() || !deployments.ok()) return "";
  std::vector<wandb::OperatorTraits> operators;
  std::string start;
  for (const base::Json& deployment : deployments->items) {
    if (!wandb::IsOperatorDeployment(deployment) ||
        kube::IsTerminating(deployment)) {
      continue;
    }
    wandb::OperatorTraits traits = wandb::ReadOperatorDeployment(deployment);
    if (traits.replicas > 0) {
      operators.push_back(std::move(traits));
    } else {
      start = absl::StrCat(
          "kubectl scale deployment ", kube::NameOf(deployment),
          " --namespace=", kube::NamespaceOf(deployment), " --replicas=1");
    }
  }
  std::vector<std::string> lines;
  std::string example;
  for (const base::Json& item : instances->items) {
    const std::string ns = kube::NamespaceOf(item);
    const std::vector<std::string> finalizers = kube::FinalizersOf(item);
    if (std::find(finalizers.begin(), finalizers.end(), wandb::kFinalizer) ==
            finalizers.end() ||
        std::any_of(operators.begin(), operators.end(),
                    [&ns](const auto& each) { return each.Watches(ns); })) {
      continue;
    }
    lines.push_back(absl::StrCat("  ", ns, "/", kube::NameOf(item), ": ",
                                 absl::StrJoin(finalizers, ", ")));
    if (example.empty()) {
      example = absl::StrCat("kubectl patch ", wandb::kCrdName, " ",
                             kube::NameOf(item), " --namespace=", ns);
    }
  }
  if (lines.empty()) return "";
  return absl::StrCat(
      kube::Describe(crd->ref), " ", kube::DescribeDeletion(crd->live),
      ". It goes once its instances are gone, and these have finalizers that "
      "only an operator takes away; none runs, and none can be made before the "
      "definition is made anew:\n",
      absl::StrJoin(lines, "\n"),
      start.empty() ? ""
                    : absl::StrCat("\n\nOne is stopped. To start it:\n  ",
                                   start, "\nOr do its work:"),
      "\n\nThe instances cannot be kept. Save what you need of them, and take "
      "the finalizers away, of each as of the first:\n  ",
      example,
      " --type=merge --patch='{\"metadata\":{\"finalizers\":null}}'\n"
      "What their operator made for them (workloads, Services, volumes) stays "
      "then: delete by hand what is not needed. After that, "
      "apply again.");
}

void WarnOfHeldDefinition(const base::Context& ctx, kube::Client& client,
                          const std::vector<Sighting>& all,
                          tf::Diagnostics& diags) {
  const std::string why = WhyDefinitionIsHeld(ctx, client, all);
  if (why.empty()) return;
  diags.AddWarning("Apply will fail: instances hold the definition", why);
}

std::string InstancesInTheWay(const std::vector<std::string>& instances,
                              const base::Json& private_data) {
  return absl::StrCat(
      "No other operator runs these instances, and without one their deletion "
      "never ends: ",
      absl::StrJoin(instances, ", "),
      ". Destroy those that are yours first (set operator = "
      "wandb_operator.NAME.id on each wandb_instance, so that the order is "
      "right). If they are to go on without an operator, or get another one "
      "later, set force_destroy = true and apply before destroying.",
      private_data.empty()
          ? " A tainted operator is replaced by each apply: run \"tofu "
            "untaint\" "
            "(or \"terraform untaint\") on it first, and the apply goes on "
            "with it."
          : "");
}

void CheckReplacement(const base::Context& ctx, const Session& session,
                      tf::PlanCall<OperatorModel>& call) {
  if (!call.prior.has_value()) return;
  const OperatorModel& prior = *call.prior;
  const OperatorModel& planned = call.planned;
  if (!planned.ns.IsKnown() || !planned.name.IsKnown() ||
      IdOf(planned) == IdOf(prior)) {
    return;
  }
  const auto instances = InstancesThatForbidDestroy(LookContext(ctx), session,
                                                    prior, call.private_data);
  if (instances.empty()) return;
  const bool renamed = planned.name.value() != prior.name.value();
  call.diags.AddError(
      renamed ? "name" : "namespace",
      absl::StrCat("Operator ", IdOf(prior), " cannot be replaced"),
      absl::StrCat("A change of ", renamed ? "name" : "namespace",
                   " destroys the operator and makes another one. ",
                   InstancesInTheWay(instances, call.private_data),
                   " Otherwise keep its name and namespace."));
}

void WarnOfReplacement(const base::Context& ctx, const Session& session,
                       tf::PlanCall<OperatorModel>& call) {
  OperatorModel old = call.planned;
  old.force_destroy = false;  // What counts is what the state says.
  const auto instances = InstancesThatForbidDestroy(LookContext(ctx), session,
                                                    old, call.private_data);
  if (instances.empty()) return;
  call.diags.AddWarning(
      absl::StrCat("Replacement of operator ", IdOf(old),
                   " will fail while instances exist"),
      absl::StrCat(InstancesInTheWay(instances, call.private_data),
                   "\n\nThis is how it is now: the replacement works if they "
                   "are gone by then. A change of an argument needs none: it "
                   "updates the operator in place."));
}

void WarnOfInstances(const base::Context& ctx, const Session& session,
                     tf::PlanDestroyCall<OperatorModel>& call) {
  const auto instances = InstancesThatForbidDestroy(
      LookContext(ctx), session, call.state, call.private_data,
      [&session](const base::Json& instance) {
        return !kube::HasApplied(instance, session.field_manager());
      });
  if (instances.empty()) return;
  call.diags.AddWarning(
      absl::StrCat("Destroy of operator ", IdOf(call.state),
                   " will fail while instances exist"),
      absl::StrCat(InstancesInTheWay(instances, call.private_data),
                   "\n\nThis is how it is now: the destroy works if they are "
                   "gone by then."));
}

std::vector<std::string> OperatorsBeside(const base::Context& ctx,
                                         kube::Client& client,
                                         const kube::ObjectRef& deployment) {
  std::vector<std::string> lines;
  const auto deployments = ListOperators(ctx, client);
  if (!deployments.ok()) return lines;
  for (const base::Json& each : deployments->items) {
    const kube::ObjectRef ref =
        kube::DeploymentRef(kube::NamespaceOf(each), kube::NameOf(each));
    const bool own = ref.name == deployment.name && ref.ns == deployment.ns;
    if (own || !wandb::IsOperatorDeployment(each)) continue;
    const wandb::OperatorTraits traits = wandb::ReadOperatorDeployment(each);
    if (traits.replicas == 0) continue;
    const auto& namespaces = traits.namespaces;
    lines.push_back(absl::StrCat(
        kube::Describe(ref), " watches ",
        namespaces.has_value() && !namespaces->empty()
            ? absl::StrCat("the namespaces ", absl::StrJoin(*namespaces, ", "))
            : "every namespace"));
  }
  return lines;
}

void WarnOfOperatorsBeside(const std::vector<std::string>& lines,
                           const std::string& id, tf::Diagnostics& diags) {
  if (lines.empty()) return;
  diags.AddWarning(
      absl::StrCat("Operator ", id, " is not the only one in the cluster"),
      absl::StrCat(
          "It runs the instances of every namespace, and others run some of "
          "them, too:\n  ",
          absl::StrJoin(lines, "\n  "),
          "\n\nTwo operators that run the same instance undo each other's "
          "work. Keep one of them. (One that is stopped, with 0 replicas, does "
          "no harm.)"));
}

}  // namespace resources
