#include "resources/operator/operator_resource.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "kube/diagnose.h"
#include "kube/managed_fields.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/apply.h"
#include "resources/namespace.h"
#include "resources/operator/model.h"
#include "resources/operator/objects.h"
#include "resources/operator/read.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;
using Manifests = std::vector<Json>;

constexpr absl::Duration kDefaultTimeout = absl::Minutes(10);

// Whether a live object is the one that this resource made or took over. Core
// passes no private data to the delete of a tainted object; then the field
// manager tells.
bool IsOurs(const Json& manifest, const Json& live, const std::string& manager,
            const tf::DeleteCall<OperatorModel>& call) {
  const std::string uid = RecordedUid(call.private_data, ObjectKey(manifest));
  if (uid.empty()) return kube::HasApplied(live, manager);
  return uid == kube::UidOf(live);
}

class OperatorResource final : public tf::TypedResource<OperatorModel> {
 public:
  explicit OperatorResource(std::shared_ptr<const Session> session)
      : TypedResource("wandb_operator", 0,
                      "Installs the W&B operator on a Kubernetes cluster "
                      "through the Kubernetes API: namespace, custom resource "
                      "definition, access rules and controller manager. No "
                      "Helm and no chart registry are involved."),
        session_(std::move(session)) {}

 protected:
  void CheckConfig(const OperatorModel& config,
                   tf::Diagnostics& diags) const override {
    const auto settings = SettingsOf(config);
    if (!settings.has_value()) return;
    const absl::Status status = wandb::CheckOperatorSettings(*settings);
    if (!status.ok()) ReportSettings(status, diags);
  }

  void PlanChange(const base::Context&,
                  tf::PlanCall<OperatorModel>& call) const override {
    OperatorModel& planned = call.planned;
    const auto settings = SettingsOf(planned);
    if (!settings.has_value()) {
      planned.objects = UnknownStringMap();
      planned.deployed_image = tf::Attr<std::string>::Unknown();
      planned.id = tf::Attr<std::string>::Unknown();
      if (planned.ns.IsKnown() && planned.name.IsKnown()) {
        planned.id = IdOf(planned);
      }
    } else {
      const auto manifests = wandb::OperatorManifests(*settings);
      if (!manifests.ok()) {
        ReportSettings(manifests.status(), call.diags);
        return;
      }
      planned.objects = StringMap(WantedObjects(*manifests));
      planned.deployed_image = wandb::DeployedImage(*settings);
      planned.id = IdOf(planned);
    }
    if (!call.prior.has_value()) {
      WarnIfUnconfigured(*session_, call.diags);
    } else if (planned.wait.value_or(true) &&
               !call.prior->ready.value_or(false)) {
      planned.ready = tf::Attr<bool>::Unknown();  // Wait again.
    }
  }

  void ApplyChange(const base::Context& parent,
                   tf::ApplyCall<OperatorModel>& call) const override;
  void Delete(const base::Context& parent,
              tf::DeleteCall<OperatorModel>& call) const override;
  void Refresh(const base::Context& parent,
               tf::ReadCall<OperatorModel>& call) const override {
    ReadOperator(parent, *session_, call);
  }

  void ImportState(const base::Context&,
                   tf::ImportCall<OperatorModel>& call) const override {
    const std::vector<std::string> parts = absl::StrSplit(call.id, '/');
    if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) {
      call.diags.AddError("Invalid import id",
                          absl::StrCat("\"", call.id,
                                       "\" is not namespace/name. Example: "
                                       "wandb/wandb."));
      return;
    }
    call.state.ns = parts[0];
    call.state.name = parts[1];
    call.state.id = call.id;
    call.private_data[kImported] = true;
  }

 private:
  static std::string IdOf(const OperatorModel& model) {
    return absl::StrCat(model.ns.value(), "/", model.name.value());
  }

  // Writes one object; false after an error.
  bool Write(const base::Context& ctx, kube::Client& client,
             const Json& manifest, bool known_before,
             tf::ApplyCall<OperatorModel>& call) const;
  absl::StatusOr<CreateResult> Update(const base::Context& ctx,
                                      kube::Client& client,
                                      const kube::ObjectRef& ref,
                                      const Json& manifest,
                                      const Json& private_data) const;
  bool DeleteLeftOver(
      const base::Context& ctx, kube::Client& client,
      const std::map<std::string, std::optional<std::string>>& written,
      tf::ApplyCall<OperatorModel>& call) const;
  void AwaitReady(const base::Context& ctx, kube::Client& client,
                  const Json& deployment, bool create,
                  tf::ApplyCall<OperatorModel>& call) const;
  bool InstancesRemain(const base::Context& ctx, kube::Client& client,
                       tf::DeleteCall<OperatorModel>& call) const;

  const std::shared_ptr<const Session> session_;
  const wandb::Scrubber scrubber_;
};

// An object that this resource wrote before: edits by hand are overruled. The
// first update after an import takes everything over from the tools that made
// the object: what they set and the manifest lacks goes away.
absl::StatusOr<CreateResult> OperatorResource::Update(
    const base::Context& ctx, kube::Client& client, const kube::ObjectRef& ref,
    const Json& manifest, const Json& private_data) const {
  const std::string manager = session_->field_manager();
  std::string former =
      base::StringAt(private_data, absl::StrCat("/", kManager)).value_or("");
  if (former == manager) former.clear();
  ASSIGN_OR_RETURN(
      kube::Applied applied,
      UpdateOwned(ctx, client, ref, manifest,
                  {.manager = manager,
                   .uid = RecordedUid(private_data, ObjectKey(manifest)),
                   .may_force =
                       [](const kube::FieldConflict& conflict) {
                         return conflict.operation == "Update";
                       },
                   .sources = EarlierManagers(
                       former, private_data.contains(kImported), nullptr)}));
  if (kube::IsTerminating(applied.object)) {
    // Its end makes room for a new one.
    RETURN_IF_ERROR(
        kube::AwaitGone(ctx, client, ref, kube::UidOf(applied.object)));
    return CreateOrAdopt(ctx, client, ref, manifest, manager);
  }
  return CreateResult{Found::kAdopted, std::move(applied)};
}

bool OperatorResource::Write(const base::Context& ctx, kube::Client& client,
                             const Json& manifest, bool known_before,
                             tf::ApplyCall<OperatorModel>& call) const {
  const auto ref = kube::RefOf(manifest);
  if (!ref.ok()) {
    ReportStatus("Cannot write the operator", ref.status(), *session_,
                 scrubber_, call.diags);
    return false;
  }
  const std::string what = kube::Describe(*ref);
  const auto result =
      known_before && !UsedIfPresent(manifest)
          ? Update(ctx, client, *ref, manifest, call.private_data)
          : CreateOrAdopt(ctx, client, *ref, manifest,
                          session_->field_manager());
  if (!result.ok()) {
    ReportStatus(absl::StrCat("Cannot write ", what), result.status(),
                 *session_, scrubber_, call.diags);
    return false;
  }
  const Json& live = result->applied.object;
  if (result->found == Found::kForeign && !UsedIfPresent(manifest)) {
    call.diags.AddError(
        absl::StrCat(what, " already exists"),
        absl::StrCat(
            "It was not created by this resource, so it is left as it is. To "
            "take over an installation, import it:\n\nimport {\n  to = "
            "wandb_operator.NAME\n  id = \"",
            IdOf(call.planned),
            "\"\n}\n\nOtherwise choose another name or namespace."));
    return false;
  }
  ReportWarnings(result->applied.warnings, scrubber_, call.diags);
  const std::string kind = kube::KindOf(manifest);
  if (kind == "Namespace" && result->found != Found::kForeign) {
    call.private_data[kCreatedNamespace] = kube::UidOf(live);
  }
  call.private_data[kLive][ObjectKey(manifest)] =
      ObjectDigest(OwnedPart(manifest, live));
  call.private_data[kUids][ObjectKey(manifest)] = kube::UidOf(live);
  return true;
}

void OperatorResource::ApplyChange(const base::Context& parent,
                                   tf::ApplyCall<OperatorModel>& call) const {
  const bool create = !call.prior.has_value();
  const base::Context ctx = parent.WithTimeout(TimeoutOf(
      call.planned.timeouts, create ? &Timeouts::create : &Timeouts::update,
      kDefaultTimeout));
  const auto client = ClientOrReport(*session_, call.diags);
  const auto settings = SettingsOf(call.planned);
  if (client == nullptr || !settings.has_value()) return;
  const auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);

  OperatorModel state = call.planned;
  state.ready = false;
  state.crd_versions = std::vector<std::string>{};
  std::map<std::string, std::optional<std::string>> written;
  Json deployment;
  for (const Json& manifest : *manifests) {
    const std::string key = ObjectKey(manifest);
    const bool known_before = !create && call.prior->objects.IsKnown() &&
                              call.prior->objects.fields().count(key) > 0;
    if (!Write(ctx, *client, manifest, known_before, call)) return;
    written[key] = ObjectDigest(manifest);
    state.objects = StringMap(written);
    call.saved = state;
    if (kube::KindOf(manifest) == "CustomResourceDefinition") {
      const auto crd = kube::AwaitObject(
          ctx, *client, kube::CrdRef(wandb::kCrdName),
          [](const Json* live) -> absl::StatusOr<bool> {
            return live != nullptr && kube::EvaluateRollout(*live).done;
          });
      if (!crd.ok()) {
        return ReportStatus("CRD not established", crd.status(), *session_,
                            scrubber_, call.diags);
      }
      state.crd_versions = ServedVersions(*crd);
      call.saved = state;
    }
    if (kube::KindOf(manifest) == "Deployment") deployment = manifest;
  }
  if (!create && !DeleteLeftOver(ctx, *client, written, call)) return;
  call.private_data.erase(kImported);
  call.private_data[kManager] = session_->field_manager();
  AwaitReady(ctx, *client, deployment, create, call);
}

// What an earlier version of this configuration had and this one lacks.
bool OperatorResource::DeleteLeftOver(
    const base::Context& ctx, kube::Client& client,
    const std::map<std::string, std::optional<std::string>>& written,
    tf::ApplyCall<OperatorModel>& call) const {
  if (!call.prior->objects.IsKnown()) return true;
  for (const auto& [key, digest] : call.prior->objects.fields()) {
    if (written.count(key) > 0) continue;
    const std::vector<std::string> parts = absl::StrSplit(key, '/');
    if (parts[0] != "ConfigMap" || parts.size() != 3) continue;
    const absl::Status gone =
        client.Delete(ctx, kube::ConfigMapRef(parts[1], parts[2]),
                      {.uid = RecordedUid(call.private_data, key)});
    // Made again by somebody else: not ours any more.
    if (!gone.ok() && !kube::IsStale(gone)) {
      ReportStatus(absl::StrCat("Cannot delete ", key), gone, *session_,
                   scrubber_, call.diags);
      return false;
    }
    for (const char* record : {kLive, kUids}) {
      call.private_data[record].erase(key);
    }
  }
  return true;
}

void OperatorResource::AwaitReady(const base::Context& ctx,
                                  kube::Client& client, const Json& deployment,
                                  bool create,
                                  tf::ApplyCall<OperatorModel>& call) const {
  const auto ref = kube::RefOf(deployment);
  kube::Rollout rollout;
  const auto look = [&rollout](const Json* live) -> absl::StatusOr<bool> {
    if (live == nullptr) {
      return absl::NotFoundError("the Deployment was deleted meanwhile");
    }
    rollout = kube::EvaluateRollout(*live);
    return rollout.done || rollout.failed;
  };
  if (!call.planned.wait.value_or(true)) {
    const auto live = client.Get(ctx, *ref);
    if (live.ok()) call.saved->ready = look(&*live).ok() && rollout.done;
    return;
  }
  const auto live = kube::AwaitObject(ctx, client, *ref, look);
  if (live.ok() && rollout.done) {
    call.saved->ready = true;
    return;
  }
  std::vector<std::string> lines = {rollout.reason};
  if (!live.ok()) lines.push_back(Explain(live.status(), *session_, scrubber_));
  // The wait's own time is used up; a look at the pods has its own bound.
  if (!absl::IsCancelled(live.status())) {
    const auto now = client.Get(ctx.WithoutDeadline(), *ref);
    if (now.ok()) {
      for (const std::string& line :
           kube::ExplainWorkload(ctx.WithoutDeadline(), client, *now)) {
        lines.push_back(scrubber_.Scrub(line));
      }
    }
  }
  const std::string summary =
      absl::StrCat("Operator not ready: ", rollout.ready, " of ",
                   rollout.desired, " replicas available");
  if (call.planned.wait_failure.value_or("error") == "warn" &&
      !absl::IsCancelled(live.status())) {
    lines.push_back("The next apply waits again.");
    call.diags.AddWarning(summary, absl::StrJoin(lines, "\n"));
    return;
  }
  if (create) {
    lines.push_back(
        "The objects exist and are in the state, marked as tainted: the next "
        "apply replaces them. To keep them, run \"tofu untaint\" (or "
        "\"terraform untaint\") on this resource first, or set wait_failure = "
        "\"warn\".");
  }
  call.diags.AddError(summary, absl::StrJoin(lines, "\n"));
}

bool OperatorResource::InstancesRemain(
    const base::Context& ctx, kube::Client& client,
    tf::DeleteCall<OperatorModel>& call) const {
  const auto list = client.List(
      ctx, {wandb::kGroup, wandb::kVersion, wandb::kPlural, ""}, {});
  if (!list.ok()) {
    if (kube::IsKindNotServed(list.status())) return false;
    ReportStatus("Cannot look for instances", list.status(), *session_,
                 scrubber_, call.diags);
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

void OperatorResource::Delete(const base::Context& parent,
                              tf::DeleteCall<OperatorModel>& call) const {
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.state.timeouts, &Timeouts::del, kDefaultTimeout));
  const auto client = ClientOrReport(*session_, call.diags);
  if (client == nullptr) return;
  if (!call.state.force_destroy.value_or(false) &&
      InstancesRemain(ctx, *client, call)) {
    return;
  }
  auto manifests = wandb::OperatorManifests(
      SettingsOf(call.state).value_or(wandb::OperatorSettings()));
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
  std::reverse(manifests->begin(), manifests->end());
  const auto report = [&](const Json& manifest, const absl::Status& status) {
    ReportStatus(absl::StrCat("Cannot delete ", ObjectKey(manifest)), status,
                 *session_, scrubber_, call.diags);
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
    if (!IsOurs(manifest, *live, session_->field_manager(), call)) {
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
  DeleteOwnNamespace(ctx, *client, call.state.ns.value(), *uid, *session_,
                     scrubber_, call.diags);
}

}  // namespace

std::unique_ptr<tf::Resource> NewOperatorResource(
    std::shared_ptr<const Session> session) {
  return std::make_unique<OperatorResource>(std::move(session));
}

}  // namespace resources
