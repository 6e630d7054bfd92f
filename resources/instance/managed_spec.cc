#include "resources/instance/managed_spec.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/instance/operator_look.h"
#include "resources/report.h"
#include "wandb/operator/deployment.h"
#include "wandb/spec/readiness.h"

namespace resources {
namespace {

bool IsApplied(const SpecState& seen) {
  return seen.active.has_value() && seen.expected.problems.empty() &&
         wandb::ActiveSpecMatches(*seen.active, seen.expected);
}

// Whether there is nothing to take, whoever takes it.
bool IsAbsent(const LiveLayers& layers) {
  return !layers.managed_spec.has_value() && layers.managed_spec_fault.ok();
}

}  // namespace

bool TakesManagedSpec(const Session& session, const InstanceModel& model,
                      const RecordedLayers& recorded) {
  return session.plan_notes()
      .TakesManagedSpec(model.operator_id.value_or(""))
      .value_or(recorded.takes_managed_spec);
}

void SettleManagedSpec(const base::Context& ctx, kube::Client& client,
                       const Desired& desired, const base::Json& live,
                       SpecState& seen) {
  // While nothing was applied, nothing tells that another layer is meant.
  if (!seen.active.has_value() && seen.expected.problems.empty()) return;
  if (IsApplied(seen)) return;
  SpecState other = seen;
  LiveLayers& layers = other.layers;
  if (seen.layers.takes_managed_spec) {
    if (IsAbsent(seen.layers)) return;
    layers.takes_managed_spec = false;
    layers.managed_spec.reset();
    layers.managed_spec_fault = absl::OkStatus();
  } else if (!ReadManagedSpec(ctx, client, desired.model, layers).ok() ||
             IsAbsent(layers)) {
    return;
  }
  other.expected = ExpectedSpec(desired, live, layers);
  bool is_so = IsApplied(other);
  // What was applied without it may only be older than it.
  if (!is_so || !layers.takes_managed_spec) {
    const OperatorLook look = LookAtOperator(ctx, client, desired.model);
    const auto takes =
        wandb::ReadOperatorDeployment(look.deployment).managed_spec;
    if (takes.has_value()) is_so = *takes == layers.takes_managed_spec;
  }
  if (is_so) seen = std::move(other);
}

std::optional<StandingFault> FindManagedSpecFault(
    const InstanceModel& model, const LiveLayers& layers,
    const RecordedLayers& last_seen, const Session& session,
    const wandb::Scrubber& scrubber) {
  const absl::Status& status = layers.managed_spec_fault;
  if (status.ok()) return std::nullopt;
  const std::string ref = kube::Describe(
      kube::ConfigMapRef(model.ns.value(), wandb::kManagedSpecConfigMap));
  if (absl::IsInvalidArgument(status) && kube::HttpCode(status) == 0) {
    return StandingFault{
        absl::StrCat("The operator does not use the managed spec of ",
                     IdOf(model)),
        absl::StrCat(
            status.message(),
            ".\n\nThe operator passes over such a ConfigMap, says so in its "
            "log alone, and ",
            model.airgapped.value()
                ? "takes nothing in its place"
                : "takes what the release channel says in its place",
            ". Correct it: `values` is a JSON object, and `chart` a JSON "
            "object like {\"url\": \"https://charts.wandb.ai\", \"name\": "
            "\"operator-wandb\", \"version\": \"0.43.8\"}. Or delete it, if "
            "that is meant.")};
  }
  const std::string summary =
      absl::StrCat("The managed spec of ", IdOf(model), " cannot be read");
  const std::string outlook = absl::StrCat(
      ref, " stands in the place of the release channel. The effective values ",
      last_seen.managed_spec.has_value() ? "are computed from what was last "
                                           "seen of it"
                                         : "cannot be told without it",
      ".");
  if (absl::IsPermissionDenied(status)) {
    return StandingFault{summary,
                         absl::StrCat(outlook, " ",
                                      Explain(status, session, scrubber,
                                              ManagedSpecRule(model)))};
  }
  return StandingFault{
      summary, absl::StrCat(outlook, " ", status.message(),
                            ".\n\nThe operator may well read it. Make it "
                            "smaller or less deep.")};
}

void WarnOfManagedSpec(const Operation& op, const InstanceModel& model,
                       const LiveLayers& layers,
                       const RecordedLayers& last_seen) {
  const auto fault =
      FindManagedSpecFault(model, layers, last_seen, op.session, op.scrubber);
  if (!fault.has_value()) return;
  op.diags.AddWarning(fault->summary, op.scrubber.Scrub(fault->detail));
}

}  // namespace resources
