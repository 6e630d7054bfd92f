#include "resources/operator/held_definition.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"
#include "resources/operator/instances.h"
#include "resources/operator/operators.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/settings.h"

namespace resources {

namespace {

// The command that starts an operator which somebody stopped, or "".
std::string StartCommand(const std::vector<SeenOperator>& operators) {
  for (const SeenOperator& each : operators) {
    if (each.IsWanted() || each.dying) continue;
    return absl::StrCat("kubectl scale deployment ", each.deployment.name,
                        " --namespace=", each.deployment.ns, " --replicas=1");
  }
  return "";
}

// Whether an operator lets go of instances in `ns`.
bool IsRun(const std::string& ns, const std::vector<SeenOperator>& operators) {
  return std::any_of(operators.begin(), operators.end(),
                     [&ns](const SeenOperator& each) {
                       return each.IsWanted() && each.traits.Watches(ns);
                     });
}

// The instances that nobody lets go.
struct Held {
  std::vector<std::string> lines;
  std::string example;  // The command for the first one.
};

Held HeldInstances(const std::vector<base::Json>& instances,
                   const std::vector<SeenOperator>& operators) {
  Held held;
  for (const base::Json& item : instances) {
    const std::string ns = kube::NamespaceOf(item);
    const std::vector<std::string> finalizers = kube::FinalizersOf(item);
    if (std::find(finalizers.begin(), finalizers.end(), wandb::kFinalizer) ==
            finalizers.end() ||
        IsRun(ns, operators)) {
      continue;
    }
    held.lines.push_back(absl::StrCat("  ", ns, "/", kube::NameOf(item), ": ",
                                      absl::StrJoin(finalizers, ", ")));
    if (!held.example.empty()) continue;
    held.example = absl::StrCat("kubectl patch ", wandb::kCrdName, " ",
                                kube::NameOf(item), " --namespace=", ns);
  }
  return held;
}

}  // namespace

std::string WhyDefinitionIsHeld(const Operation& op,
                                const std::vector<Sighting>& all) {
  const auto crd =
      std::find_if(all.begin(), all.end(), [](const Sighting& seen) {
        return kube::KindOf(seen.manifest) == "CustomResourceDefinition";
      });
  if (crd == all.end() || !crd->IsDying()) return "";
  const InstancesLook look = LookForInstances(op.ctx, op.client);
  if (!look.instances.ok() || !look.operators.ok()) return "";
  const Held held = HeldInstances(look.instances->items, *look.operators);
  if (held.lines.empty()) return "";
  const std::string start = StartCommand(*look.operators);
  return absl::StrCat(
      kube::Describe(crd->ref), " ", kube::DescribeDeletion(crd->live),
      ". It goes once its instances are gone, and these have finalizers that "
      "only an operator takes away; none runs, and none can be made before the "
      "definition is made anew:\n",
      absl::StrJoin(held.lines, "\n"),
      start.empty() ? ""
                    : absl::StrCat("\n\nOne is stopped. To start it:\n  ",
                                   start, "\nOr do its work:"),
      "\n\nThe instances cannot be kept. Save what you need of them, and take "
      "the finalizers away, of each as of the first:\n  ",
      held.example,
      " --type=merge --patch='{\"metadata\":{\"finalizers\":null}}'\n"
      "What their operator made for them (workloads, Services, volumes) stays "
      "then: delete by hand what is not needed. After that, "
      "apply again.");
}

void WarnOfHeldDefinition(const Operation& op,
                          const std::vector<Sighting>& all) {
  const std::string why = WhyDefinitionIsHeld(op, all);
  if (why.empty()) return;
  op.diags.AddWarning("Apply will fail: instances hold the definition", why);
}

}  // namespace resources
