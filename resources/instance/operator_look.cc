#include "resources/instance/operator_look.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "kube/deletion.h"
#include "kube/status.h"
#include "resources/namespaced_name.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using Kind = OperatorFault::Kind;

constexpr char kNotRunning[] = "The W&B operator is not running";

kube::ObjectRef RefOf(const Json& deployment) {
  return kube::DeploymentRef(kube::NamespaceOf(deployment),
                             kube::NameOf(deployment));
}

OperatorFault Missing(const kube::ObjectRef& ref, const std::string& id) {
  return {Kind::kMissing, kNotRunning,
          absl::StrCat(kube::Describe(ref),
                       " does not exist, and operator = \"", id,
                       "\" stands for it. Install the operator (resource "
                       "wandb_operator), or correct the id.")};
}

// The operator of a Deployment, as `operator` names it; "" where its Deployment
// is called otherwise.
std::string OperatorIdOf(const Json& deployment) {
  std::string name = kube::NameOf(deployment);
  wandb::OperatorSettings settings;
  settings.name = "";
  absl::string_view rest = name;
  if (!absl::ConsumeSuffix(&rest, wandb::OperatorDeploymentName(settings)) ||
      rest.empty()) {
    return "";
  }
  return absl::StrCat(kube::NamespaceOf(deployment), "/", rest);
}

// `deployment` is that of the operator that runs the instance.
OperatorFault Misnamed(const kube::ObjectRef& ref, const std::string& named,
                       const Json& deployment) {
  const std::string id = OperatorIdOf(deployment);
  const std::string what = kube::Describe(RefOf(deployment));
  return {Kind::kMisnamed, absl::StrCat("There is no operator ", named),
          absl::StrCat(
              kube::Describe(ref), " does not exist, and operator = \"", named,
              "\" stands for it. ",
              id.empty() ? absl::StrCat("The operator of ", what)
                         : absl::StrCat(id, " (", what, ")"),
              " runs this instance: ",
              id.empty() ? "leave `operator` out."
                         : absl::StrCat("correct `operator`: operator = \"", id,
                                        "\".")),
          RefOf(deployment)};
}

OperatorFault None() {
  return {Kind::kNone, "No W&B operator was found",
          "No namespace has the Deployment of a W&B operator, so nothing acts "
          "on the custom resource. Install one (resource wandb_operator), and "
          "set operator = wandb_operator.NAME.id here."};
}

OperatorFault Dying(const kube::ObjectRef& ref, const Json& deployment) {
  return {
      Kind::kDying, kNotRunning,
      absl::StrCat(kube::Describe(ref), " ", kube::DescribeDeletion(deployment),
                   ". Find out who deleted it; to install the operator "
                   "again, apply its wandb_operator.")};
}

OperatorFault NoReplicas(const kube::ObjectRef& ref) {
  return {Kind::kNoReplicas, kNotRunning, StoppedOperator(ref)};
}

// "a, b and 3 more" of those that it watches.
std::string NamespacesOf(const wandb::OperatorTraits& traits) {
  constexpr size_t kShown = 10;
  std::vector<std::string> names = *traits.namespaces;
  const size_t more = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - more);
  return absl::StrCat(absl::StrJoin(names, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

OperatorFault Elsewhere(const kube::ObjectRef& ref,
                        const wandb::OperatorTraits& traits,
                        const std::string& ns) {
  const std::string cause = absl::StrCat(
      kube::Describe(ref), " is isolated: it watches only the namespaces ",
      NamespacesOf(traits), " (--isolation-namespaces). ");
  return {
      Kind::kElsewhere,
      absl::StrCat("The W&B operator does not watch namespace \"", ns, "\""),
      absl::StrCat(cause,
                   "Put the instance into one of them, or add its namespace "
                   "to those of the operator."),
      std::nullopt,
      absl::StrCat(cause,
                   "Add the instance's namespace to those of the operator "
                   "until the instance is gone.")};
}

// `others` are lines about operators of other namespaces, of which there are
// `count`.
OperatorFault NoneWatches(const std::vector<std::string>& others, size_t count,
                          const std::string& ns) {
  return {Kind::kNoneWatches,
          absl::StrCat("No W&B operator watches namespace \"", ns, "\""),
          absl::StrCat(
              "Those that there are watch other namespaces only "
              "(--isolation-namespaces):\n",
              absl::StrJoin(others, "\n"),
              count > others.size()
                  ? absl::StrCat("\n  and ", count - others.size(), " more")
                  : "",
              "\nSo nothing acts on the custom resource. Install an "
              "operator that watches this namespace (resource "
              "wandb_operator), or ask whoever runs one of these to "
              "add it.")};
}

// `how` says which operator it is, and that it is not, or is, air-gapped.
OperatorFault NotAirgapped(absl::string_view how) {
  return {Kind::kNotAirgapped,
          "The instance is air-gapped, and its W&B operator is not",
          absl::StrCat(how,
                       ", and airgapped = true stands here: it merges what the "
                       "release channel says into the specification, which is "
                       "then another than the planned one. Set airgapped = "
                       "true on the operator too, or leave it out here.")};
}

OperatorFault Airgapped(absl::string_view how) {
  return {Kind::kAirgapped,
          "The W&B operator is air-gapped, and the instance does not say so",
          absl::StrCat(how,
                       ": it takes nothing from a release channel, and what is "
                       "planned here relies on one. Set airgapped = true here, "
                       "with a chart. If the operator is not to be air-gapped "
                       "any more, change it first.")};
}

std::vector<OperatorFault> FaultsOf(const Json& deployment,
                                    const InstanceModel& model) {
  const kube::ObjectRef ref = RefOf(deployment);
  const wandb::OperatorTraits traits =
      wandb::ReadOperatorDeployment(deployment);
  std::vector<OperatorFault> faults;
  if (kube::IsTerminating(deployment)) faults.push_back(Dying(ref, deployment));
  if (traits.replicas == 0) faults.push_back(NoReplicas(ref));
  if (!traits.Watches(model.ns.value())) {
    faults.push_back(Elsewhere(ref, traits, model.ns.value()));
  }
  if (model.airgapped.IsUnknown() || !traits.airgapped.has_value()) {
    return faults;
  }
  const bool airgapped = model.airgapped.value();
  if (airgapped && !*traits.airgapped) {
    faults.push_back(NotAirgapped(absl::StrCat(
        kube::Describe(ref), " does not run air-gapped (AIRGAPPED)")));
  }
  if (!airgapped && *traits.airgapped) {
    faults.push_back(Airgapped(
        absl::StrCat(kube::Describe(ref), " runs air-gapped (AIRGAPPED)")));
  }
  return faults;
}

// Whether it works, and on this instance; perhaps not as it should.
bool RunsInstance(const OperatorLook& look) {
  return look.deployment.is_object() &&
         std::none_of(
             look.faults.begin(), look.faults.end(),
             [](const OperatorFault& fault) { return fault.IsIdle(); });
}

bool IsBetter(const OperatorLook& look, const OperatorLook& than) {
  const bool runs = RunsInstance(look);
  return runs != RunsInstance(than) ? runs
                                    : look.faults.size() < than.faults.size();
}

// Of whatever operator there is.
OperatorLook LookForAny(const base::Context& ctx, kube::Client& client,
                        const InstanceModel& model) {
  constexpr size_t kShown = 5;
  auto list = client.List(ctx, {"apps", "v1", "deployments", ""},
                          {.label_selector = wandb::kOperatorSelector,
                           .keep = [](Json& deployment) {
                             return wandb::IsOperatorDeployment(deployment);
                           }});
  if (!list.ok()) return {.status = list.status()};
  std::optional<OperatorLook> best;
  std::vector<std::string> others;
  for (Json& deployment : list->items) {
    const wandb::OperatorTraits traits =
        wandb::ReadOperatorDeployment(deployment);
    if (!traits.Watches(model.ns.value())) {
      if (others.size() == kShown) continue;
      others.push_back(absl::StrCat("  ", kube::Describe(RefOf(deployment)),
                                    ": ", NamespacesOf(traits)));
      continue;
    }
    std::vector<OperatorFault> faults = FaultsOf(deployment, model);
    OperatorLook look = {std::move(deployment), std::move(faults)};
    if (!best.has_value() || IsBetter(look, *best)) best = std::move(look);
  }
  if (best.has_value()) return *std::move(best);
  if (others.empty()) return {nullptr, {None()}};
  return {nullptr, {NoneWatches(others, list->items.size(), model.ns.value())}};
}

// Of the operator that `operator` names.
OperatorLook LookAtNamed(const base::Context& ctx, kube::Client& client,
                         const kube::ObjectRef& ref,
                         const InstanceModel& model) {
  auto live = client.Get(ctx, ref);
  if (live.ok()) {
    std::vector<OperatorFault> faults = FaultsOf(*live, model);
    return {*std::move(live), std::move(faults)};
  }
  if (!absl::IsNotFound(live.status()) &&
      !kube::IsNamespaceMissing(live.status())) {
    return {.status = live.status()};
  }
  const std::string& id = model.operator_id.value();
  OperatorLook other = LookForAny(ctx, client, model);
  if (!RunsInstance(other)) return {nullptr, {Missing(ref, id)}};
  other.faults.push_back(Misnamed(ref, id, other.deployment));
  return other;
}

// Whether an apply may itself bring what is missing.
bool MayCome(const OperatorFault& fault) {
  return fault.kind == Kind::kMissing || fault.kind == Kind::kNone ||
         fault.kind == Kind::kNoneWatches || fault.kind == Kind::kDying;
}

// A change from air-gapped to not, which the operator may make too.
bool LeavesAirgapped(const std::optional<InstanceModel>& prior) {
  return prior.has_value() && prior->airgapped.value();
}

bool IsOfName(const OperatorFault& fault) {
  return fault.kind == Kind::kMisnamed;
}

// What the plan says after the fault.
std::string Outlook(const OperatorFault& fault, const InstanceModel& planned) {
  if (IsOfName(fault)) {
    return absl::StrCat(
        "Unless the same apply installs ", planned.operator_id.value(),
        ", the wait for W&B goes by the operator that runs it. Two operators "
        "would fight over each instance.");
  }
  if (fault.kind == Kind::kNone || fault.kind == Kind::kNoneWatches) {
    return "Unless the same apply brings one, nothing runs the instance, and "
           "an apply that waits for it fails.";
  }
  return "This is how it is now: unless the same apply changes it, the "
         "operator will not run the instance as planned.";
}

}  // namespace

bool OperatorFault::IsNew(Said& said, const std::string& instance) const {
  const bool of_operator = kind == Kind::kMissing || kind == Kind::kNone ||
                           kind == Kind::kDying || kind == Kind::kNoReplicas;
  return said.First(of_operator ? detail
                                : absl::StrCat(instance, ": ", detail));
}

bool OperatorFault::IsIdle() const {
  return kind == Kind::kMissing || kind == Kind::kNone ||
         kind == Kind::kDying || kind == Kind::kNoReplicas ||
         kind == Kind::kElsewhere || kind == Kind::kNoneWatches;
}

std::optional<kube::ObjectRef> OperatorDeployment(const InstanceModel& model) {
  if (!model.operator_id.IsKnown()) return std::nullopt;
  const auto id = ParseNamespacedName(model.operator_id.value());
  if (!id.has_value()) return std::nullopt;
  wandb::OperatorSettings settings;
  settings.name = id->name;
  return kube::DeploymentRef(id->ns, wandb::OperatorDeploymentName(settings));
}

OperatorLook LookAtOperator(const base::Context& ctx, kube::Client& client,
                            const InstanceModel& model) {
  if (model.operator_id.IsUnknown()) {
    return {.status = absl::FailedPreconditionError("operator is not known")};
  }
  const auto ref = OperatorDeployment(model);
  return ref.has_value() ? LookAtNamed(ctx, client, *ref, model)
                         : LookForAny(ctx, client, model);
}

std::optional<OperatorFault> PlannedAirgap(const InstanceModel& planned,
                                           std::optional<bool> of_operator) {
  if (!of_operator.has_value() || planned.airgapped.IsUnknown() ||
      planned.airgapped.value() == *of_operator) {
    return std::nullopt;
  }
  const std::string subject =
      absl::StrCat("wandb_operator ", planned.operator_id.value());
  return *of_operator ? Airgapped(absl::StrCat(
                            subject, " is planned with airgapped = true"))
                      : NotAirgapped(absl::StrCat(
                            subject, " is planned with airgapped = false"));
}

void ReportOperator(const OperatorLook& look, const InstanceModel& planned,
                    const std::optional<InstanceModel>& prior, bool comes,
                    Said& said, tf::Diagnostics& diags) {
  const bool certain =
      planned.operator_id.IsKnown() &&
      std::none_of(look.faults.begin(), look.faults.end(), IsOfName);
  for (const OperatorFault& fault : look.faults) {
    if (comes && MayCome(fault)) continue;
    // Core shows only the first of several warnings with the same summary.
    const std::string summary =
        absl::StrCat("Instance ", IdOf(planned), ": ", fault.summary);
    if (fault.kind == Kind::kAirgapped && certain && !LeavesAirgapped(prior)) {
      diags.AddError(summary, fault.detail);
    } else if (fault.IsNew(said, IdOf(planned))) {
      diags.AddWarning(
          summary, absl::StrCat(fault.detail, "\n\n", Outlook(fault, planned)));
    }
  }
}

}  // namespace resources
