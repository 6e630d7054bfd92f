#include "resources/operator/apply.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/parallel.h"
#include "base/status_macros.h"
#include "kube/ssa/create.h"
#include "kube/ssa/replaced.h"
#include "kube/ssa/update.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/namespace.h"
#include "resources/operator/admission.h"
#include "resources/operator/crd_upgrade.h"
#include "resources/operator/fit.h"
#include "resources/operator/held_definition.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/operators.h"
#include "resources/operator/others_report.h"
#include "resources/operator/ownership.h"
#include "resources/operator/private_data.h"
#include "resources/operator/readiness.h"
#include "resources/operator/release_record.h"
#include "resources/operator/rights.h"
#include "resources/operator/stages.h"
#include "resources/operator/unmanaged_definition.h"
#include "resources/operator/update.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;

class OperatorApply {
 public:
  OperatorApply(const Operation& op, tf::ApplyCall<OperatorModel>& call);

  void Run(const std::vector<Json>& manifests);
  bool took_over() const {
    return !call_.prior.has_value() && !(adopted_.empty() && late_.empty());
  }

 private:
  // Each returns false after an error.
  bool Look(const std::vector<Json>& manifests);
  // An account that this apply gives up is nobody else's: it loses its rights.
  void DropFormerAccount(Sighting& seen) const;
  // Whether a definition that is being deleted can come to its end.
  bool CanDefine();
  // Whether there is one, where it is not the business of this resource.
  bool FindsDefinition();
  // Asks whether sources of volumes that are in the way may be taken away.
  bool MayTakeSources();
  // Writes what does not need each other, at the same time.
  bool Write(const Stage& stage);
  bool TakeDefinition(const absl::StatusOr<Json>& crd);
  bool DeleteLeftOver(const std::vector<Json>& manifests);
  // Forgets what is left where it is: a namespace or a definition that is not
  // the business of this resource any more.
  void ForgetRest(const std::vector<Json>& manifests);
  // Makes Helm forget the release that made what was imported, or says that it
  // has not. False after an error.
  bool LeaveHelm();

  // What became of one write. Those of a stage are made on threads of their
  // own, which change nothing else.
  struct Outcome {
    absl::StatusOr<ssa::CreateResult> result;
    bool late = false;  // Adopted though not seen before.
  };

  // Whether what exists is used as it is.
  bool IsUsed(const Sighting& seen) const;
  Outcome WriteOwn(const Sighting& seen) const;
  absl::StatusOr<ssa::CreateResult> Update(const Sighting& seen,
                                           bool& late) const;
  absl::StatusOr<ssa::CreateResult> Create(const Sighting& seen,
                                           bool& late) const;
  // Takes note of what became of the write of `seen`; false after an error.
  bool Take(const Sighting& seen, const Outcome& outcome);
  // That others have `live` under the name of `seen` since we looked.
  void ReportLate(const Sighting& seen, const Json& live);
  // The failure of a write of `seen`.
  void ReportWrite(const Sighting& seen, const absl::Status& status);
  // Takes note of what was written.
  void Record(const Sighting& seen, const Json& live);
  // Gives core what is known by now.
  void Save();
  void Report(absl::string_view summary, const absl::Status& status) {
    ReportStatus(summary, status, op_.session, op_.scrubber, op_.diags);
  }

  // With all rights that are missing for `manifests`, if it is about a right.
  void ReportRefusal(absl::string_view summary, const absl::Status& status,
                     const std::vector<Json>& manifests) {
    const std::vector<Refusal> others = absl::IsPermissionDenied(status)
                                            ? FindRefusals(op_, manifests)
                                            : std::vector<Refusal>();
    op_.diags.AddError(summary, WhyRefused(op_, {Deed::Kind::kApply, manifests},
                                           status, others));
  }

  const Operation& op_;
  tf::ApplyCall<OperatorModel>& call_;
  OperatorRecord record_;
  Claimant who_;  // With what was recorded before.
  std::vector<Sighting> all_;
  std::set<std::string> adopted_;  // Keys.
  // That it is in was made by a resource that is gone: IsOrphaned().
  bool inherits_namespace_ = false;
  std::vector<Json> late_;           // What was adopted though not seen before.
  Json deployment_;                  // As its write answered.
  std::set<absl::StatusCode> said_;  // Of what IsAboutAllWrites().
  OperatorModel state_;
  std::map<std::string, std::optional<std::string>> objects_;
  std::map<std::string, std::optional<std::string>> changes_;  // Still there.
};

OperatorApply::OperatorApply(const Operation& op,
                             tf::ApplyCall<OperatorModel>& call)
    : op_(op),
      call_(call),
      record_(OperatorRecord::FromJson(call.private_data)),
      who_{.id = IdOf(call.planned),
           .record = record_,
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
    record_.rest.erase(kCreatedNamespace);
    return;
  }
  // What is not written stays as it was, or the next plan would forget it.
  state_.adopt = call_.prior->adopt;
  state_.deployed_image = call_.prior->deployed_image;
  if (call_.prior->changes.IsKnown()) {
    for (const auto& [key, change] : call_.prior->changes.fields()) {
      changes_[key] = change.AsString();
    }
  }
  if (!call_.prior->objects.IsKnown()) return;
  for (const auto& [key, digest] : call_.prior->objects.fields()) {
    objects_[key] = digest.AsString();
  }
}

bool OperatorApply::Look(const std::vector<Json>& manifests) {
  absl::StatusOr<std::vector<Sighting>> all;
  absl::StatusOr<std::vector<std::string>> beside;
  const wandb::OperatorSettings& settings = call_.planned.arguments.values;
  const kube::ObjectRef deployment =
      kube::DeploymentRef(settings.ns, wandb::OperatorDeploymentName(settings));
  base::RunInParallel(
      {[&] { all = LookAt(op_.ctx, op_.client, manifests); },
       [&] { beside = OperatorsBeside(op_.ctx, op_.client, deployment); }});
  if (!all.ok()) {
    ReportRefusal(
        absl::StrCat("Cannot look for the objects of operator ", who_.id),
        all.status(), manifests);
    return false;
  }
  WarnOfOperatorsBeside(beside, who_.id, op_.session, op_.diags);
  all_ = *std::move(all);
  for (Sighting& seen : all_) DropFormerAccount(seen);
  if (call_.prior.has_value()) {
    record_.Recover(DeploymentOf(all_).live, op_.session.field_manager());
    who_.record = record_;
  }
  Admission admission = Admit(op_, all_, who_);
  adopted_ = std::move(admission.adopted);
  inherits_namespace_ =
      who_.stage == Claimant::Stage::kCreate &&
      std::any_of(all_.begin(), all_.end(), [this](const Sighting& seen) {
        return kube::KindOf(seen.manifest) == "Namespace" && seen.exists() &&
               IsOrphaned(op_.ctx, op_.client, seen.live, who_.id,
                          op_.session.field_manager());
      });
  return admission.granted && MayTakeSources() && CanDefine() &&
         CheckUpgrade(all_, op_.diags) && FindsDefinition();
}

bool OperatorApply::FindsDefinition() {
  if (ManagesDefinition(call_.planned)) return true;
  const auto found = FindDefinition(op_.ctx, op_.client);
  if (!found.ok()) {
    Report("Cannot look for the definition", found.status());
    return false;
  }
  if (!found->has_value()) return true;
  const std::string why = WhyNoUse(**found);
  if (why.empty()) {
    return TakeDefinition(
        kube::AwaitEstablished(op_.ctx, op_.client, wandb::kCrdName));
  }
  op_.diags.AddError("crd", kNoUsableDefinition, why);
  return false;
}

void OperatorApply::DropFormerAccount(Sighting& seen) const {
  const auto before =
      call_.prior.has_value() ? SettingsOf(*call_.prior) : std::nullopt;
  const auto now = SettingsOf(call_.planned);
  if (!before.has_value() || !now.has_value()) return;
  const std::string former = wandb::OperatorServiceAccountName(*before);
  if (former == wandb::OperatorServiceAccountName(*now) ||
      !IsBinding(seen.manifest) || !seen.live.contains("subjects")) {
    return;
  }
  Json rest = Json::array();
  for (const Json& subject : base::ListAt(seen.live, "/subjects")) {
    if (base::StringAt(subject, "/kind") != "ServiceAccount" ||
        base::StringAt(subject, "/namespace") != before->ns ||
        base::StringAt(subject, "/name") != former) {
      rest.push_back(subject);
    }
  }
  seen.live["subjects"] = std::move(rest);
}

bool OperatorApply::CanDefine() {
  const std::string why = WhyDefinitionIsHeld(op_, all_);
  if (why.empty()) return true;
  op_.diags.AddError("Instances hold the definition", why);
  return false;
}

bool OperatorApply::MayTakeSources() {
  const Sighting& seen = DeploymentOf(all_);
  if (!seen.exists() || seen.IsDying()) return true;
  auto held = HeldSources(
      seen,
      RulesOfUpdate(seen, who_, op_.session.field_manager(), call_.planned));
  if (held.empty()) return true;
  op_.diags.AddError(absl::StrCat("Cannot write ", kube::Describe(seen.ref)),
                     ExplainOperatorConflicts(std::move(held)));
  return false;
}

bool OperatorApply::IsUsed(const Sighting& seen) const {
  if (!UsedIfPresent(seen.manifest) || !seen.exists() || seen.IsDying()) {
    return false;
  }
  const bool own_namespace =
      IsOwnNamespace(seen, who_) ||
      (kube::KindOf(seen.manifest) == "Namespace" && inherits_namespace_);
  return !own_namespace && !IsKeptDefinition(seen.manifest, seen.live);
}

absl::StatusOr<ssa::CreateResult> OperatorApply::Update(const Sighting& seen,
                                                        bool& late) const {
  const std::string manager = op_.session.field_manager();
  ssa::UpdateRules rules = RulesOfUpdate(seen, who_, manager, call_.planned);
  if (IsBinding(seen.manifest)) {
    // Who was added since all were looked at keeps its rights, too.
    rules.fit = [&](const Json& live) {
      Sighting now = seen;
      now.live = live;
      DropFormerAccount(now);
      return FittedManifest(now, all_, manager);
    };
  }
  ASSIGN_OR_RETURN(
      kube::Applied applied,
      ssa::UpdateOwned(op_.ctx, op_.client, seen.ref,
                       FittedManifest(seen, all_, manager), rules));
  if (kube::IsTerminating(applied.object)) {
    // Its end makes room for a new one.
    RETURN_IF_ERROR(kube::AwaitGone(op_.ctx, op_.client, seen.ref,
                                    kube::UidOf(applied.object)));
    return Create(seen, late);
  }
  return ssa::CreateResult{ssa::Found::kAdopted, std::move(applied)};
}

absl::StatusOr<ssa::CreateResult> OperatorApply::Create(const Sighting& seen,
                                                        bool& late) const {
  auto result = ssa::CreateOrAdopt(op_.ctx, op_.client, seen.ref, seen.manifest,
                                   op_.session.field_manager());
  late = result.ok() && result->found == ssa::Found::kAdopted;
  return result;
}

OperatorApply::Outcome OperatorApply::WriteOwn(const Sighting& seen) const {
  Outcome outcome;
  const bool is_current = IsKeptDefinition(seen.manifest, seen.live) &&
                          !seen.IsDying() && !NeedsUpgrade(seen);
  if (adopted_.count(seen.key) > 0 || is_current) {
    outcome.result =
        ssa::CreateResult{ssa::Found::kAdopted, {.object = seen.live}};
  } else if (seen.exists() && !seen.IsDying()) {
    outcome.result = Update(seen, outcome.late);
  } else {
    outcome.result = Create(seen, outcome.late);
  }
  return outcome;
}

void OperatorApply::ReportLate(const Sighting& seen, const Json& live) {
  std::vector<Sighting> now = all_;
  Sighting& late = *std::find_if(
      now.begin(), now.end(),
      [&seen](const Sighting& each) { return each.key == seen.key; });
  late.live = live;
  ReportOthers(op_, {&late}, now, who_);
}

void OperatorApply::ReportWrite(const Sighting& seen,
                                const absl::Status& status) {
  if (ssa::IsReplaced(status)) {
    const auto live = op_.client.Get(op_.ctx, seen.ref);
    if (live.ok()) return ReportLate(seen, *live);
  }
  const std::string summary =
      absl::StrCat("Cannot write ", kube::Describe(seen.ref));
  if (kube::HasFieldConflicts(status)) {
    const ssa::UpdateRules rules =
        RulesOfUpdate(seen, who_, op_.session.field_manager(), call_.planned);
    op_.diags.AddError(
        summary,
        Explain(
            ssa::WithoutConflictList(status), op_.session, op_.scrubber,
            ExplainOperatorConflicts(ssa::RefusedConflicts(status, rules))));
    return;
  }
  std::vector<Json> manifests;
  for (const Sighting& each : all_) manifests.push_back(each.manifest);
  ReportRefusal(summary, status, manifests);
}

bool OperatorApply::Take(const Sighting& seen, const Outcome& outcome) {
  const auto& result = outcome.result;
  if (!result.ok()) {
    // Of what is wrong with all of them one report is enough.
    const bool is_new = !IsAboutAllWrites(result.status()) ||
                        said_.insert(result.status().code()).second;
    if (is_new) ReportWrite(seen, result.status());
    // A destroy finds by its owner what was made all the same.
    if (!call_.prior.has_value() && kube::MayBeObeyed(result.status())) Save();
    return false;
  }
  if (outcome.late) late_.push_back(result->applied.object);
  if (result->found == ssa::Found::kForeign) {  // Made since we looked.
    if (UsedIfPresent(seen.manifest)) return true;
    ReportLate(seen, result->applied.object);
    return false;
  }
  ReportWarnings(result->applied.warnings, op_.session, op_.scrubber,
                 op_.diags);
  Record(seen, result->applied.object);
  return true;
}

bool OperatorApply::Write(const Stage& stage) {
  std::vector<Outcome> outcomes(stage.objects.size());
  std::optional<absl::StatusOr<Json>> crd;
  std::vector<std::function<void()>> tasks;
  for (size_t i = 0; i < stage.objects.size(); ++i) {
    if (IsUsed(*stage.objects[i])) continue;
    tasks.emplace_back([&, i] { outcomes[i] = WriteOwn(*stage.objects[i]); });
  }
  if (stage.awaits_definition) {
    tasks.emplace_back([&] {
      crd = kube::AwaitEstablished(op_.ctx, op_.client, wandb::kCrdName);
    });
  }
  base::RunInParallel(tasks);
  bool ok = true, written = false;
  for (size_t i = 0; i < stage.objects.size(); ++i) {
    const Sighting& seen = *stage.objects[i];
    const bool is_used = IsUsed(seen);
    if (!is_used && !Take(seen, outcomes[i])) {
      ok = false;
      continue;
    }
    written = written || !is_used;
    objects_[seen.key] = WantedDigest(seen.manifest);
    changes_.erase(seen.key);
    if (kube::KindOf(seen.manifest) == "Deployment") {
      state_.deployed_image = call_.planned.deployed_image;
      deployment_ = outcomes[i].result->applied.object;
    }
  }
  // What is merely used is nothing to remember a failed create by.
  if (ok || written) Save();
  return (!crd.has_value() || TakeDefinition(*crd)) && ok;
}

void OperatorApply::Record(const Sighting& seen, const Json& live) {
  if (kube::KindOf(seen.manifest) == "Namespace") {
    record_.rest[kCreatedNamespace] = kube::UidOf(live);
  }
  record_.live[seen.key] =
      ObjectDigest(ComparedPart(WithoutOwner(seen.manifest), live));
  record_.uids[seen.key] = kube::UidOf(live);
}

void OperatorApply::Save() {
  state_.objects = StringMap(objects_);
  if (call_.planned.changes.IsKnown()) state_.changes = StringMap(changes_);
  call_.saved = state_;
  call_.private_data = record_.ToJson();
}

bool OperatorApply::TakeDefinition(const absl::StatusOr<Json>& crd) {
  if (!crd.ok()) {
    Report(absl::StrCat(kube::Describe(kube::CrdRef(wandb::kCrdName)),
                        " is not established"),
           crd.status());
    return false;
  }
  if (!call_.planned.crd_versions.IsKnown()) {
    state_.crd_versions = ServedVersions(*crd);
    Save();
  }
  return true;
}

// What an earlier version of this configuration had and this one lacks.
bool OperatorApply::DeleteLeftOver(const std::vector<Json>& manifests) {
  if (!call_.prior.has_value()) return true;
  auto left =
      LookAt(op_.ctx, op_.client, LeftOvers(call_.prior->objects, manifests));
  if (!left.ok()) {
    Report(absl::StrCat("Cannot look for objects that operator ", who_.id,
                        " no longer needs"),
           left.status());
    return false;
  }
  for (Sighting& seen : *left) DropFormerAccount(seen);
  for (const Sighting& seen : *left) {
    absl::Status gone;
    if (TakenByDestroy(seen, *left, who_)) {
      gone =
          op_.client.Delete(op_.ctx, seen.ref, {.uid = kube::UidOf(seen.live)});
    }
    // Made again by somebody else: not ours any more.
    if (!gone.ok() && !kube::IsStale(gone)) {
      Report(absl::StrCat("Cannot delete ", kube::Describe(seen.ref)), gone);
      return false;
    }
    record_.Forget(seen.key);
    objects_.erase(seen.key);
    Save();
  }
  return true;
}

void OperatorApply::ForgetRest(const std::vector<Json>& manifests) {
  changes_.clear();
  const auto wanted = WantedObjects(manifests);
  for (auto it = objects_.begin(); it != objects_.end();) {
    if (wanted.count(it->first) > 0) {
      ++it;
      continue;
    }
    record_.Forget(it->first);
    it = objects_.erase(it);
  }
}

bool OperatorApply::LeaveHelm() {
  if (!call_.prior.has_value()) return true;
  if (who_.IsImporting() && !EndsHelmRelease(call_.planned)) {
    WarnOfRelease(op_, all_, who_);
  }
  if (EndsRelease(*call_.prior, call_.planned, all_, who_) &&
      !EndRelease(op_, all_, who_)) {
    // What is left of it is planned again.
    state_.adopt = AdoptArguments();
    Save();
    return false;
  }
  state_.adopt = call_.planned.adopt;
  Save();
  return true;
}

void OperatorApply::Run(const std::vector<Json>& manifests) {
  if (!Look(manifests)) return;
  // Another apply may have made them at the same time.
  const absl::Cleanup warn = [this] {
    if (late_.empty()) return;
    WarnOfAdopted(absl::StrCat("Operator ", who_.id), late_, op_.diags);
  };
  for (const Stage& stage : StagesOf(all_)) {
    if (!Write(stage)) return;
  }
  if (!DeleteLeftOver(manifests)) return;
  ForgetRest(manifests);
  NoteGeneration(op_.session, record_.rest);
  record_.imported = false;
  record_.manager = op_.session.field_manager();
  Save();
  if (!LeaveHelm()) return;
  AwaitOperator(op_, deployment_, call_);
}

}  // namespace

bool ApplyOperator(const base::Context& parent, const Session& session,
                   tf::ApplyCall<OperatorModel>& call) {
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.planned.timeouts,
                call.prior.has_value() ? &Timeouts::update : &Timeouts::create,
                kDefaultOperatorTimeout));
  const auto client = GuardedClientOrReport(
      session, GuardedOperator(call.planned, !call.prior.has_value()),
      call.diags);
  const auto settings = SettingsOf(call.planned);
  if (client == nullptr || !settings.has_value()) return false;
  const auto manifests = wandb::OperatorManifests(*settings);
  if (!manifests.ok()) {
    ReportSettings(manifests.status(), call.diags);
    return false;
  }
  const wandb::Scrubber scrubber;
  const Operation op = {ctx, *client, session, scrubber, call.diags};
  OperatorApply apply(op, call);
  apply.Run(*manifests);
  return apply.took_over();
}

}  // namespace resources
