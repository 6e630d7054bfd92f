#include "resources/operator/read.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/redact.h"
#include "kube/deletion.h"
#include "kube/rollout.h"
#include "kube/ssa/owned_part.h"
#include "resources/connection/connect.h"
#include "resources/connection/look_context.h"
#include "resources/namespace_end.h"
#include "resources/operator/admission.h"
#include "resources/operator/changes.h"
#include "resources/operator/fit.h"
#include "resources/operator/held_definition.h"
#include "resources/operator/import.h"
#include "resources/operator/objects.h"
#include "resources/operator/operator_v2.h"
#include "resources/operator/ownership.h"
#include "resources/operator/private_data.h"
#include "resources/operator/release_record.h"
#include "resources/operator/rights.h"
#include "resources/operator/stop.h"
#include "resources/operator/unmanaged_definition.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "resources/values.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/manifests.h"
#include "wandb/spec/scrub.h"

namespace resources {
namespace {

using base::Json;

bool IsDigest(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// What the state says of an object, or "".
std::string Stored(const std::string& key, const OperatorModel& state) {
  if (!state.objects.IsKnown()) return "";
  const cty::Value& stored = state.objects.At(key);
  return stored.IsKnown() ? stored.AsString() : "";
}

// What a look at an object of ours says.
struct Verdict {
  std::string digest;  // For `objects`.
  std::string change;  // For `changes`; "" for none.
};

// The stored digest while nothing that we own there changed since our last
// apply. `sent` is the manifest as an apply would send it.
Verdict VerdictOn(const Sighting& seen, const Json& sent,
                  const OperatorModel& state, const OperatorRecord& record) {
  const std::string uid = record.UidOf(seen.key);
  if (!uid.empty() && uid != kube::UidOf(seen.live)) {
    return {absl::StrCat("made again outside: ", kube::UidOf(seen.live)),
            "made again"};
  }
  const std::string stored = Stored(seen.key, state);
  const std::string wanted = WantedDigest(seen.manifest);
  // Still to be written: by an update that failed, or since a newer version of
  // the provider wants more.
  if (IsDigest(stored) && stored != wanted) return {stored, ""};
  const std::string now =
      ObjectDigest(ComparedPart(WithoutOwner(seen.manifest), seen.live));
  const auto recorded = record.live.find(seen.key);
  if (recorded == record.live.end() || recorded->second != now) {
    const Json body = WithoutOwner(sent);
    const std::string what = wandb::Scrubber().Scrub(
        Differences(body, ssa::OwnedPart(body, seen.live)));
    return {absl::StrCat("changed outside: ", now),
            what.empty() ? "differs from what the last apply has left" : what};
  }
  if (!OwnerOf(seen.live).empty()) {
    return {stored.empty() ? wanted : stored, ""};
  }
  if (stored.empty()) return {ObjectDigest(WithoutOwner(seen.manifest)), ""};
  return {absl::StrCat("changed outside: ", now), OwnerRemoved()};
}

// Whether applying `manifest` would change nothing, although the server spells
// some value in another way ("1000m" is stored as "1"). Where that may not be
// asked, it counts as a change.
bool IsWhatApplyMakes(const Operation& op, const Sighting& seen,
                      const Json& manifest) {
  const auto trial =
      op.client.Apply(op.ctx, seen.ref, manifest,
                      {.field_manager = op.session.field_manager(),
                       .force = true,
                       .dry_run = true});
  return trial.ok() && ssa::SameObject(trial->object, seen.live);
}

class OperatorRead {
 public:
  OperatorRead(const Operation& op, tf::ReadCall<OperatorModel>& call)
      : op_(op),
        call_(call),
        record_(OperatorRecord::FromJson(call.private_data)),
        imported_(call.state.objects.IsNull()) {}

  // `client` is that of the operation.
  void Run(const std::shared_ptr<kube::Client>& client);
  const OperatorRecord& record() const { return record_; }

 private:
  // Looks at all objects, the left over ones behind the wanted ones. False
  // after an error.
  bool Look();
  // Looks at a definition that is not among them.
  void LookAtDefinition();
  // Notes what the objects that exist say.
  void NoteAll();
  void Note(const Sighting& seen);
  void NoteOwn(const Sighting& seen);
  // Notes what the state has, and is ours no more.
  void NoteLost();
  // Where nothing of its own is left: whether the state stays.
  bool KeepsState();
  Claim ClaimOf(const Sighting& seen) const;
  bool IsDying(const Sighting& seen) const;
  // Whether an apply leaves what exists as it is.
  bool IsUsed(const Sighting& seen) const {
    return UsedIfPresent(seen.manifest) &&
           !IsKeptDefinition(seen.manifest, seen.live);
  }
  Claimant Claiming() const;
  // What of a lost record decides anything comes from the objects again.
  void RecoverRecord();
  // For the instances of this walk.
  void NoteManagedSpec() const;
  // False after an error.
  bool CheckImport();
  void WarnOfImport();
  // Says which rights it takes over that others have, too.
  void WarnOfSharedRights();
  // Whether somebody stopped the operator.
  bool IsStopped() const;
  // Says which objects somebody deletes, and what the next apply will do.
  void WarnOfDeletion();

  const Operation& op_;
  tf::ReadCall<OperatorModel>& call_;
  OperatorRecord record_;
  const bool imported_;
  std::vector<Sighting> all_;
  size_t wanted_ = 0;  // How many of them the configuration has.
  std::map<std::string, std::optional<std::string>> objects_, changes_;
  bool lost_ = false;  // What was recorded.
  bool own_found_ = false;
  bool on_v2_ = false;
};

void OperatorRead::NoteOwn(const Sighting& seen) {
  // A definition outlives its operator, unless it is to go with it.
  const bool outlives = UsedIfPresent(seen.manifest);
  own_found_ = own_found_ || !outlives || EndsDefinition(call_.state);
  if (imported_ || lost_ || (outlives && record_.UidOf(seen.key).empty())) {
    record_.uids[seen.key] = kube::UidOf(seen.live);
    Json body = FittedManifest(seen, all_, op_.session.field_manager());
    if (OwnerOf(seen.live).empty()) body = WithoutOwner(std::move(body));
    const Json owned = ssa::OwnedPart(body, seen.live);
    if (owned == body || IsWhatApplyMakes(op_, seen, body)) {
      record_.live[seen.key] =
          ObjectDigest(ComparedPart(WithoutOwner(seen.manifest), seen.live));
    }
  }
  if (!imported_ && Stored(seen.key, call_.state).empty()) {
    return;  // Absent at the last look: to be written.
  }
  const Verdict verdict =
      VerdictOn(seen, FittedManifest(seen, all_, op_.session.field_manager()),
                call_.state, record_);
  objects_[seen.key] = verdict.digest;
  if (!verdict.change.empty()) changes_[seen.key] = verdict.change;
}

Claimant OperatorRead::Claiming() const {
  return {.id = IdOf(call_.state),
          .record = record_,
          .stage = imported_ ? Claimant::Stage::kImport
                             : Claimant::Stage::kEstablished};
}

Claim OperatorRead::ClaimOf(const Sighting& seen) const {
  return ClaimTo(seen, all_, Claiming());
}

void OperatorRead::RecoverRecord() {
  lost_ = !imported_ && record_.IsLost();
  if (!lost_) return;
  record_.Recover(DeploymentOf(all_).live, op_.session.field_manager());
}

void OperatorRead::NoteManagedSpec() const {
  const auto takes =
      wandb::ReadOperatorDeployment(DeploymentOf(all_).live).managed_spec;
  if (!takes.has_value()) return;
  op_.session.plan_notes().NoteManagedSpec(IdOf(call_.state), *takes);
}

bool OperatorRead::CheckImport() {
  const std::string why = WhyNoOperator(all_, Claiming());
  if (why.empty()) return true;
  call_.gone = true;
  op_.diags.AddError(
      absl::StrCat("There is no operator ", IdOf(call_.state), " to import"),
      absl::StrCat(why,
                   "\n\nThe import id is namespace/name; name is the "
                   "prefix of the objects' names, and not that of the "
                   "Deployment. That of the Helm release which made them will "
                   "do, too. To install an operator, take the import "
                   "away."));
  return false;
}

void OperatorRead::WarnOfSharedRights() {
  std::vector<std::string> lines;
  for (const Sighting& seen : all_) {
    if (!seen.exists() || ClaimOf(seen) != Claim::kOurs) continue;
    const std::vector<std::string> others = AlsoFor(seen, all_);
    if (others.empty()) continue;
    lines.push_back(absl::StrCat("  ", kube::Describe(seen.ref), ": ",
                                 absl::StrJoin(others, ", ")));
  }
  if (lines.empty()) return;
  op_.diags.AddWarning(
      absl::StrCat("Others have rights by objects of operator ",
                   IdOf(call_.state)),
      absl::StrCat(absl::StrJoin(lines, "\n"),
                   "\n\nThey keep them: an apply leaves all subjects as they "
                   "are, and a destroy leaves these objects. But a role gets "
                   "the rules that the operator needs, and no others. Where "
                   "they need more than that, bind them to a role of their "
                   "own."));
}

void OperatorRead::WarnOfImport() {
  WarnOfSharedRights();
  WarnOfRelease(op_, all_, Claiming());
}

bool OperatorRead::IsStopped() const {
  const Sighting& deployment = DeploymentOf(all_);
  return deployment.exists() && ClaimOf(deployment) != Claim::kOthers &&
         base::IntAt(deployment.live, "/spec/replicas") == 0;
}

void OperatorRead::WarnOfDeletion() {
  std::vector<std::string> lines;
  for (const Sighting& seen : all_) {
    // Those that go with their namespace need no line of their own.
    if (!IsDying(seen) || !kube::IsTerminating(seen.live)) continue;
    lines.push_back(absl::StrCat("  ", kube::Describe(seen.ref), " ",
                                 kube::DescribeDeletion(seen.live),
                                 ". See: ", kube::LookCommand(seen.ref)));
  }
  if (lines.empty()) return;
  call_.state.ready = false;
  op_.diags.AddWarning(
      absl::StrCat("Objects of operator ", IdOf(call_.state),
                   " are being deleted"),
      absl::StrCat(absl::StrJoin(lines, "\n"),
                   "\n\nready is false. The next apply waits for their end, as "
                   "long as the timeouts block allows, and then makes them "
                   "anew."));
}

// Whether somebody deletes what this operator has or uses. (Of v2's cluster
// nothing is made anew.)
bool OperatorRead::IsDying(const Sighting& seen) const {
  return !on_v2_ && seen.IsDying() &&
         (UsedIfPresent(seen.manifest) || ClaimOf(seen) != Claim::kOthers);
}

void OperatorRead::Note(const Sighting& seen) {
  const std::string kind = kube::KindOf(seen.manifest);
  if (!imported_ && IsDying(seen)) {
    own_found_ = own_found_ || !UsedIfPresent(seen.manifest);
    objects_[seen.key] =
        absl::StrCat("being deleted: ", kube::UidOf(seen.live));
    changes_[seen.key] = "being deleted";
    return;
  }
  if (kind == "CustomResourceDefinition") {
    call_.state.crd_versions = ServedVersions(seen.live);
  }
  if (IsUsed(seen)) {
    const std::string stored = Stored(seen.key, call_.state);
    objects_[seen.key] = stored.empty() ? WantedDigest(seen.manifest) : stored;
    return;
  }
  // What others have under the name of ours is as good as absent.
  if (ClaimOf(seen) == Claim::kOthers) return;
  if (kind == "Deployment") {
    call_.state.ready = kube::EvaluateRunning(seen.live).done;
    // An API server takes anything for an image.
    call_.state.deployed_image =
        base::HideCredentials(wandb::ManagerImage(seen.live));
  }
  NoteOwn(seen);
}

bool OperatorRead::Look() {
  const auto settings =
      SettingsOf(call_.state).value_or(wandb::OperatorSettings());
  auto manifests = wandb::OperatorManifests(settings);
  if (!manifests.ok()) {
    ReportSettings(manifests.status(), op_.diags);
    return false;
  }
  wanted_ = manifests->size();
  for (Json& left : LeftOvers(call_.state.objects, *manifests)) {
    manifests->push_back(std::move(left));
  }
  auto all = LookAt(op_.ctx, op_.client, *manifests);
  if (!all.ok()) {
    op_.diags.AddError(absl::StrCat("Cannot read operator ", IdOf(call_.state)),
                       WhyRefused(op_, {Deed::Kind::kLook, *manifests},
                                  OfFixedTime(all.status())));
    return false;
  }
  all_ = *std::move(all);
  return true;
}

void OperatorRead::LookAtDefinition() {
  if (ManagesDefinition(call_.state)) return;
  const auto found = FindDefinition(op_.ctx, op_.client);
  if (!found.ok() || !found->has_value()) return;
  call_.state.crd_versions = ServedVersions(**found);
}

void OperatorRead::NoteAll() {
  // Until its Deployment is seen.
  call_.state.deployed_image = {};
  call_.state.ready = false;
  for (size_t i = 0; i < all_.size(); ++i) {
    Sighting& seen = all_[i];
    if (!seen.exists()) continue;
    if (on_v2_) seen.live = WithoutStop(std::move(seen.live), seen.manifest);
    if (i < wanted_) {
      Note(seen);
    } else if (ClaimOf(seen) == Claim::kOurs) {
      // An update has not come to delete it.
      objects_[seen.key] = Stored(seen.key, call_.state);
    }
  }
}

void OperatorRead::NoteLost() {
  for (size_t i = 0; i < wanted_; ++i) {
    const Sighting& seen = all_[i];
    if (Stored(seen.key, call_.state).empty() || objects_.count(seen.key) > 0) {
      continue;
    }
    changes_[seen.key] = seen.exists() ? "taken by others" : "removed";
  }
}

bool OperatorRead::KeepsState() {
  const wandb::OperatorSettings& settings = call_.state.arguments.values;
  call_.gone = !KeepsNamespace(op_.ctx, op_.client,
                               {.ns = settings.ns,
                                .owner = IdOf(call_.state),
                                .makes = settings.create_namespace,
                                .session = op_.session,
                                .scrubber = op_.scrubber},
                               record_.rest, op_.diags);
  call_.state.ready = false;
  return !call_.gone && !op_.diags.HasError();
}

void OperatorRead::Run(const std::shared_ptr<kube::Client>& client) {
  if (imported_) FillImported(op_, call_.state);
  if (!Look()) return;
  // Not before something has answered: one would wait twice for a server that
  // does not.
  on_v2_ = OnOperatorV2(op_.ctx, op_.session, client, record_.rest);
  RecoverRecord();
  NoteManagedSpec();
  if (imported_ && !CheckImport()) return;
  if (imported_) WarnOfImport();
  if (!on_v2_ && IsStopped()) {
    WarnOfStop(op_, all_, {.id = IdOf(call_.state), .record = record_},
               call_.state);
  }
  NoteAll();
  NoteLost();
  LookAtDefinition();
  if (!on_v2_) {
    // As the next apply will ask, after an import, too.
    all_.resize(wanted_);
    WarnOfRefusal(op_, all_, {.id = IdOf(call_.state), .record = record_});
  }
  if (!own_found_ && !KeepsState()) return;
  if (on_v2_) {
    call_.state.ready = false;
    WarnNotManaged(GuardedOperator(call_.state), op_.diags);
  }
  WarnOfDeletion();
  if (!on_v2_) WarnOfHeldDefinition(op_, all_);
  call_.state.objects = StringMap(objects_);
  // Nothing is drift there.
  if (on_v2_) changes_.clear();
  call_.state.changes = StringMap(changes_);
}

}  // namespace

void ReadOperator(const base::Context& parent, const Session& session,
                  tf::ReadCall<OperatorModel>& call) {
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  const wandb::Scrubber scrubber;
  const Operation op = {ReadContext(parent), *client, session, scrubber,
                        call.diags};
  OperatorRead read(op, call);
  read.Run(client);
  call.private_data = read.record().ToJson();
}

}  // namespace resources
