#include "resources/operator/read.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "resources/apply.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/plan.h"
#include "resources/operator/private_data.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/scrub.h"

namespace resources {
namespace {

using base::Json;

// What `objects` says about a live object: the stored digest while nothing that
// we own there changed since our last apply.
std::string DigestInState(const Json& manifest, const Json& live,
                          const tf::ReadCall<OperatorModel>& call) {
  const std::string key = ObjectKey(manifest);
  const std::string now = ObjectDigest(OwnedPart(manifest, live));
  if (!UsedIfPresent(manifest)) {
    const std::string uid = RecordedUid(call.private_data, key);
    if (!uid.empty() && uid != kube::UidOf(live)) {
      return absl::StrCat("made again outside: ", kube::UidOf(live));
    }
    const Json recorded = call.private_data.value(kLive, Json::object());
    if (recorded.value(key, "") != now) {
      return absl::StrCat("changed outside: ", now);
    }
  }
  if (call.state.objects.IsKnown()) {
    const cty::Value& stored = call.state.objects.At(key);
    if (stored.IsKnown()) return stored.AsString();
  }
  return ObjectDigest(manifest);
}

// Whether applying `manifest` would change nothing, although the server spells
// some value in another way ("1000m" is stored as "1"). Where that may not be
// asked, it counts as a change.
bool IsWhatApplyMakes(const base::Context& ctx, kube::Client& client,
                      const kube::ObjectRef& ref, const Json& manifest,
                      const Json& live, const Session& session) {
  const auto trial = client.Apply(ctx, ref, manifest,
                                  {.field_manager = session.field_manager(),
                                   .force = true,
                                   .dry_run = true});
  return trial.ok() && SameObject(trial->object, live);
}

}  // namespace

void ReadOperator(const base::Context& parent, const Session& session,
                  tf::ReadCall<OperatorModel>& call) {
  const wandb::Scrubber scrubber;
  const base::Context ctx = parent.WithTimeout(absl::Minutes(2));
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  const auto settings = SettingsOf(call.state);
  const auto manifests =
      wandb::OperatorManifests(settings.value_or(wandb::OperatorSettings()));
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
  const bool imported = call.state.objects.IsNull();
  std::map<std::string, std::optional<std::string>> objects;
  bool own_found = false;
  std::optional<bool> on_v2;
  for (const Json& manifest : *manifests) {
    const std::string key = ObjectKey(manifest);
    const auto ref = kube::RefOf(manifest);
    auto live = client->Get(ctx, *ref);
    if (absl::IsNotFound(live.status()) ||
        kube::IsNamespaceMissing(live.status())) {
      continue;
    }
    if (!live.ok()) {
      return ReportStatus("Cannot read the operator", live.status(), session,
                          scrubber, call.diags);
    }
    if (!UsedIfPresent(manifest)) own_found = true;
    // Not before something has answered: one would wait twice for a server that
    // does not.
    if (!on_v2.has_value()) {
      on_v2 = OnOperatorV2(ctx, session, client, call.private_data);
    }
    if (*on_v2) live = WithoutStop(*std::move(live), manifest);
    if (imported) {
      call.private_data[kUids][key] = kube::UidOf(*live);
      const Json owned = OwnedPart(manifest, *live);
      if (owned == manifest ||
          IsWhatApplyMakes(ctx, *client, *ref, manifest, *live, session)) {
        call.private_data[kLive][key] = ObjectDigest(owned);
      }
    }
    objects[key] = DigestInState(manifest, *live, call);
    if (kube::KindOf(manifest) == "Deployment") {
      call.state.ready = kube::EvaluateRollout(*live).done;
    } else if (kube::KindOf(manifest) == "CustomResourceDefinition") {
      call.state.crd_versions = ServedVersions(*live);
    }
  }
  if (!own_found) {
    call.gone = true;
    return;
  }
  if (*on_v2) {
    call.state.ready = false;
    WarnNotManaged(GuardedOperator(call.state), call.diags);
  }
  if (imported) {
    call.state.deployed_image =
        wandb::DeployedImage(settings.value_or(wandb::OperatorSettings()));
  }
  call.state.objects = StringMap(objects);
}

}  // namespace resources
