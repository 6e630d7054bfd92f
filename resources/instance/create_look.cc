#include "resources/instance/create_look.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/deletion.h"
#include "kube/ssa/create.h"
#include "kube/status.h"
#include "resources/instance/destroy_plan.h"
#include "resources/instance/evaluation.h"
#include "resources/namespace.h"
#include "resources/report.h"
#include "resources/trial.h"
#include "wandb/unknown.h"

namespace resources {
namespace {

using base::Json;

// The object as the apply is going to send it, or what of it is needed to ask
// whether it may be created.
struct TrialBody {
  Json object;
  bool complete;  // Which of the two.
};

TrialBody TrialBodyOf(const Desired& planned) {
  const InstanceModel& model = planned.model;
  if (!wandb::HasUnknown(planned.compiled.all_values()) &&
      !wandb::HasUnknown(planned.compiled.chart) && !model.labels.IsUnknown() &&
      !model.annotations.IsUnknown()) {
    return {planned.creation_body(), true};
  }
  InstanceModel bare;
  bare.ns = model.ns;
  bare.name = model.name;
  return {Desired(std::move(bare)).body(), false};
}

CreateLook MissingNamespace(const InstanceModel& planned) {
  // Not known, or made by this very resource.
  if (planned.create_namespace.IsUnknown() ||
      planned.create_namespace.value()) {
    return {};
  }
  // The operator's resource makes its own.
  if (planned.operator_id.IsUnknown() ||
      (planned.operator_id.IsKnown() &&
       OperatorNamespace(planned) == planned.ns.value())) {
    return {};
  }
  return {.verdict = CreateLook::Verdict::kNamespaceMissing};
}

// What the apply will do about the object that has the name.
CreateLook Existing(const Operation& op, const Desired& planned,
                    const TrialBody& body) {
  using Verdict = CreateLook::Verdict;
  const std::string manager = op.session.field_manager();
  const kube::ObjectRef ref = planned.ref();
  auto live = op.client.Get(op.ctx, ref);
  if (absl::IsNotFound(live.status())) return {};
  // Who may not read it learns what is known.
  if (!live.ok()) return {.verdict = Verdict::kForeign};
  if (op.session.instances_in_state().Has(kube::UidOf(*live))) {
    // It goes before: tainted, or replaced at somebody's wish.
    CreateLook replaced;
    WarnOfRemoval({.ctx = op.ctx,
                   .client = op.client,
                   .session = op.session,
                   .scrubber = op.scrubber,
                   .diags = replaced.removal},
                  planned, *live, Removal::kReplacement);
    return replaced;
  }
  CreateLook found{.live = *std::move(live)};
  if (!body.complete && ssa::MayBeOfCreate(found.live, manager) &&
      !kube::IsTerminating(found.live)) {
    found.verdict = Verdict::kPerhapsAdopted;
    return found;
  }
  switch (ssa::JudgeExisting(op.ctx, op.client, ref, body.object, found.live,
                             manager)) {
    case ssa::Found::kDying:
      found.verdict = Verdict::kDying;
      break;
    case ssa::Found::kAdopted:
      found.verdict = Verdict::kAdopted;
      break;
    default:
      found.verdict = Verdict::kForeign;
  }
  return found;
}

// The object has the name already.
void WarnOfExisting(const CreateLook& found, const InstanceModel& planned,
                    const std::string& what, tf::Diagnostics& diags) {
  switch (found.verdict) {
    case CreateLook::Verdict::kAdopted:
      return diags.AddWarning(
          absl::StrCat("Apply will take over ", what, ", which exists already"),
          "It is as this configuration wants it, and was made less than an "
          "hour ago: a create that was interrupted leaves that. If instead "
          "another resource or another state manages it, take this one out of "
          "the configuration.");
    case CreateLook::Verdict::kPerhapsAdopted:
      return diags.AddWarning(
          absl::StrCat(what, " exists already"),
          "It was made less than an hour ago, perhaps by a create that was "
          "interrupted. Some values are known only during the apply: if it is "
          "as they want it, apply takes it over, and otherwise fails.");
    case CreateLook::Verdict::kDying:
      return diags.AddWarning(
          absl::StrCat(what, " is being deleted"),
          absl::StrCat("The object that has the name ",
                       kube::DescribeDeletion(found.live),
                       ". Apply waits for its end, as long as the timeouts "
                       "block allows, and then creates a new one. To see what "
                       "is left to do: ",
                       kube::LookCommand(CustomResourceRef(planned))));
    default:
      return diags.AddWarning(
          absl::StrCat("Apply will fail: ", what, " exists already"),
          absl::StrCat(
              "This resource did not make it, or more than an hour ago or with "
              "another configuration: unless this plan replaces it, apply "
              "leaves it as it is and fails. To manage it, import it:\n\n",
              ImportBlock("wandb_instance", IdOf(planned)),
              "\n\nOtherwise choose another name or namespace."));
  }
}

void WarnOfDyingNamespace(const Json& live, const InstanceModel& planned,
                          tf::Diagnostics& diags) {
  const std::string& ns = planned.ns.value();
  diags.AddWarning(
      absl::StrCat("Namespace \"", ns, "\" is being deleted"),
      absl::StrCat("It ", kube::DescribeDeletion(live),
                   ". Nothing can be created in it. Apply ",
                   planned.create_namespace.value()
                       ? "waits for its end, and then makes it anew"
                       : "fails unless it is gone and made again by then",
                   ". To see what is left to do: ",
                   kube::LookCommand(kube::NamespaceRef(ns))));
}

}  // namespace

CreateLook LookAtCreate(const Operation& op, const Desired& planned) {
  using Verdict = CreateLook::Verdict;
  const InstanceModel& model = planned.model;
  const std::string& ns = model.ns.value();
  const std::string manager = op.session.field_manager();
  if (model.create_namespace.IsKnown() && model.create_namespace.value()) {
    absl::Status made =
        TryNamespace(op.ctx, op.client, ns, NamespaceOwnerOf(model), manager);
    if (absl::IsPermissionDenied(made)) {
      return {.verdict = Verdict::kRefused, .status = std::move(made)};
    }
  }
  const TrialBody body = TrialBodyOf(planned);
  CreateTrial trial = TryCreate(op.ctx, op.client, planned.ref(), body.object,
                                manager, body.complete);
  switch (trial.verdict) {
    case CreateTrial::Verdict::kNoFinding:
      return {};
    case CreateTrial::Verdict::kExists:
      return Existing(op, planned, body);
    case CreateTrial::Verdict::kNamespaceMissing:
      return MissingNamespace(model);
    case CreateTrial::Verdict::kNamespaceDying: {
      auto dying = op.client.Get(op.ctx, kube::NamespaceRef(ns));
      if (!dying.ok() || !kube::IsTerminating(*dying)) return {};
      return {.verdict = Verdict::kNamespaceDying, .live = *std::move(dying)};
    }
    case CreateTrial::Verdict::kKindNotServed: {
      // Its definition may be made by the same apply; that says nothing of the
      // namespace.
      const auto found = op.client.Get(op.ctx, kube::NamespaceRef(ns));
      return absl::IsNotFound(found.status()) ? MissingNamespace(model)
                                              : CreateLook();
    }
    case CreateTrial::Verdict::kRefused:
      return {.verdict = Verdict::kRefused, .status = std::move(trial.status)};
    case CreateTrial::Verdict::kNoAccess:
      return {.verdict = Verdict::kNoAccess, .status = std::move(trial.status)};
  }
  return {};
}

void ReportCreate(const Operation& op, const CreateLook& found,
                  const InstanceModel& planned) {
  op.diags.Append(found.removal);
  if (found.verdict == CreateLook::Verdict::kNoFinding) return;
  if (found.verdict == CreateLook::Verdict::kNoAccess) {
    // Whatever its name turns out to be.
    return WarnOfNoAccess(found.status, op.session, op.scrubber, op.diags);
  }
  const std::string what = kube::Describe(CustomResourceRef(planned));
  switch (found.verdict) {
    case CreateLook::Verdict::kNoFinding:
    case CreateLook::Verdict::kNoAccess:
      return;
    case CreateLook::Verdict::kForeign:
    case CreateLook::Verdict::kAdopted:
    case CreateLook::Verdict::kPerhapsAdopted:
    case CreateLook::Verdict::kDying:
      return WarnOfExisting(found, planned, what, op.diags);
    case CreateLook::Verdict::kNamespaceDying:
      return WarnOfDyingNamespace(found.live, planned, op.diags);
    case CreateLook::Verdict::kNamespaceMissing:
      return WarnOfMissingNamespace(planned.ns.value(), op.session, op.diags);
    case CreateLook::Verdict::kRefused:
      return WarnOfRefusedCreate(
          what, Explain(found.status, op.session, op.scrubber), op.diags);
  }
}

}  // namespace resources
