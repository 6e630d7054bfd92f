#include "resources/instance/apply.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kube/deletion.h"
#include "kube/ssa/create.h"
#include "kube/ssa/owned_part.h"
#include "kube/status.h"
#include "resources/instance/apply_report.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/findings.h"
#include "resources/instance/managed_spec.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/others.h"
#include "resources/instance/overridden_chart.h"
#include "resources/instance/plan.h"
#include "resources/instance/private_data.h"
#include "resources/instance/readiness.h"
#include "resources/instance/release_pin.h"
#include "resources/instance/write.h"
#include "resources/instance/write_only.h"
#include "resources/namespace.h"
#include "resources/namespace_end.h"
#include "resources/operation.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;

constexpr absl::Duration kDefaultTimeout = absl::Minutes(30);
// How long a create that was refused may take to remove its namespace.
constexpr absl::Duration kTakeBack = absl::Seconds(30);
// How long the layers may take to be read once the time of the apply is up.
constexpr absl::Duration kLastLook = absl::Seconds(10);

class InstanceApply {
 public:
  InstanceApply(Operation op, const Desired& wanted, const Patience& patience,
                tf::ApplyCall<InstanceModel>& call)
      : op_(std::move(op)),
        wanted_(wanted),
        patience_(patience),
        call_(call),
        notes_(InstanceNotes::From(call.private_data)),
        planned_pin_(notes_.pin),
        pin_(op_, call.planned, notes_.AreLost(), notes_.pin) {
    if (call.prior.has_value()) before_.emplace(*call.prior);
  }

  void Run();
  bool took_over() const { return took_over_; }

 private:
  bool creates() const { return !call_.prior.has_value(); }

  // Makes the namespace that the configuration wants; false after an error.
  bool MakeNamespace();
  // After a create that failed so: nothing of it is left, or the state has it.
  void TakeBack(const absl::Status& failed);
  // The same of what it wrote before the object.
  void TakeBackRest();
  // Nothing is left of a create that made its namespace and no more; where that
  // fails, the state keeps the namespace in mind.
  void TakeBackNamespace();
  void SaveWithoutObject();

  // The planned state, while what the write-only settings say is not written,
  // so that it has no version of them, or what they said is not deleted.
  InstanceModel Unwritten() const;
  // Once the object is there; false after an error.
  bool WriteSecret(const WriteOnlySecret& secret, const Json& live);
  void ReportSecret(const absl::Status& failed);
  // Of a create that pins a release, before the object is there; and once it
  // is. False after an error.
  bool PinAhead();
  bool WritePin(const Json& live);

  // False where there is nothing to wait for, with the reason as an error.
  bool SaveWritten(const kube::Applied& written);
  void AwaitReady(const Json& live);

  // Records the lower layers, says what they bring, and fills the effective
  // attributes.
  void Finish(const Json& live);
  // The layers that the plan knew.
  RecordedLayers PlannedOver() const;
  // Those of the effective attributes that the plan left open: as `spec` says,
  // or null where that is null.
  void FillEffective(const wandb::EffectiveSpec* spec);
  // `seen` is what the layers were read with; whether all of them are known.
  bool NoteLayers(const absl::StatusOr<LiveLayers>& seen);
  // Where the plan of a create has promised another specification.
  void WarnIfNotAsPlanned(const wandb::EffectiveSpec& spec);
  // What can be judged only now that all layers are known, and was not by the
  // plan over `planned`. As warnings: it is written, and an error would taint.
  void WarnOfNewFindings(const RecordedLayers& planned);

  const Operation op_;
  const Desired& wanted_;
  const Patience& patience_;
  tf::ApplyCall<InstanceModel>& call_;
  InstanceNotes notes_;
  std::optional<Desired> before_;
  const std::optional<PinNote> planned_pin_;  // As the plan knew it.
  ReleasePin pin_;
  bool pinned_ahead_ = false;
  bool made_namespace_ = false;
  bool took_over_ = false;
  std::optional<bool> takes_managed_spec_;  // As the wait has seen.
};

void InstanceApply::Run() {
  // Of what this one replaces.
  if (creates()) call_.private_data.erase(kCreatedNamespace);
  if (!MakeNamespace()) return;
  const WriteOnlySecret secret(op_, call_.config);
  if (const absl::Status status = secret.Try(); !status.ok()) {
    ReportSecret(status);
    if (made_namespace_) TakeBackNamespace();
    return;
  }
  if (!PinAhead()) return;
  const InstanceWrite write{wanted_, before_, notes_};
  if (write.updates()) notes_ = Recovered(op_, *before_, std::move(notes_));
  const auto written = WriteInstance(op_, write);
  if (!written.ok()) {
    ReportWriteFailure(op_, write, written.status());
    if (creates()) TakeBack(written.status());
    return;
  }
  took_over_ = creates() && !written->created;
  if (!SaveWritten(*written) || !WriteSecret(secret, written->object) ||
      !WritePin(written->object)) {
    return;
  }
  if (call_.planned.wait.value()) AwaitReady(written->object);
  Finish(written->object);
}

bool InstanceApply::MakeNamespace() {
  if (!call_.planned.create_namespace.value()) {
    call_.private_data.erase(kCreatedNamespace);  // It is to stay.
    return true;
  }
  const std::string& ns = call_.planned.ns.value();
  const auto own = EnsureNamespace(
      op_.ctx, op_.client, ns, NamespaceOwnerOf(call_.planned),
      /*take_back=*/!HasObject(call_.prior), op_.session.field_manager());
  if (!own.ok()) {
    ReportStatus(absl::StrCat("Cannot create namespace \"", ns, "\""),
                 own.status(), op_.session, op_.scrubber, op_.diags);
    if (creates() && kube::MayBeObeyed(own.status())) SaveWithoutObject();
    return false;
  }
  if (!own->uid.empty()) call_.private_data[kCreatedNamespace] = own->uid;
  made_namespace_ = own->created;
  return true;
}

void InstanceApply::ReportSecret(const absl::Status& failed) {
  const bool keeps = !call_.planned.secrets_wo.value_or({}).empty();
  op_.diags.AddError(
      absl::StrCat("Cannot ", keeps ? "keep" : "delete",
                   " the write-only settings of ", IdOf(wanted_.model)),
      ExplainSecretFailure(op_, wanted_.model, failed));
}

bool InstanceApply::WriteSecret(const WriteOnlySecret& secret,
                                const Json& live) {
  const bool had_twins =
      before_.has_value() && !before_->model.secrets_wo.value_or({}).empty();
  if (const absl::Status status = secret.Write(kube::UidOf(live), had_twins);
      !status.ok()) {
    ReportSecret(status);
    return false;
  }
  call_.saved->secrets_wo = call_.planned.secrets_wo;
  call_.saved->secrets_wo_version = call_.planned.secrets_wo_version;
  return true;
}

bool InstanceApply::PinAhead() {
  if (HasObject(call_.prior) || call_.planned.release_id.IsNull()) return true;
  const absl::Status status = pin_.WriteAhead();
  pinned_ahead_ = status.ok();
  if (!pinned_ahead_) {
    pin_.Report(status, op_.diags);
    TakeBackRest();
  }
  return pinned_ahead_;
}

bool InstanceApply::WritePin(const Json& live) {
  const absl::Status status =
      pin_.Settle(kube::UidOf(live), creates() ? nullptr : &before_->model);
  notes_.To(call_.private_data);
  if (!status.ok()) {
    pin_.Report(status, op_.diags);
    return false;
  }
  call_.saved->release_id = call_.planned.release_id;
  return true;
}

InstanceModel InstanceApply::Unwritten() const {
  InstanceModel state = call_.planned;
  if (!pinned_ahead_) {
    state.release_id = before_.has_value() ? before_->model.release_id
                                           : tf::Attr<std::string>();
  }
  if (!state.secrets_wo.value_or({}).empty()) {
    state.secrets_wo_version = {};
  } else if (before_.has_value()) {
    state.secrets_wo = before_->model.secrets_wo;  // Not deleted yet.
  }
  state.id = IdOf(state);
  state.ready = false;
  return state;
}

void InstanceApply::TakeBack(const absl::Status& failed) {
  if (ssa::IsLeftOpen(failed)) {
    auto made = MadeAfterAll(op_, wanted_);
    if (made.ok()) {
      op_.diags.AddWarning(
          absl::StrCat("Instance ", IdOf(wanted_.model), " was created"),
          "The answer did not come, and the object is there. It is in the "
          "state, marked as tainted: the next apply replaces it.");
      SaveWritten({.object = *std::move(made)});
      return;
    }
    if (kube::MayBeObeyed(failed) && !absl::IsNotFound(made.status())) {
      notes_.left_open = true;
      notes_.To(call_.private_data);
      return SaveWithoutObject();
    }
  }
  TakeBackRest();
}

void InstanceApply::TakeBackRest() {
  pinned_ahead_ = false;
  pin_.TakeBack(kTakeBack);
  if (made_namespace_) TakeBackNamespace();
}

void InstanceApply::TakeBackNamespace() {
  tf::Diagnostics diags;
  DeleteOwnNamespace(op_.LastLook(kTakeBack), op_.client,
                     {.ns = call_.planned.ns.value(),
                      .owner = NamespaceOwnerOf(call_.planned),
                      .makes = false,  // By this very create, or not at all.
                      .session = op_.session,
                      .scrubber = op_.scrubber},
                     call_.private_data, diags);
  op_.diags.Append(diags);
  if (diags.HasError()) SaveWithoutObject();
}

void InstanceApply::SaveWithoutObject() {
  InstanceModel state = Unwritten();
  SetNoObject(state);
  SetEffectiveNull(state);
  call_.saved = std::move(state);
}

bool InstanceApply::SaveWritten(const kube::Applied& written) {
  notes_.NoteWritten(op_.session.field_manager());
  notes_.To(call_.private_data);
  NoteGeneration(op_.session, call_.private_data);
  op_.session.secrets()->Learn(written.object, wanted_.compiled.mask);
  ReportWarnings(written.warnings, op_.session, op_.scrubber, op_.diags);
  InstanceModel state = Unwritten();
  SetObserved(written.object, state);
  call_.saved = std::move(state);
  if (kube::IsTerminating(written.object)) {
    op_.diags.AddError(
        absl::StrCat("Instance ", IdOf(wanted_.model), " is being deleted"),
        absl::StrCat(
            kube::Describe(wanted_.ref()), " ",
            kube::DescribeDeletion(written.object),
            ", so the change will be lost. The next apply waits for its end "
            "and creates it anew. To see what is left to do: ",
            kube::LookCommand(wanted_.ref())));
    return false;
  }
  if (absl::Status status = CheckLive(written.object); !status.ok()) {
    SetEffectiveNull(*call_.saved);
    op_.diags.AddError(
        absl::StrCat("Instance ", IdOf(wanted_.model),
                     " is too large to be looked at"),
        absl::StrCat(status.message(), "\n\nThe change was written."));
    return false;
  }
  WarnIfChangedByServer(wanted_.compiled, written.object, op_.diags);
  return true;
}

// ---- The wait ----

void InstanceApply::AwaitReady(const Json& live) {
  const bool is_new = creates() || !call_.prior->generation.IsKnown() ||
                      call_.prior->generation.value() !=
                          base::IntAt(live, "/metadata/generation").value_or(0);
  const Readiness readiness =
      AwaitInstance(op_.ctx, op_.client, wanted_,
                    {.uid = kube::UidOf(live),
                     .time = ssa::WriteTime(live, op_.session.field_manager()),
                     .is_new = is_new,
                     .field_manager = op_.session.field_manager()},
                    patience_);
  takes_managed_spec_ = readiness.takes_managed_spec;
  if (!readiness.phase.empty()) call_.saved->phase = readiness.phase;
  call_.saved->ready = readiness.ready;
  if (!readiness.misnamed_summary.empty()) {
    op_.diags.AddWarning(
        readiness.misnamed_summary,
        absl::StrCat(readiness.misnamed_detail, " The wait went by that one."));
  }
  if (readiness.ready) return;
  ReportNotReady(op_, call_.planned, creates(), readiness);
}

// ---- What the operator makes of it ----

void InstanceApply::WarnIfNotAsPlanned(const wandb::EffectiveSpec& spec) {
  const InstanceModel& planned = call_.planned;
  if (!creates() || planned.effective_values.IsUnknown()) return;
  InstanceModel seen = *call_.saved;
  SetEffective(spec, wanted_.compiled.mask, seen);
  if (seen.effective_values == planned.effective_values) return;
  op_.diags.AddWarning(
      absl::StrCat("The operator uses another specification of ",
                   IdOf(wanted_.model), " than the planned one"),
      absl::StrCat(
          notes_.layers.managed_spec.has_value()
              ? absl::StrCat("The managed spec (ConfigMap ",
                             wandb::kManagedSpecConfigMap, ")")
              : "The release channel",
          ", the System Console or another manager says something else than "
          "what the plan went by",
          planned.release.IsNull() ? "" : " (release)",
          ". The effective attributes are the planned ones in this apply; the "
          "next refresh has those that are true.",
          planned.release.IsNull()
              ? ""
              : " Read release from the data source wandb_release_channel, or "
                "leave it out."));
}

void InstanceApply::WarnOfNewFindings(const RecordedLayers& planned) {
  if (AreAlike(wanted_, planned, notes_.layers)) return;
  wandb::Evaluation now = EvaluateOver(wanted_, notes_.layers);
  const auto said = EvaluateOver(wanted_, planned).findings;
  std::erase_if(now.findings, [&](const wandb::Problem& finding) {
    return std::any_of(said.begin(), said.end(), [&](const auto& each) {
      return each.id == finding.id && each.path == finding.path;
    });
  });
  tf::Diagnostics found;
  ReportFindings(wanted_, notes_.layers, now, found);
  for (tf::Diagnostic each : std::move(found).items()) {
    each.severity = tf::Severity::kWarning;
    op_.diags.Add(std::move(each));
  }
}

bool InstanceApply::NoteLayers(const absl::StatusOr<LiveLayers>& seen) {
  RecordedLayers& recorded = notes_.layers;
  if (!seen.ok()) {
    if (IsBrokenContent(seen.status())) recorded.NoteBroken(seen.status());
    return false;
  }
  seen->RecordIn(recorded, wanted_.compiled.mask);
  return seen->KnowBase();
}

RecordedLayers InstanceApply::PlannedOver() const {
  if (!creates()) {
    return LayersWithPin(call_.planned, &before_->model, planned_pin_,
                         notes_.layers);
  }
  tf::Diagnostics said;  // By the plan.
  return PreviewOf(call_.planned, said);
}

void InstanceApply::Finish(const Json& live) {
  InstanceModel& state = *call_.saved;
  const auto seen =
      ReadLiveLayers(op_.Aftermath(kLastLook), op_.client, state,
                     takes_managed_spec_.value_or(
                         TakesManagedSpec(op_.session, state, notes_.layers)));
  const RecordedLayers planned_over = PlannedOver();
  notes_.layers.others =
      OthersOf(live, wanted_.compiled, op_.session.field_manager(), {});
  if (auto chart = FindOverriddenChart(wanted_.compiled.chart, notes_.layers)) {
    WarnOfOverriddenChart(*chart, live, state, op_.session, op_.diags);
  }
  const bool all_read = NoteLayers(seen);
  if (seen.ok()) WarnOfManagedSpec(op_, state, *seen, notes_.layers);
  if (creates() && state.release_id.IsNull()) NotePinLeft(op_, notes_, state);
  notes_.To(call_.private_data);
  const wandb::EffectiveSpec spec =
      EffectiveOfLive(wanted_, live, notes_.layers);
  if (state.ready.value_or(false)) {
    WarnIfNotPinned(notes_.layers, state, op_.diags);
  }
  if (!state.wait.value()) {
    ReportUnappliable(op_, state, creates(), seen.status(), spec);
    if (absl::IsPermissionDenied(seen.status())) {
      WarnOfUnread(op_, wanted_.model, seen.status());
    }
  }
  const auto knows_base = [&state](const RecordedLayers& layers) {
    return layers.KnowBase(state);
  };
  const bool base_known = knows_base(notes_.layers);
  const bool known = all_read && base_known && spec.problems.empty();
  if (known &&
      !(planned_over.user_input.has_value() && knows_base(planned_over))) {
    WarnOfNewFindings(planned_over);
    WarnIfNotAsPlanned(spec);
  }
  if (all_read && !base_known && state.effective_values.IsUnknown()) {
    WarnOfNoChannel(op_, state);
  }
  FillEffective(known ? &spec : nullptr);
}

void InstanceApply::FillEffective(const wandb::EffectiveSpec* spec) {
  InstanceModel& state = *call_.saved;
  if (!state.effective_values.IsUnknown() && !state.url.IsUnknown() &&
      !state.version.IsUnknown() && !state.effective_chart.IsUnknown()) {
    return;
  }
  if (spec != nullptr) {
    SetEffective(*spec, wanted_.compiled.mask, state);
  } else {
    SetEffectiveNull(state);
  }
  // What the plan promised stays.
  const InstanceModel& planned = call_.planned;
  if (!planned.effective_values.IsUnknown()) {
    state.effective_values = planned.effective_values;
    state.effective_origin = planned.effective_origin;
    state.release_metadata = planned.release_metadata;
  }
  if (!planned.url.IsUnknown()) state.url = planned.url;
  if (!planned.version.IsUnknown()) state.version = planned.version;
  if (!planned.effective_chart.IsUnknown()) {
    state.effective_chart = planned.effective_chart;
  }
}

// A value that was not known when the plan was made may turn out to be null.
void CheckSameTwins(const InstanceModel& planned, const InstanceModel& config,
                    tf::Diagnostics& diags) {
  const auto set = SetTwins(config).value_or({});
  for (const std::string& setting : planned.secrets_wo.value_or({})) {
    if (std::find(set.begin(), set.end(), setting) != set.end()) continue;
    const std::string twin = wandb::WriteOnlyTwinOf(setting);
    diags.AddError(PathOfSetting(twin), "Invalid setting",
                   absl::StrCat("`", twin,
                                "` is null now, and was not known when the "
                                "plan was made. Give it a secret, or leave it "
                                "out."));
  }
}

}  // namespace

bool ApplyInstance(const base::Context& parent, const Session& session,
                   const Patience& patience,
                   tf::ApplyCall<InstanceModel>& call) {
  if (call.prior.has_value() && WritesNothing(call.planned)) {
    call.saved = call.planned;
    return false;
  }
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.planned.timeouts,
                call.prior.has_value() ? &Timeouts::update : &Timeouts::create,
                kDefaultTimeout));
  const auto client = GuardedClientOrReport(
      session, GuardedInstance(call.planned, !call.prior.has_value()),
      call.diags);
  CheckSameTwins(call.planned, call.config, call.diags);
  CheckWriteOnly(call.config, call.diags);
  session.secrets()->Add(WriteOnlyTexts(call.config));
  const Desired wanted(call.planned);
  call.diags.Append(wanted.compiled.diags);
  if (client == nullptr || call.diags.HasError()) return false;
  const std::vector<std::string> secrets = wanted.compiled.secrets();
  session.secrets()->Add(secrets);
  const wandb::Scrubber scrubber(secrets);
  InstanceApply apply({.ctx = ctx,
                       .client = *client,
                       .session = session,
                       .scrubber = scrubber,
                       .diags = call.diags},
                      wanted, patience, call);
  apply.Run();
  return apply.took_over();
}

}  // namespace resources
