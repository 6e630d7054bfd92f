#include "resources/operator/preflight.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/parallel.h"
#include "kube/ssa/update.h"
#include "kube/status.h"
#include "resources/operator/admission.h"
#include "resources/operator/airgap.h"
#include "resources/operator/crd_upgrade.h"
#include "resources/operator/fit.h"
#include "resources/operator/held_definition.h"
#include "resources/operator/objects.h"
#include "resources/operator/operators.h"
#include "resources/operator/ownership.h"
#include "resources/operator/release_record.h"
#include "resources/operator/rights.h"
#include "resources/operator/takeover_loss.h"
#include "resources/operator/unmanaged_definition.h"
#include "resources/operator/update.h"
#include "resources/report.h"
#include "resources/trial.h"
#include "wandb/spec/scrub.h"

namespace resources {
namespace {

using base::Json;
using Verdict = CreateTrial::Verdict;

constexpr size_t kShownLosses = 10;

// What was learnt of one object.
struct Tried {
  absl::Status read;
  CreateTrial create;
  absl::Status update;
  // Of an import: what the update takes away.
  std::vector<Loss> losses;
};

class OperatorPreflight {
 public:
  OperatorPreflight(const Operation& look, tf::PlanCall<OperatorModel>& call)
      : look_(look),
        call_(call),
        who_{.id = IdOf(call.planned),
             .record = OperatorRecord::FromJson(call.private_data),
             .stage = call.prior.has_value() ? Claimant::Stage::kEstablished
                                             : Claimant::Stage::kCreate} {}

  void Run(const std::vector<Json>& manifests);

 private:
  using Refusals = std::vector<Refusal>;

  // Looks at all objects, tries to create what is absent, and looks for what
  // else is in the cluster.
  void LookAround();
  void LookAt(size_t i);
  void TryUpdates();
  void TryUpdate(size_t i);
  // Whether the apply would write to what is there.
  bool IsUpdated(const Sighting& seen) const {
    if (!seen.exists() || seen.IsDying()) return false;
    return UsedIfPresent(seen.manifest)
               ? NeedsUpgrade(seen) || IsOwnNamespace(seen, who_)
               : ClaimTo(seen, all_, who_) == Claim::kOurs;
  }
  ssa::UpdateRules RulesOf(const Sighting& seen) const {
    return RulesOfUpdate(seen, who_, look_.session.field_manager(),
                         call_.planned);
  }
  std::vector<Json> Manifests() const;
  void ReportCreates();
  void ReportUpdates();
  void ReportWebhook();
  void ReportLosses();
  std::string Why(const Refusals& refusals) const;
  std::string What(const Refusals& refusals) const;

  const Operation& look_;
  tf::PlanCall<OperatorModel>& call_;
  Claimant who_;
  // One for each manifest.
  std::vector<Sighting> all_;
  std::vector<Tried> tried_;
};

std::vector<Json> OperatorPreflight::Manifests() const {
  std::vector<Json> manifests;
  for (const Sighting& seen : all_) manifests.push_back(seen.manifest);
  return manifests;
}

void OperatorPreflight::LookAt(size_t i) {
  Sighting& seen = all_[i];
  auto live = look_.client.Get(look_.ctx, seen.ref);
  if (live.ok()) {
    seen.live = *std::move(live);
    return;
  }
  if (!absl::IsNotFound(live.status()) &&
      !kube::IsNamespaceMissing(live.status())) {
    tried_[i].read = live.status();
    return;
  }
  tried_[i].create = TryCreate(look_.ctx, look_.client, seen.ref, seen.manifest,
                               look_.session.field_manager(), true);
}

void OperatorPreflight::LookAround() {
  absl::StatusOr<std::vector<std::string>> beside, chartless;
  const Sighting& deployment = DeploymentOf(all_);
  std::vector<std::function<void()>> looks;
  for (size_t i = 0; i < all_.size(); ++i) {
    looks.emplace_back([this, i] { LookAt(i); });
  }
  looks.emplace_back([&, ref = deployment.ref] {
    beside = OperatorsBeside(look_.ctx, look_.client, ref);
  });
  if (TurnsAirgapped(call_)) {
    looks.emplace_back([&, manifest = deployment.manifest] {
      chartless = InstancesWithoutChart(look_.ctx, look_.client, manifest);
    });
  }
  base::RunInParallel(looks);
  WarnOfOperatorsBeside(beside, who_.id, look_.session, look_.diags);
  WarnOfAirgap(who_.id, chartless, look_.diags);
}

void OperatorPreflight::TryUpdate(size_t i) {
  const Sighting& seen = all_[i];
  const Json manifest =
      FittedManifest(seen, all_, look_.session.field_manager());
  const ssa::UpdateRules rules = RulesOf(seen);
  tried_[i].update = TryApply(look_.ctx, look_.client, seen.ref,
                              WithClashingSources(seen, manifest), rules);
  if (kube::KindOf(manifest) != "Deployment") return;
  tried_[i].losses = LostByTakeover(look_, seen, manifest, rules);
}

void OperatorPreflight::TryUpdates() {
  std::vector<std::function<void()>> tries;
  for (size_t i = 0; i < all_.size(); ++i) {
    if (IsUpdated(all_[i])) tries.emplace_back([this, i] { TryUpdate(i); });
  }
  base::RunInParallel(tries);
}

std::string OperatorPreflight::What(const Refusals& refusals) const {
  std::set<std::string> objects;
  for (const Refusal& each : refusals) objects.insert(kube::Describe(each.ref));
  return objects.size() == 1
             ? *objects.begin()
             : absl::StrCat(objects.size(), " objects of operator ", who_.id);
}

std::string OperatorPreflight::Why(const Refusals& refusals) const {
  const std::vector<Json> manifests = Manifests();
  return absl::StrCat(
      refusals.size() > 1 ? absl::StrCat(kube::Describe(refusals[0].ref), ": ")
                          : "",
      WhyRefused(look_, {Deed::Kind::kApply, manifests}, refusals[0].status,
                 {refusals.begin() + 1, refusals.end()}));
}

void OperatorPreflight::ReportCreates() {
  Refusals refusals;
  bool namespace_missing = false, makes_namespace = false, unseen = false;
  for (size_t i = 0; i < all_.size(); ++i) {
    makes_namespace =
        makes_namespace || kube::KindOf(all_[i].manifest) == "Namespace";
    namespace_missing = namespace_missing ||
                        tried_[i].create.verdict == Verdict::kNamespaceMissing;
    unseen = unseen || absl::IsPermissionDenied(tried_[i].read);
    if (tried_[i].create.verdict == Verdict::kRefused) {
      refusals.push_back({all_[i].ref, tried_[i].create.status});
    }
  }
  if (unseen) {
    // Nothing of what follows a look was tried there.
    refusals = FindRefusals(look_, Manifests());
  }
  if (namespace_missing && !makes_namespace) {
    WarnOfMissingNamespace(call_.planned.arguments.values.ns, look_.session,
                           look_.diags);
  }
  if (refusals.empty()) return;
  WarnOfRefusedCreate(What(refusals), Why(refusals), look_.diags);
}

void OperatorPreflight::ReportUpdates() {
  Refusals refusals;
  std::vector<kube::FieldConflict> conflicts;
  for (size_t i = 0; i < all_.size(); ++i) {
    const Sighting& seen = all_[i];
    const absl::Status& status = tried_[i].update;
    if (!IsUpdated(seen)) continue;
    const ssa::UpdateRules rules = RulesOf(seen);
    std::vector<kube::FieldConflict> refused = HeldSources(seen, rules);
    for (kube::FieldConflict& each : ssa::RefusedConflicts(status, rules)) {
      refused.push_back(std::move(each));
    }
    for (kube::FieldConflict& each : refused) {
      each.field = absl::StrCat(kube::Describe(seen.ref), " ", each.field);
      conflicts.push_back(std::move(each));
    }
    if (kube::HasFieldConflicts(status)) continue;
    if (absl::IsInvalidArgument(status) || kube::IsTooLarge(status) ||
        (absl::IsPermissionDenied(status) &&
         !kube::IsNamespaceTerminating(status))) {
      refusals.push_back({seen.ref, status});
    }
  }
  if (!refusals.empty()) {
    WarnOfRefusedUpdate(What(refusals), Why(refusals), look_.diags);
  }
  if (conflicts.empty()) return;
  WarnOfRefusedUpdate(absl::StrCat("operator ", who_.id),
                      ExplainOperatorConflicts(std::move(conflicts)),
                      look_.diags);
}

void OperatorPreflight::ReportWebhook() {
  for (size_t i = 0; i < all_.size(); ++i) {
    for (const absl::Status* status :
         {&tried_[i].create.status, &tried_[i].update}) {
      if (!kube::IsWebhookUnavailable(*status)) continue;
      // One that is not there speaks of every object.
      look_.diags.AddWarning(
          absl::StrCat("Apply will fail unless an admission webhook answers by "
                       "then: ",
                       kube::Describe(all_[i].ref)),
          Explain(*status, look_.session, look_.scrubber));
      return;
    }
  }
}

void OperatorPreflight::ReportLosses() {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (tried_[i].losses.empty()) continue;
    std::vector<std::string> lines;
    for (const Loss& loss : tried_[i].losses) {
      lines.push_back(absl::StrCat(
          "  ", loss.path,
          loss.managers.empty()
              ? ""
              : absl::StrCat(", set by field manager ", loss.managers)));
    }
    const size_t more =
        lines.size() > kShownLosses ? lines.size() - kShownLosses : 0;
    lines.resize(lines.size() - more);
    const std::string what = kube::Describe(all_[i].ref);
    look_.diags.AddWarning(
        absl::StrCat("Apply will take settings away from ", what),
        absl::StrCat(
            "The tool that made it has set these, and this configuration does "
            "not:\n",
            absl::StrJoin(lines, "\n"),
            more > 0 ? absl::StrCat("\n  and ", more, " more") : "",
            "\n\nA change of the pod template restarts the operator. Where an "
            "argument says the same, set it. What no argument says can stay "
            "only as long as the operator is left to that tool: take the "
            "import away, or let another manager apply these fields (\"kubectl "
            "apply --server-side --field-manager=...\"): fields of others are "
            "kept."));
  }
}

void OperatorPreflight::Run(const std::vector<Json>& manifests) {
  for (const Json& manifest : manifests) {
    auto ref = kube::RefOf(manifest);
    if (!ref.ok()) return;
    all_.push_back({.key = ObjectKey(manifest),
                    .ref = *std::move(ref),
                    .manifest = manifest});
  }
  tried_.resize(all_.size());
  LookAround();
  for (const Tried& each : tried_) {
    if (!IsNoAccess(each.read)) continue;
    return WarnOfNoAccess(each.read, look_.session, look_.scrubber,
                          look_.diags);
  }
  if (call_.prior.has_value()) {
    who_.record.Recover(DeploymentOf(all_).live, look_.session.field_manager());
  }
  ReportCreates();
  if (!ManagesDefinition(call_.planned)) WarnOfUnmanagedDefinition(look_);
  // Whose an object is can be told by others of them.
  if (!std::all_of(tried_.begin(), tried_.end(),
                   [](const Tried& each) { return each.read.ok(); })) {
    return;
  }
  // Of an established operator the refresh has said it.
  if (!call_.prior.has_value()) {
    WarnOfHeldDefinition(look_, all_);
    WarnOfRefusal(look_, all_, who_);
  }
  ReportUpgrade(all_, look_.diags);
  if (look_.diags.HasError()) return;
  TryUpdates();
  ReportUpdates();
  ReportWebhook();
  ReportLosses();
  if (call_.prior.has_value() &&
      EndsRelease(*call_.prior, call_.planned, all_, who_)) {
    WarnOfReleaseEnd(look_, all_, who_);
  }
}

}  // namespace

void WarnIfNoAccess(const base::Context& look, const Session& session,
                    tf::Diagnostics& diags) {
  if (session.ConfigUnknown() || diags.HasError()) return;
  const auto client = session.Kube();
  if (!client.ok()) return;
  const absl::Status status = TryAccess(look, **client);
  if (!IsNoAccess(status)) return;
  WarnOfNoAccess(status, session, wandb::Scrubber(), diags);
}

void PreflightOperator(const base::Context& look, const Session& session,
                       const std::vector<Json>& manifests,
                       tf::PlanCall<OperatorModel>& call) {
  if (session.ConfigUnknown() || call.diags.HasError()) return;
  const auto client = session.Kube();
  if (!client.ok()) return;
  const wandb::Scrubber scrubber;
  const Operation op = {look, **client, session, scrubber, call.diags};
  OperatorPreflight(op, call).Run(manifests);
}

}  // namespace resources
