#include "resources/operator/destroy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/generation_guard.h"
#include "resources/namespace.h"
#include "resources/operator/objects.h"
#include "resources/operator/plan.h"
#include "resources/operator/private_data.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

// Whether a live object is the one that this resource made or took over. Core
// passes no private data to the delete of a tainted object; then the field
// manager tells.
bool IsOurs(const Json& manifest, const Json& live, const std::string& manager,
            const tf::DeleteCall<OperatorModel>& call) {
  const std::string uid = RecordedUid(call.private_data, ObjectKey(manifest));
  if (uid.empty()) return kube::HasApplied(live, manager);
  return uid == kube::UidOf(live);
}

bool InstancesRemain(const base::Context& ctx, const Session& session,
                     kube::Client& client,
                     tf::DeleteCall<OperatorModel>& call) {
  const wandb::Scrubber scrubber;
  const auto list = client.List(
      ctx, {wandb::kGroup, wandb::kVersion, wandb::kPlural, ""}, {});
  if (!list.ok()) {
    if (kube::IsKindNotServed(list.status())) return false;
    ReportStatus("Cannot look for instances", list.status(), session, scrubber,
                 call.diags);
    return true;
  }
  std::vector<std::string> names;
  for (const Json& item : list->items) {
    names.push_back(
        absl::StrCat(kube::NamespaceOf(item), "/", kube::NameOf(item)));
  }
  if (names.empty()) return false;
  call.diags.AddError(
      "Instances still exist",
      absl::StrCat(
          "The operator must finish the deletion of its instances: ",
          absl::StrJoin(names, ", "),
          ". Destroy them first (set operator = wandb_operator.NAME.id "
          "on each wandb_instance, so that the order is right), or set "
          "force_destroy = true and apply before destroying."));
  return true;
}

}  // namespace

void DestroyOperator(const base::Context& parent, const Session& session,
                     tf::DeleteCall<OperatorModel>& call) {
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.state.timeouts, &Timeouts::del, kDefaultOperatorTimeout));
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  const wandb::Scrubber scrubber;
  // The instances there are those of v2, which need no controller of v1.
  const auto on_v2 = StillOnOperatorV2(ctx, session, client, call.private_data);
  if (!on_v2.ok()) {
    return ReportStatus("Cannot look whose cluster this is", on_v2.status(),
                        session, scrubber, call.diags);
  }
  if (!*on_v2 && !call.state.force_destroy.value_or(false) &&
      InstancesRemain(ctx, session, *client, call)) {
    return;
  }
  auto manifests = wandb::OperatorManifests(
      SettingsOf(call.state).value_or(wandb::OperatorSettings()));
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
  std::reverse(manifests->begin(), manifests->end());
  const auto report = [&](const Json& manifest, const absl::Status& status) {
    ReportStatus(absl::StrCat("Cannot delete ", ObjectKey(manifest)), status,
                 session, scrubber, call.diags);
  };
  for (const Json& manifest : *manifests) {
    if (UsedIfPresent(manifest)) continue;
    const auto ref = kube::RefOf(manifest);
    const auto live = client->Get(ctx, *ref);
    if (absl::IsNotFound(live.status()) ||
        kube::IsNamespaceMissing(live.status())) {
      continue;
    }
    if (!live.ok()) return report(manifest, live.status());
    const std::string uid = kube::UidOf(*live);
    if (!IsOurs(manifest, *live, session.field_manager(), call)) {
      call.diags.AddWarning(absl::StrCat(kube::Describe(*ref), " was kept"),
                            "It is not the one that this resource made. Delete "
                            "it by hand if it is not "
                            "needed.");
      continue;
    }
    absl::Status gone = client->Delete(
        ctx, *ref, {.uid = uid, .propagation = kube::Propagation::kForeground});
    if (gone.ok()) gone = kube::AwaitGone(ctx, *client, *ref, uid);
    if (!gone.ok() && !kube::IsStale(gone)) return report(manifest, gone);
  }
  const auto uid =
      base::StringAt(call.private_data, absl::StrCat("/", kCreatedNamespace));
  if (!uid.has_value()) return;
  if (*on_v2) {
    // Its objects are of many kinds.
    call.diags.AddWarning(
        absl::StrCat("Namespace \"", call.state.ns.value(), "\" was kept"),
        "The cluster belongs to operator v2, which may have objects there. "
        "Delete it by hand if it is empty.");
    return;
  }
  DeleteOwnNamespace(ctx, *client, call.state.ns.value(), *uid, session,
                     scrubber, call.diags);
}

}  // namespace resources
