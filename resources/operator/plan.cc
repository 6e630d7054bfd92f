#include "resources/operator/plan.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "kube/object_ref.h"
#include "resources/connection/connect.h"
#include "resources/connection/look_context.h"
#include "resources/operator/instances.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/preflight.h"
#include "resources/values.h"

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

}  // namespace

void PlanOperator(const base::Context& ctx, const Session& session,
                  const IdsInState& in_state, const IdsInState& with_force,
                  tf::PlanCall<OperatorModel>& call) {
  if (PlannedOnOperatorV2(ctx, session, call)) return;
  OperatorModel& planned = call.planned;
  std::vector<base::Json> wanted;
  const auto settings = SettingsOf(planned);
  if (!settings.has_value()) {
    planned.objects = UnknownStringMap();
    planned.deployed_image = tf::Attr<std::string>::Unknown();
    planned.id = tf::Attr<std::string>::Unknown();
    if (IsNamed(planned)) planned.id = IdOf(planned);
  } else {
    auto manifests = wandb::OperatorManifests(*settings);
    if (!manifests.ok()) {
      ReportSettings(manifests.status(), call.diags);
      return;
    }
    wanted = *std::move(manifests);
    planned.objects = StringMap(WantedObjects(wanted));
    planned.deployed_image = ImageToDeploy(*settings, wanted, call.prior);
    planned.id = IdOf(planned);
  }
  CheckReplacement(ctx, session, call);
  if (!call.prior.has_value() && planned.id.IsKnown() &&
      in_state.Has(planned.id.value()) && !with_force.Has(planned.id.value())) {
    WarnOfReplacement(ctx, session, call);
  }
  if (!call.prior.has_value()) {
    CheckConnection(session, call.diags);
  } else if (planned.wait.value() && !call.prior->ready.value_or(false)) {
    planned.ready = tf::Attr<bool>::Unknown();  // Wait again.
  }
  using Encoding = tf::Codec<OperatorModel>;
  const bool changes =
      !call.prior.has_value() ||
      !(Encoding::Encode(planned) == Encoding::Encode(*call.prior));
  if (wanted.empty() || !changes) return;
  PreflightOperator(LookContext(ctx), session, in_state, wanted, call);
}

void PlanOperatorDestroy(const base::Context& ctx, const Session& session,
                         tf::PlanDestroyCall<OperatorModel>& call) {
  // The instances there are those of v2, which need no controller of v1.
  const base::Context look = LookContext(ctx);
  if (PlansOnOperatorV2(look, session, call.private_data)) return;
  WarnOfInstances(look, session, call);
}

}  // namespace resources
