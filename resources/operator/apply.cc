#include "resources/operator/apply.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/ssa/create.h"
#include "kube/ssa/update.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/namespace.h"
#include "resources/operator/admission.h"
#include "resources/operator/fit.h"
#include "resources/operator/held_definition.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/operators.h"
#include "resources/operator/ownership.h"
#include "resources/operator/plan.h"
#include "resources/operator/private_data.h"
#include "resources/operator/readiness.h"
#include "resources/operator/rights.h"
#include "resources/operator/update.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"

namespace resources {
namespace {

using base::Json;

class OperatorApply {
 public:
  OperatorApply(base::Context ctx, const Session& session, kube::Client& client,
                tf::ApplyCall<OperatorModel>& call);

  void Run(const std::vector<Json>& manifests);

 private:
  // Each returns false after an error.
  bool Look(const std::vector<Json>& manifests);
  // Whether a definition that is being deleted can come to its end.
  bool CanDefine();
  // Asks whether sources of volumes that are in the way may be taken away.
  bool MayTakeSources();
  bool Write(const Sighting& seen);
  bool AwaitDefinition();
  bool DeleteLeftOver(const std::vector<Json>& manifests);

  // Whether what exists is used as it is.
  bool IsUsed(const Sighting& seen) const;
  absl::StatusOr<ssa::CreateResult> WriteOwn(const Sighting& seen);
  absl::StatusOr<ssa::CreateResult> Update(const Sighting& seen);
  absl::StatusOr<ssa::CreateResult> Create(const Sighting& seen);
  // Takes note of what was written.
  void Record(const Sighting& seen, const Json& live);
  // Gives core what is known by now.
  void Save();
  void Report(absl::string_view summary, const absl::Status& status) {
    ReportStatus(summary, status, session_, scrubber_, call_.diags);
  }

  // With all rights that are missing for `manifests`, if it is about a right.
  void ReportRefusal(absl::string_view summary, const absl::Status& status,
                     const std::vector<Json>& manifests) {
    const std::vector<Refusal> others =
        absl::IsPermissionDenied(status)
            ? FindRefusals(ctx_, client_, manifests, session_.field_manager())
            : std::vector<Refusal>();
    call_.diags.AddError(
        summary, WhyRefused(ctx_, client_, session_, scrubber_,
                            {Deed::Kind::kApply, manifests}, status, others));
  }

  const base::Context ctx_;
  const Session& session_;
  kube::Client& client_;
  tf::ApplyCall<OperatorModel>& call_;
  const wandb::Scrubber scrubber_;
  const Claimant who_;
  std::vector<Sighting> all_;
  std::set<std::string> adopted_;  // Keys.
  // That it is in was made by a resource that is gone: IsOrphaned().
  bool inherits_namespace_ = false;
  std::vector<Json> late_;  // What was adopted though not seen before.
  OperatorModel state_;
  std::map<std::string, std::optional<std::string>> objects_;
};

OperatorApply::OperatorApply(base::Context ctx, const Session& session,
                             kube::Client& client,
                             tf::ApplyCall<OperatorModel>& call)
    : ctx_(std::move(ctx)),
      session_(session),
      client_(client),
      call_(call),
      who_{.id = IdOf(call.planned),
           .record = call.private_data,
           .stage = call.prior.has_value() ? Claimant::Stage::kEstablished
                                           : Claimant::Stage::kCreate},
      state_(call.planned) {
  state_.ready = false;
  state_.deployed_image = {};
  if (!state_.crd_versions.IsKnown()) {
    state_.crd_versions = std::vector<std::string>{};
  }
  if (!call_.prior.has_value()) {
    // Of what this one replaces.
    call_.private_data.erase(kCreatedNamespace);
    return;
  }
  // What is not written stays as it was, or the next plan would forget it.
  state_.deployed_image = call_.prior->deployed_image;
  if (!call_.prior->objects.IsKnown()) return;
  for (const auto& [key, digest] : call_.prior->objects.fields()) {
    objects_[key] = digest.AsString();
  }
}

bool OperatorApply::Look(const std::vector<Json>& manifests) {
  auto all = LookAt(ctx_, client_, manifests);
  if (!all.ok()) {
    ReportRefusal("Cannot look for the operator's objects", all.status(),
                  manifests);
    return false;
  }
  all_ = *std::move(all);
  Admission admission =
      Admit(ctx_, client_, session_.field_manager(), all_, who_, call_.diags);
  adopted_ = std::move(admission.adopted);
  inherits_namespace_ =
      who_.stage == Claimant::Stage::kCreate &&
      std::any_of(all_.begin(), all_.end(), [this](const Sighting& seen) {
        return kube::KindOf(seen.manifest) == "Namespace" && seen.exists() &&
               IsOrphaned(ctx_, client_, seen.live, who_.id,
                          session_.field_manager());
      });
  return admission.granted && MayTakeSources() && CanDefine();
}

bool OperatorApply::CanDefine() {
  const std::string why = WhyDefinitionIsHeld(ctx_, client_, all_);
  if (why.empty()) return true;
  call_.diags.AddError("Instances hold the definition", why);
  return false;
}

bool OperatorApply::MayTakeSources() {
  const Sighting& seen = DeploymentOf(all_);
  if (!seen.exists() || seen.IsDying()) return true;
  auto held = HeldSources(
      seen, RulesOfUpdate(seen, who_, session_.field_manager(), call_.planned));
  if (held.empty()) return true;
  call_.diags.AddError(absl::StrCat("Cannot write ", kube::Describe(seen.ref)),
                       ExplainOperatorConflicts(std::move(held)));
  return false;
}

bool OperatorApply::IsUsed(const Sighting& seen) const {
  if (!UsedIfPresent(seen.manifest) || !seen.exists() || seen.IsDying()) {
    return false;
  }
  const bool own_namespace =
      kube::KindOf(seen.manifest) == "Namespace" &&
      (OwnerOf(seen.live) == who_.id || inherits_namespace_ ||
       CreatedNamespace(who_.record) == kube::UidOf(seen.live));
  return !own_namespace;
}

absl::StatusOr<ssa::CreateResult> OperatorApply::Update(const Sighting& seen) {
  const std::string manager = session_.field_manager();
  ssa::UpdateRules rules = RulesOfUpdate(seen, who_, manager, call_.planned);
  if (IsBinding(seen.manifest)) {
    // Who was added since all were looked at keeps its rights, too.
    rules.fit = [&](const Json& live) {
      Sighting now = seen;
      now.live = live;
      return FittedManifest(now, all_, manager);
    };
  }
  ASSIGN_OR_RETURN(
      kube::Applied applied,
      ssa::UpdateOwned(ctx_, client_, seen.ref,
                       FittedManifest(seen, all_, manager), rules));
  if (kube::IsTerminating(applied.object)) {
    // Its end makes room for a new one.
    RETURN_IF_ERROR(
        kube::AwaitGone(ctx_, client_, seen.ref, kube::UidOf(applied.object)));
    return Create(seen);
  }
  return ssa::CreateResult{ssa::Found::kAdopted, std::move(applied)};
}

absl::StatusOr<ssa::CreateResult> OperatorApply::Create(const Sighting& seen) {
  auto result = ssa::CreateOrAdopt(ctx_, client_, seen.ref, seen.manifest,
                                   session_.field_manager());
  if (result.ok() && result->found == ssa::Found::kAdopted) {
    late_.push_back(result->applied.object);
  }
  return result;
}

absl::StatusOr<ssa::CreateResult> OperatorApply::WriteOwn(
    const Sighting& seen) {
  if (adopted_.count(seen.key) > 0) {
    return ssa::CreateResult{ssa::Found::kAdopted, {.object = seen.live}};
  }
  if (seen.exists() && !seen.IsDying()) return Update(seen);
  return Create(seen);
}

bool OperatorApply::Write(const Sighting& seen) {
  if (IsUsed(seen)) return true;
  const auto result = WriteOwn(seen);
  if (!result.ok()) {
    const std::string summary =
        absl::StrCat("Cannot write ", kube::Describe(seen.ref));
    if (kube::HasFieldConflicts(result.status())) {
      call_.diags.AddError(
          summary,
          Explain(result.status(), session_, scrubber_,
                  ExplainOperatorConflicts(ssa::RefusedConflicts(
                      result.status(),
                      RulesOfUpdate(seen, who_, session_.field_manager(),
                                    call_.planned)))));
    } else {
      std::vector<Json> manifests;
      for (const Sighting& each : all_) manifests.push_back(each.manifest);
      ReportRefusal(summary, result.status(), manifests);
    }
    return false;
  }
  if (result->found == ssa::Found::kForeign) {  // Made since we looked.
    if (UsedIfPresent(seen.manifest)) return true;
    std::vector<Sighting> now = all_;
    Sighting& late = *std::find_if(
        now.begin(), now.end(),
        [&seen](const Sighting& each) { return each.key == seen.key; });
    late.live = result->applied.object;
    ReportOthers(ctx_, client_, {&late}, now, who_, call_.diags);
    return false;
  }
  ReportWarnings(result->applied.warnings, session_, scrubber_, call_.diags);
  Record(seen, result->applied.object);
  return true;
}

void OperatorApply::Record(const Sighting& seen, const Json& live) {
  if (kube::KindOf(seen.manifest) == "Namespace") {
    call_.private_data[kCreatedNamespace] = kube::UidOf(live);
  }
  call_.private_data[kLive][seen.key] =
      ObjectDigest(ComparedPart(WithoutOwner(seen.manifest), live));
  call_.private_data[kUids][seen.key] = kube::UidOf(live);
}

void OperatorApply::Save() {
  state_.objects = StringMap(objects_);
  call_.saved = state_;
}

bool OperatorApply::AwaitDefinition() {
  const auto crd = kube::AwaitEstablished(ctx_, client_, wandb::kCrdName);
  if (!crd.ok()) {
    Report("CRD not established", crd.status());
    return false;
  }
  if (!call_.planned.crd_versions.IsKnown()) {
    state_.crd_versions = ServedVersions(*crd);
  }
  return true;
}

// What an earlier version of this configuration had and this one lacks.
bool OperatorApply::DeleteLeftOver(const std::vector<Json>& manifests) {
  if (!call_.prior.has_value()) return true;
  const auto left =
      LookAt(ctx_, client_, LeftOvers(call_.prior->objects, manifests));
  if (!left.ok()) {
    Report("Cannot look for objects that are no longer needed", left.status());
    return false;
  }
  for (const Sighting& seen : *left) {
    absl::Status gone;
    if (seen.exists() && ClaimTo(seen, *left, who_) == Claim::kOurs) {
      gone = client_.Delete(ctx_, seen.ref, {.uid = kube::UidOf(seen.live)});
    }
    // Made again by somebody else: not ours any more.
    if (!gone.ok() && !kube::IsStale(gone)) {
      Report(absl::StrCat("Cannot delete ", kube::Describe(seen.ref)), gone);
      return false;
    }
    for (const char* record : {kLive, kUids}) {
      call_.private_data[record].erase(seen.key);
    }
    objects_.erase(seen.key);
    Save();
  }
  return true;
}

void OperatorApply::Run(const std::vector<Json>& manifests) {
  if (!Look(manifests)) return;
  WarnOfOperatorsBeside(OperatorsBeside(ctx_, client_, DeploymentOf(all_).ref),
                        who_.id, call_.diags);
  // Another apply may have made them at the same time.
  const absl::Cleanup warn = [this] {
    if (late_.empty()) return;
    WarnOfAdopted(absl::StrCat("Operator ", who_.id), late_, call_.diags);
  };
  Json deployment;
  for (const Sighting& seen : all_) {
    if (!Write(seen)) return;
    const std::string kind = kube::KindOf(seen.manifest);
    objects_[seen.key] = WantedDigest(seen.manifest);
    if (kind == "Deployment") {
      deployment = seen.manifest;
      state_.deployed_image = call_.planned.deployed_image;
    }
    Save();
    if (kind == "CustomResourceDefinition") {
      if (!AwaitDefinition()) return;
      Save();
    }
  }
  if (!DeleteLeftOver(manifests)) return;
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
  const auto client =
      GuardedClientOrReport(session, GuardedOperator(call.planned), call.diags);
  const auto settings = SettingsOf(call.planned);
  if (client == nullptr || !settings.has_value()) return;
  const auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) return ReportSettings(manifests.status(), call.diags);
  OperatorApply(ctx, session, *client, call).Run(*manifests);
}

}  // namespace resources
