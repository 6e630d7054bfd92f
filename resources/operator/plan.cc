#include "resources/operator/plan.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "kube/object_ref.h"
#include "resources/connection/connect.h"
#include "resources/connection/look_context.h"
#include "resources/operator/definition_end.h"
#include "resources/operator/downgrade.h"
#include "resources/operator/instances.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/operators.h"
#include "resources/operator/preflight.h"
#include "resources/values.h"
#include "wandb/operator/manifests.h"

namespace resources {

namespace {

// An admission webhook may have put another image (of a mirror) into the
// Deployment; while nothing about that changes, it stays.
tf::Attr<std::string> ImageToDeploy(const wandb::OperatorSettings& settings,
                                    const std::vector<base::Json>& manifests,
                                    const std::optional<OperatorModel>& prior) {
  const std::string image = wandb::DeployedImage(settings);
  if (!prior.has_value() || !prior->deployed_image.IsKnown() ||
      !prior->objects.IsKnown()) {
    return image;
  }
  for (const base::Json& manifest : manifests) {
    if (kube::KindOf(manifest) != "Deployment") continue;
    const cty::Value& stored = prior->objects.At(ObjectKey(manifest));
    if (stored.IsKnown() && stored.AsString() == WantedDigest(manifest)) {
      return prior->deployed_image;
    }
  }
  return image;
}

// Whether the apply may change which versions the definition serves: it makes
// the definition, or writes to it. That does not depend on other arguments.
bool ChangesDefinition(const tf::PlanCall<OperatorModel>& call) {
  if (!call.prior.has_value() || !call.prior->objects.IsKnown()) return false;
  if (call.planned.crd.IsUnknown() ||
      call.planned.crd.value().manage.IsUnknown()) {
    return true;
  }
  const base::Json wanted = wandb::OperatorCrd();
  const cty::Value& stored = call.prior->objects.At(ObjectKey(wanted));
  return ManagesDefinition(call.planned) &&
         !(stored.IsKnown() && stored.AsString() == WantedDigest(wanted));
}

// None is left by the apply. A state of an earlier version has no such
// attribute until it is read, and plans nothing for it alone.
cty::Value PlannedChanges(const std::optional<OperatorModel>& prior) {
  return prior.has_value() && prior->changes.IsNull() ? NullStringMap()
                                                      : StringMap({});
}

// Plans what follows from the arguments, and returns the manifests; none while
// something is unknown, and none after an error.
std::vector<base::Json> PlanObjects(tf::PlanCall<OperatorModel>& call) {
  OperatorModel& planned = call.planned;
  planned.id = IsNamed(planned) ? tf::Attr<std::string>(IdOf(planned))
                                : tf::Attr<std::string>::Unknown();
  planned.changes = PlannedChanges(call.prior);
  if (ChangesDefinition(call)) {
    planned.crd_versions = tf::Attr<std::vector<std::string>>::Unknown();
  }
  const auto settings = SettingsOf(planned);
  if (!settings.has_value()) {
    planned.objects = UnknownStringMap();
    planned.deployed_image = tf::Attr<std::string>::Unknown();
    return {};
  }
  auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) {
    ReportSettings(manifests.status(), call.diags);
    return {};
  }
  planned.objects = StringMap(WantedObjects(*manifests));
  planned.deployed_image = ImageToDeploy(*settings, *manifests, call.prior);
  return *std::move(manifests);
}

// Tells the other plans of this walk, and says what they have told.
void NoteStays(const Session& session, const tf::PlanCall<OperatorModel>& call,
               tf::Diagnostics& diags) {
  const OperatorModel& planned = call.planned;
  const std::string id = planned.id.IsKnown() ? planned.id.value() : "";
  // One that another name replaces is made, too.
  const bool anew =
      !call.prior.has_value() || (!id.empty() && IdOf(*call.prior) != id);
  const auto others = session.plan_notes().NoteOperatorStays(id, anew);
  if (anew && !id.empty()) WarnOfOperatorsOfSamePlan(id, others, diags);
}

bool Changes(const tf::PlanCall<OperatorModel>& call) {
  using Encoding = tf::Codec<OperatorModel>;
  return !call.prior.has_value() ||
         !(Encoding::Encode(call.planned) == Encoding::Encode(*call.prior));
}

// Whether it makes one anew that is in the state, under the same name or
// another: the old one is seen where it is planned to go.
bool IsReplacement(const OperatorsInState& in_state,
                   const tf::PlanCall<OperatorModel>& call) {
  const std::string id = IdOf(call.planned);
  return call.prior.has_value() ? IdOf(*call.prior) != id : in_state.Has(id);
}

}  // namespace

void OperatorsInState::Note(const OperatorModel& state) {
  all_.Note(state.id);
  if (state.force_destroy.IsKnown() && state.force_destroy.value()) {
    with_force_.Note(state.id);
  }
}

void PlanOperator(const base::Context& ctx, const Session& session,
                  const OperatorsInState& in_state,
                  tf::PlanCall<OperatorModel>& call) {
  if (PlannedOnOperatorV2(ctx, session, call)) return;
  OperatorModel& planned = call.planned;
  const std::vector<base::Json> wanted = PlanObjects(call);
  if (call.diags.HasError()) return;
  WarnOfDowngrade(call);
  NoteStays(session, call, call.diags);
  CheckReplacement(ctx, session, call);
  if (call.prior.has_value()) {
    if (planned.wait.value() && !call.prior->ready.value_or(false)) {
      planned.ready = tf::Attr<bool>::Unknown();  // Wait again.
    }
  } else {
    if (planned.id.IsKnown() && in_state.Has(planned.id.value()) &&
        !in_state.HasWithForce(planned.id.value())) {
      WarnOfReplacement(ctx, session, call);
    }
    CheckConnection(session, call.diags);
  }
  // Of what is in the state the refresh has said it.
  if (wanted.empty() && !call.prior.has_value()) {
    return WarnIfNoAccess(LookContext(ctx), session, call.diags);
  }
  if (wanted.empty() || !Changes(call) || IsReplacement(in_state, call)) {
    return;
  }
  PreflightOperator(LookContext(ctx), session, wanted, call);
}

void PlanOperatorDestroy(const base::Context& ctx, const Session& session,
                         tf::PlanDestroyCall<OperatorModel>& call) {
  // The instances there are those of v2, which need no controller of v1.
  const base::Context look = LookContext(ctx);
  if (PlansOnOperatorV2(look, session, call.private_data)) return;
  WarnOfInstances(look, session, call);
  WarnOfDefinitionEnd(look, session, call.state, call.diags);
}

}  // namespace resources
