#include "resources/operator/apply.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "kube/rollout.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/apply.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/plan.h"
#include "resources/operator/private_data.h"
#include "resources/operator/readiness.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

class OperatorApply {
 public:
  OperatorApply(base::Context ctx, const Session& session, kube::Client& client,
                tf::ApplyCall<OperatorModel>& call)
      : ctx_(std::move(ctx)), session_(session), client_(client), call_(call) {}

  void Run(const std::vector<Json>& manifests);

 private:
  // Each returns false after an error.
  bool Write(const Json& manifest, bool known_before);
  bool AwaitDefinition(OperatorModel& state);
  bool DeleteLeftOver(
      const std::map<std::string, std::optional<std::string>>& written);

  absl::StatusOr<CreateResult> Update(const kube::ObjectRef& ref,
                                      const Json& manifest);
  void Report(absl::string_view summary, const absl::Status& status) {
    ReportStatus(summary, status, session_, scrubber_, call_.diags);
  }

  const base::Context ctx_;
  const Session& session_;
  kube::Client& client_;
  tf::ApplyCall<OperatorModel>& call_;
  const wandb::Scrubber scrubber_;
};

// An object that this resource wrote before: edits by hand are overruled. The
// first update after an import takes everything over from the tools that made
// the object: what they set and the manifest lacks goes away.
absl::StatusOr<CreateResult> OperatorApply::Update(const kube::ObjectRef& ref,
                                                   const Json& manifest) {
  const Json& private_data = call_.private_data;
  const std::string manager = session_.field_manager();
  std::string former =
      base::StringAt(private_data, absl::StrCat("/", kManager)).value_or("");
  if (former == manager) former.clear();
  ASSIGN_OR_RETURN(
      kube::Applied applied,
      UpdateOwned(ctx_, client_, ref, manifest,
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
        kube::AwaitGone(ctx_, client_, ref, kube::UidOf(applied.object)));
    return CreateOrAdopt(ctx_, client_, ref, manifest, manager);
  }
  return CreateResult{Found::kAdopted, std::move(applied)};
}

bool OperatorApply::Write(const Json& manifest, bool known_before) {
  const auto ref = kube::RefOf(manifest);
  if (!ref.ok()) {
    Report("Cannot write the operator", ref.status());
    return false;
  }
  const std::string what = kube::Describe(*ref);
  const auto result = known_before && !UsedIfPresent(manifest)
                          ? Update(*ref, manifest)
                          : CreateOrAdopt(ctx_, client_, *ref, manifest,
                                          session_.field_manager());
  if (!result.ok()) {
    Report(absl::StrCat("Cannot write ", what), result.status());
    return false;
  }
  const Json& live = result->applied.object;
  if (result->found == Found::kForeign && !UsedIfPresent(manifest)) {
    call_.diags.AddError(
        absl::StrCat(what, " already exists"),
        absl::StrCat(
            "It was not created by this resource, so it is left as it is. To "
            "take over an installation, import it:\n\nimport {\n  to = "
            "wandb_operator.NAME\n  id = \"",
            IdOf(call_.planned),
            "\"\n}\n\nOtherwise choose another name or namespace."));
    return false;
  }
  ReportWarnings(result->applied.warnings, scrubber_, call_.diags);
  if (kube::KindOf(manifest) == "Namespace" &&
      result->found != Found::kForeign) {
    call_.private_data[kCreatedNamespace] = kube::UidOf(live);
  }
  call_.private_data[kLive][ObjectKey(manifest)] =
      ObjectDigest(OwnedPart(manifest, live));
  call_.private_data[kUids][ObjectKey(manifest)] = kube::UidOf(live);
  return true;
}

bool OperatorApply::AwaitDefinition(OperatorModel& state) {
  const auto crd = kube::AwaitObject(
      ctx_, client_, kube::CrdRef(wandb::kCrdName),
      [](const Json* live) -> absl::StatusOr<bool> {
        return live != nullptr && kube::EvaluateRollout(*live).done;
      });
  if (!crd.ok()) {
    Report("CRD not established", crd.status());
    return false;
  }
  state.crd_versions = ServedVersions(*crd);
  return true;
}

// What an earlier version of this configuration had and this one lacks.
bool OperatorApply::DeleteLeftOver(
    const std::map<std::string, std::optional<std::string>>& written) {
  if (!call_.prior->objects.IsKnown()) return true;
  for (const auto& [key, digest] : call_.prior->objects.fields()) {
    if (written.count(key) > 0) continue;
    const std::vector<std::string> parts = absl::StrSplit(key, '/');
    if (parts[0] != "ConfigMap" || parts.size() != 3) continue;
    const absl::Status gone =
        client_.Delete(ctx_, kube::ConfigMapRef(parts[1], parts[2]),
                       {.uid = RecordedUid(call_.private_data, key)});
    // Made again by somebody else: not ours any more.
    if (!gone.ok() && !kube::IsStale(gone)) {
      Report(absl::StrCat("Cannot delete ", key), gone);
      return false;
    }
    for (const char* record : {kLive, kUids}) {
      call_.private_data[record].erase(key);
    }
  }
  return true;
}

void OperatorApply::Run(const std::vector<Json>& manifests) {
  const bool create = !call_.prior.has_value();
  OperatorModel state = call_.planned;
  state.ready = false;
  state.crd_versions = std::vector<std::string>{};
  std::map<std::string, std::optional<std::string>> written;
  Json deployment;
  for (const Json& manifest : manifests) {
    const std::string key = ObjectKey(manifest);
    const bool known_before = !create && call_.prior->objects.IsKnown() &&
                              call_.prior->objects.fields().count(key) > 0;
    if (!Write(manifest, known_before)) return;
    written[key] = ObjectDigest(manifest);
    state.objects = StringMap(written);
    call_.saved = state;
    const std::string kind = kube::KindOf(manifest);
    if (kind == "CustomResourceDefinition") {
      if (!AwaitDefinition(state)) return;
      call_.saved = state;
    }
    if (kind == "Deployment") deployment = manifest;
  }
  if (!create && !DeleteLeftOver(written)) return;
  NoteGeneration(session_, call_.private_data);
  call_.private_data.erase(kImported);
  call_.private_data[kManager] = session_.field_manager();
  AwaitOperator(ctx_, session_, client_, deployment, call_);
}

}  // namespace

void ApplyOperator(const base::Context& parent, const Session& session,
                   tf::ApplyCall<OperatorModel>& call) {
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.planned.timeouts,
                call.prior.has_value() ? &Timeouts::update : &Timeouts::create,
                kDefaultOperatorTimeout));
  const auto client = GuardedClientOrReport(
      session, GuardedOperator(call.planned), call.diags);
  const auto settings = SettingsOf(call.planned);
  if (client == nullptr || !settings.has_value()) return;
  const auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
  OperatorApply(ctx, session, *client, call).Run(*manifests);
}

}  // namespace resources
