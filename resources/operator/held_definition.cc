#include "resources/operator/held_definition.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"
#include "resources/operator/instances.h"
#include "resources/operator/operators.h"
#include "wandb/custom_resource.h"
#include "wandb/operator_manifests.h"

namespace resources {

std::string WhyDefinitionIsHeld(const base::Context& ctx, kube::Client& client,
                                const std::vector<Sighting>& all) {
  const auto crd =
      std::find_if(all.begin(), all.end(), [](const Sighting& seen) {
        return kube::KindOf(seen.manifest) == "CustomResourceDefinition";
      });
  if (crd == all.end() || !crd->IsDying()) return "";
  const InstancesLook look = LookForInstances(ctx, client);
  if (!look.instances.ok() || !look.operators.ok()) return "";
  std::vector<wandb::OperatorTraits> operators;
  std::string start;
  for (const SeenOperator& each : *look.operators) {
    if (each.IsWanted()) {
      operators.push_back(each.traits);
    } else if (!each.dying) {
      start =
          absl::StrCat("kubectl scale deployment ", each.deployment.name,
                       " --namespace=", each.deployment.ns, " --replicas=1");
    }
  }
  std::vector<std::string> lines;
  std::string example;
  for (const base::Json& item : look.instances->items) {
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

}  // namespace resources
