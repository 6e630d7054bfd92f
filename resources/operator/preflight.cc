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
#include "resources/operator/fit.h"
#include "resources/operator/held_definition.h"
#include "resources/operator/objects.h"
#include "resources/operator/operators.h"
#include "resources/operator/ownership.h"
#include "resources/operator/rights.h"
#include "resources/operator/takeover_loss.h"
#include "resources/operator/update.h"
#include "resources/report.h"
#include "resources/trial.h"
#include "wandb/scrub.h"

namespace resources {
namespace {

using base::Json;
using Verdict = CreateTrial::Verdict;

constexpr size_t kShownLosses = 10;

class OperatorPreflight {
 public:
  OperatorPreflight(const base::Context& look, const Session& session,
                    kube::Client& client, tf::PlanCall<OperatorModel>& call)
      : look_(look),
        session_(session),
        client_(client),
        call_(call),
        who_{.id = IdOf(call.planned),
             .record = call.private_data,
             .stage = call.prior.has_value() ? Claimant::Stage::kEstablished
                                             : Claimant::Stage::kCreate} {}

  void Run(const std::vector<Json>& manifests);

 private:
  using Refusals = std::vector<Refusal>;

  // Looks at an object, and tries to create it if it is absent.
  void LookAt(size_t i);
  // Whether the apply would write to what is there.
  bool IsUpdated(const Sighting& seen) const {
    return seen.exists() && !seen.IsDying() && !UsedIfPresent(seen.manifest) &&
           ClaimTo(seen, all_, who_) == Claim::kOurs;
  }
  void ReportCreates();
  void ReportUpdates();
  void ReportLosses();
  std::string Why(const Refusals& refusals) const;
  std::string What(const Refusals& refusals) const;

  const base::Context& look_;
  const Session& session_;
  kube::Client& client_;
  tf::PlanCall<OperatorModel>& call_;
  const wandb::Scrubber scrubber_;
  const Claimant who_;
  // One for each manifest.
  std::vector<Sighting> all_;
  std::vector<absl::Status> reads_;
  std::vector<CreateTrial> creates_;
  std::vector<absl::Status> updates_;
  // Of an import: what the update takes away.
  std::vector<std::vector<std::string>> losses_;
};

void OperatorPreflight::LookAt(size_t i) {
  Sighting& seen = all_[i];
  auto live = client_.Get(look_, seen.ref);
  if (live.ok()) {
    seen.live = *std::move(live);
    return;
  }
  if (!absl::IsNotFound(live.status()) &&
      !kube::IsNamespaceMissing(live.status())) {
    reads_[i] = live.status();
    return;
  }
  creates_[i] = TryCreate(look_, client_, seen.ref, seen.manifest,
                          session_.field_manager(), true);
}

std::string OperatorPreflight::What(const Refusals& refusals) const {
  std::set<std::string> objects;
  for (const Refusal& each : refusals) objects.insert(kube::Describe(each.ref));
  return objects.size() == 1
             ? *objects.begin()
             : absl::StrCat(objects.size(), " objects of operator ", who_.id);
}

std::string OperatorPreflight::Why(const Refusals& refusals) const {
  std::vector<Json> manifests;
  for (const Sighting& seen : all_) manifests.push_back(seen.manifest);
  return absl::StrCat(
      refusals.size() > 1 ? absl::StrCat(kube::Describe(refusals[0].ref), ": ")
                          : "",
      WhyRefused(look_, client_, session_, scrubber_,
                 {Deed::Kind::kApply, manifests}, refusals[0].status,
                 {refusals.begin() + 1, refusals.end()}));
}

void OperatorPreflight::ReportCreates() {
  Refusals refusals;
  bool namespace_missing = false, makes_namespace = false, unseen = false;
  for (size_t i = 0; i < all_.size(); ++i) {
    makes_namespace =
        makes_namespace || kube::KindOf(all_[i].manifest) == "Namespace";
    namespace_missing =
        namespace_missing || creates_[i].verdict == Verdict::kNamespaceMissing;
    unseen = unseen || absl::IsPermissionDenied(reads_[i]);
    if (creates_[i].verdict == Verdict::kRefused) {
      refusals.push_back({all_[i].ref, creates_[i].status});
    }
  }
  if (unseen) {
    // Nothing of what follows a look was tried there.
    std::vector<Json> manifests;
    for (const Sighting& seen : all_) manifests.push_back(seen.manifest);
    refusals =
        FindRefusals(look_, client_, manifests, session_.field_manager());
  }
  if (namespace_missing && !makes_namespace) {
    WarnOfMissingNamespace(call_.planned.ns.value(), call_.diags);
  }
  if (refusals.empty()) return;
  WarnOfRefusedCreate(What(refusals), Why(refusals), call_.diags);
}

void OperatorPreflight::ReportUpdates() {
  Refusals refusals;
  std::vector<kube::FieldConflict> conflicts;
  for (size_t i = 0; i < all_.size(); ++i) {
    const Sighting& seen = all_[i];
    const absl::Status& status = updates_[i];
    if (!IsUpdated(seen)) continue;
    const ssa::UpdateRules rules =
        RulesOfUpdate(seen, who_, session_.field_manager(), call_.planned);
    std::vector<kube::FieldConflict> refused = HeldSources(seen, rules);
    for (kube::FieldConflict& each : ssa::RefusedConflicts(status, rules)) {
      refused.push_back(std::move(each));
    }
    for (kube::FieldConflict& each : refused) {
      each.field = absl::StrCat(kube::Describe(seen.ref), " ", each.field);
      conflicts.push_back(std::move(each));
    }
    if (kube::HasFieldConflicts(status)) continue;
    if (absl::IsInvalidArgument(status) ||
        (absl::IsPermissionDenied(status) &&
         !kube::IsNamespaceTerminating(status))) {
      refusals.push_back({seen.ref, status});
    }
  }
  if (!refusals.empty()) {
    WarnOfRefusedUpdate(What(refusals), Why(refusals), call_.diags);
  }
  if (conflicts.empty()) return;
  WarnOfRefusedUpdate(absl::StrCat("operator ", who_.id),
                      ExplainOperatorConflicts(std::move(conflicts)),
                      call_.diags);
}

void OperatorPreflight::ReportLosses() {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (losses_[i].empty()) continue;
    std::vector<std::string> lines;
    for (const std::string& path : losses_[i]) {
      lines.push_back(absl::StrCat("  ", path));
    }
    const size_t more =
        lines.size() > kShownLosses ? lines.size() - kShownLosses : 0;
    lines.resize(lines.size() - more);
    const std::string what = kube::Describe(all_[i].ref);
    call_.diags.AddWarning(
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
  reads_.resize(all_.size());
  creates_.resize(all_.size());
  updates_.resize(all_.size());
  losses_.resize(all_.size());
  absl::StatusOr<std::vector<std::string>> beside;
  std::vector<std::function<void()>> looks;
  for (size_t i = 0; i < all_.size(); ++i) {
    looks.emplace_back([this, i] { LookAt(i); });
  }
  looks.emplace_back([&] {
    beside = OperatorsBeside(look_, client_, DeploymentOf(all_).ref);
  });
  base::RunInParallel(looks);
  WarnOfOperatorsBeside(beside, who_.id, call_.diags);
  ReportCreates();
  // Whose an object is can be told by others of them.
  if (!std::all_of(reads_.begin(), reads_.end(),
                   [](const absl::Status& read) { return read.ok(); })) {
    return;
  }
  // Of an established operator the refresh has said it.
  if (!call_.prior.has_value()) {
    WarnOfHeldDefinition(look_, client_, all_, call_.diags);
    WarnOfRefusal(look_, client_, session_.field_manager(), all_, who_,
                  call_.diags);
  }
  looks.clear();
  for (size_t i = 0; i < all_.size(); ++i) {
    if (!IsUpdated(all_[i])) continue;
    looks.emplace_back([this, i] {
      const Json manifest =
          FittedManifest(all_[i], all_, session_.field_manager());
      const ssa::UpdateRules rules =
          RulesOfUpdate(all_[i], who_, session_.field_manager(), call_.planned);
      updates_[i] = TryApply(look_, client_, all_[i].ref,
                             WithClashingSources(all_[i], manifest), rules);
      if (kube::KindOf(manifest) != "Deployment") return;
      losses_[i] = LostByTakeover(look_, client_, all_[i], manifest, rules);
    });
  }
  base::RunInParallel(looks);
  ReportUpdates();
  ReportLosses();
}

}  // namespace

void PreflightOperator(const base::Context& look, const Session& session,
                       const IdsInState& in_state,
                       const std::vector<Json>& manifests,
                       tf::PlanCall<OperatorModel>& call) {
  if (session.ConfigUnknown() || call.diags.HasError()) return;
  const auto client = session.Kube();
  if (!client.ok()) return;
  const std::string id = IdOf(call.planned);
  // A replacement is planned once more, as a create; that of a tainted operator
  // makes room for the new one.
  if (call.prior.has_value() ? IdOf(*call.prior) != id : in_state.Has(id)) {
    return;
  }
  OperatorPreflight(look, session, **client, call).Run(manifests);
}

}  // namespace resources
