#include "resources/instance/preflight.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/status.h"
#include "resources/connection/connect.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/create_look.h"
#include "resources/instance/operator_look.h"
#include "resources/instance/reference_look.h"
#include "resources/instance/write_only.h"
#include "resources/namespace.h"
#include "resources/operation.h"
#include "resources/trial.h"
#include "wandb/spec/spec.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;

// ---- What tells that it is ready ----

// What the create that waits may do.
struct RightsLook {
  absl::StatusOr<kube::OwnRules> rules = absl::UnavailableError("not asked");
  // Of a read of one of the Secrets that tell whether it is ready; a refresh
  // says it of an instance that there is.
  absl::Status secret;
};

void AddRightsLooks(const base::Context& look, kube::Client& client,
                    const InstanceModel& planned, RightsLook& rights,
                    std::vector<std::function<void()>>& looks) {
  const std::string& ns = planned.ns.value();
  looks.emplace_back([&look, &client, &rights, ns] {
    rights.rules = client.ReviewRules(look, ns);
  });
  const kube::ObjectRef secret =
      kube::SecretRef(ns, wandb::ActiveSecretName(planned.name.value()));
  looks.emplace_back([&look, &client, &rights, secret] {
    rights.secret = client.Get(look, secret).status();
  });
}

void ReportRights(const RightsLook& rights, const InstanceModel& planned,
                  tf::Diagnostics& diags) {
  if (rights.rules.ok() && rights.rules->complete) {
    const auto missing = MissingRights(planned, *rights.rules);
    if (missing.empty()) return;
    diags.AddWarning(
        absl::StrCat("The create of instance ", IdOf(planned), " lacks rights"),
        absl::StrCat(
            "The identity that the provider uses may not:\n  ",
            absl::StrJoin(missing, "\n  "),
            "\n\nWithout those to create and patch, and to get the custom "
            "resource, apply fails; without the others it cannot tell "
            "whether the instance is ready (wait = true), or why not. ",
            WaitRules(planned)));
    return;
  }
  if (!kube::MissingRight(rights.secret).has_value()) return;
  diags.AddWarning(
      absl::StrCat("Apply will not be able to tell whether instance ",
                   IdOf(planned), " is ready"),
      absl::StrCat("wait = true, and the identity that the provider uses may "
                   "not read the Secrets that tell it. ",
                   WaitRules(planned),
                   "\n\nWithout them, apply writes the custom resource and "
                   "ends with ready = false and a warning; with wait = false "
                   "nothing is waited for."));
}

// What tells that no call will come through, although the create itself was
// not answered or not asked: it need not be the first to learn of a refusal.
void LearnNoAccess(const OperatorLook& operator_look, const RightsLook& rights,
                   const absl::Status& access, CreateLook& found) {
  if (found.verdict != CreateLook::Verdict::kNoFinding) return;
  if (IsNoAccess(access)) {
    found = {.verdict = CreateLook::Verdict::kNoAccess, .status = access};
    return;
  }
  for (const absl::Status& status :
       {operator_look.status, rights.rules.status(), rights.secret}) {
    // A 404 is about one kind or namespace, and what has no code need not be of
    // a server.
    const int code = kube::HttpCode(status);
    if (!IsNoAccess(status) ||
        (absl::IsFailedPrecondition(status) && (code == 0 || code == 404))) {
      continue;
    }
    found = {.verdict = CreateLook::Verdict::kNoAccess, .status = status};
    return;
  }
}

// ---- The operator ----

// Whether the planned change is of use only if the operator acts on it. For a
// create that names none it is asked only where it is waited for. An
// update that waits asks for the operator, whatever it changes.
bool ConcernsOperator(const tf::PlanCall<InstanceModel>& call,
                      const Compiled& compiled) {
  const InstanceModel& planned = call.planned;
  const bool waits = planned.wait.IsUnknown() || planned.wait.value();
  if (!call.prior.has_value()) {
    return planned.operator_id.IsKnown() ||
           (planned.operator_id.IsNull() && waits);
  }
  const InstanceModel& prior = *call.prior;
  return waits || wandb::HasUnknown(compiled.values) ||
         planned.configured_values != prior.configured_values ||
         compiled.chart != ChartTree(prior.chart) ||
         planned.airgapped != prior.airgapped ||
         planned.operator_id.value_or("") != prior.operator_id.value_or("");
}

// Whether an operator that is not there may come by the same apply. One that is
// named has its own plan, perhaps after this one, or another owner. For an
// instance that was in the state before, it has gone.
bool OperatorComes(const Session& session, const InstanceModel& planned,
                   bool create) {
  if (!create || session.instances_in_state().Has(IdOf(planned))) return false;
  return !planned.operator_id.IsNull() || session.plan_notes().HasOperator();
}

// Leaves out what the same plan says itself: the cluster has the operator as it
// is now.
void DropPlanned(const Session& session, const InstanceModel& planned,
                 OperatorLook& look) {
  if (!planned.operator_id.IsKnown() ||
      !session.plan_notes()
           .IsAirgapped(planned.operator_id.value())
           .has_value()) {
    return;
  }
  std::erase_if(look.faults, [](const OperatorFault& fault) {
    return fault.kind == OperatorFault::Kind::kAirgapped ||
           fault.kind == OperatorFault::Kind::kNotAirgapped;
  });
}

// ---- The namespace ----

// Of an update: the server takes it, and it comes to nothing. create_look.h has
// the words for a create.
void ReportNamespace(const std::optional<DyingNamespace>& dying,
                     const Operation& op, const InstanceModel& planned) {
  if (!dying.has_value()) return;
  op.diags.AddWarning(
      absl::StrCat("Instance ", IdOf(planned), ": ", dying->summary),
      absl::StrCat(op.scrubber.Scrub(dying->detail),
                   "\n\nThe change will be lost with the instance. Once both "
                   "are gone, apply creates the instance anew, and needs the "
                   "namespace again, which create_namespace = true makes."));
}

// Asks all of it side by side, and says what was found.
void LookAndReport(const Operation& op, const Desired& desired, bool create,
                   tf::PlanCall<InstanceModel>& call) {
  const InstanceModel& planned = call.planned;
  const bool named = planned.ns.IsKnown() && planned.name.IsKnown();
  std::vector<std::function<void()>> looks;
  CreateLook found;
  std::optional<DyingNamespace> dying;
  absl::Status access;
  if (create) {
    looks.emplace_back([&] { found = LookAtCreate(op, desired); });
  } else if (named) {
    looks.emplace_back([&] {
      dying = FindDyingNamespace(op.ctx, op.client, planned.ns.value());
    });
  }
  if (!named) {
    // No object can be asked for.
    looks.emplace_back([&] { access = TryAccess(op.ctx, op.client); });
  }
  OperatorLook operator_look;
  if (named && ConcernsOperator(call, desired.compiled)) {
    looks.emplace_back(
        [&] { operator_look = LookAtOperator(op.ctx, op.client, planned); });
  }
  ReferenceLook references(desired);
  references.AddTo(op.ctx, op.client, looks);
  std::optional<WriteOnlySecret> secret;
  WriteOnlyLook kept;
  if (named && planned.secrets_wo.IsKnown()) {
    kept.asked = true;
    secret.emplace(op, call.config);
    looks.emplace_back([&] { kept.tried = secret->Try(); });
  }
  RightsLook rights;
  if (create && !planned.wait.IsUnknown() && planned.wait.value()) {
    AddRightsLooks(op.ctx, op.client, planned, rights, looks);
  }
  base::RunInParallel(looks);
  LearnNoAccess(operator_look, rights, access, found);
  ReportNamespace(dying, op, planned);
  DropPlanned(op.session, planned, operator_look);
  ReportOperator(operator_look, planned, call.prior,
                 OperatorComes(op.session, planned, create), op.session.said(),
                 call.diags);
  ReportCreate(op, found, planned);
  ReportRights(rights, planned, call.diags);
  ReportWriteOnly(op, planned, kept);
  references.Report(found.verdict == CreateLook::Verdict::kNamespaceMissing,
                    call.diags);
}

}  // namespace

void Preflight(const base::Context& look, const Session& session,
               const Desired& desired, tf::PlanCall<InstanceModel>& call) {
  CheckConnection(session, call.diags);
  if (session.ConfigUnknown() || call.diags.HasError()) return;
  const auto client = session.Kube();
  if (!client.ok()) return;
  const InstanceModel& planned = call.planned;
  const bool named = planned.ns.IsKnown() && planned.name.IsKnown();
  // A replacement is planned once more, as a create; but core shows no warnings
  // of that plan.
  const bool create =
      named && (!call.prior.has_value() || IdOf(planned) != IdOf(*call.prior));
  if (call.prior.has_value() && !named) return;
  const wandb::Scrubber scrubber = desired.compiled.scrubber();
  LookAndReport({.ctx = look,
                 .client = **client,
                 .session = session,
                 .scrubber = scrubber,
                 .diags = call.diags},
                desired, create, call);
}

}  // namespace resources
