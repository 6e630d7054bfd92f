#include "resources/instance/instance_resource.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/deletion.h"
#include "kube/managed_fields.h"
#include "kube/ssa/owned_part.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "resources/connection/look_context.h"
#include "resources/connection/plan_notes.h"
#include "resources/ids_in_use.h"
#include "resources/instance/body.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/compile.h"
#include "resources/instance/destroy_plan.h"
#include "resources/instance/finalizer.h"
#include "resources/instance/findings.h"
#include "resources/instance/model.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/others.h"
#include "resources/instance/plan.h"
#include "resources/instance/preflight.h"
#include "resources/instance/read.h"
#include "resources/instance/readiness.h"
#include "resources/instance/standing_fault.h"
#include "resources/instance/write.h"
#include "resources/namespace.h"
#include "resources/namespace_end.h"
#include "resources/namespaced_name.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/spec.h"

namespace resources {
namespace {

using base::Json;

constexpr absl::Duration kDefaultTimeout = absl::Minutes(30);
constexpr absl::Duration kDefaultDeleteTimeout = absl::Minutes(20);
// How long a create that was refused may take to remove its namespace.
constexpr absl::Duration kTakeBack = absl::Minutes(1);

class InstanceResource final : public tf::TypedResource<InstanceModel> {
 public:
  InstanceResource(std::shared_ptr<const Session> session,
                   const Patience& patience)
      : TypedResource("wandb_instance", 0,
                      "Runs a Weights & Biases Server instance: manages the "
                      "WeightsAndBiases custom resource, shows at plan what "
                      "the operator will use, and waits until W&B runs."),
        session_(std::move(session)),
        patience_(patience) {}

  std::vector<tf::IdentityAttribute> identity() const override {
    return NamespacedIdentity("instance");
  }

 protected:
  void CheckConfig(const InstanceModel& config,
                   tf::Diagnostics& diags) const override {
    diags.Append(Compile(config).diags);
    CheckNothingHidden(config, diags);
    ValidateCheckLevels(config, diags);
  }

  void PlanChange(const base::Context& ctx,
                  tf::PlanCall<InstanceModel>& call) const override {
    if (call.prior.has_value()) NoteInState(*call.prior);
    PlanInstance(ctx, *session_, call);
    if (call.prior.has_value()) {
      NotePlan(*call.prior, PlanNotes::Plan::kStays, call.diags);
    }
  }
  void PlanDestroy(const base::Context& ctx,
                   tf::PlanDestroyCall<InstanceModel>& call) const override {
    const base::Context look = LookContext(ctx);
    PlanDestroyOnOperatorV2(look, *session_, call);
    if (!call.diags.HasError()) {
      WarnOfRemoval(look, *session_, call.state, Removal::kDestroy, call.diags);
    }
    NotePlan(call.state, PlanNotes::Plan::kGoes, call.diags);
  }
  void ApplyChange(const base::Context& ctx,
                   tf::ApplyCall<InstanceModel>& call) const override;
  void Refresh(const base::Context& parent,
               tf::ReadCall<InstanceModel>& call) const override {
    NoteInState(call.state);
    ReadInstance(parent, *session_, call);
    if (call.gone) ids_.Release(IdOf(call.state));
  }
  void Delete(const base::Context& ctx,
              tf::DeleteCall<InstanceModel>& call) const override {
    Destroy(ctx, call);
    if (!call.diags.HasError()) ids_.Release(IdOf(call.state));
  }

  void ImportState(const base::Context&,
                   tf::ImportCall<InstanceModel>& call) const override {
    const auto wanted =
        ImportedName(call.id, call.identity, "default/wandb", call.diags);
    if (!wanted.has_value()) return;
    call.state.ns = wanted->ns;
    call.state.name = wanted->name;
    call.state.id = ToString(*wanted);
    call.private_data[kImporting] = true;
    NoteImported(call.private_data);
  }

 private:
  void NoteInState(const InstanceModel& state) const {
    session_->instances_in_state().Note(state.id);
    session_->instances_in_state().Note(state.uid);
  }
  void NotePlan(const InstanceModel& state, PlanNotes::Plan plan,
                tf::Diagnostics& diags) const {
    const std::string id = IdOf(state);
    const std::string going = session_->plan_notes().NoteInstance(id, plan);
    if (!going.empty()) WarnOfOperatorThatGoes(going, id, plan, diags);
  }
  void Write(const base::Context& parent,
             tf::ApplyCall<InstanceModel>& call) const;
  void Destroy(const base::Context& parent,
               tf::DeleteCall<InstanceModel>& call) const;
  // Makes the namespace that the configuration wants, and says whether it
  // was absent; false after an error.
  bool MakeNamespace(const base::Context& ctx, kube::Client& client,
                     const Compiled& compiled,
                     tf::ApplyCall<InstanceModel>& call, bool* created) const;
  void TakeBackNamespace(const base::Context& ctx, kube::Client& client,
                         const wandb::Scrubber& scrubber,
                         tf::ApplyCall<InstanceModel>& call) const;
  void AwaitReady(const base::Context& ctx, kube::Client& client,
                  const Json& live, const Compiled& compiled,
                  tf::ApplyCall<InstanceModel>& call) const;
  void FinishEffective(const base::Context& ctx, kube::Client& client,
                       const Json& live, const Compiled& compiled,
                       tf::ApplyCall<InstanceModel>& call) const;

  const std::shared_ptr<const Session> session_;
  const Patience patience_;
  mutable IdsInUse ids_;
};

// ---- Apply ----

void InstanceResource::ApplyChange(const base::Context& ctx,
                                   tf::ApplyCall<InstanceModel>& call) const {
  if (call.prior.has_value() && WritesNothing(call.planned)) {
    call.saved = call.planned;
    return;
  }
  const std::string id = IdOf(call.planned);
  const bool create = !call.prior.has_value();
  if (!ids_.Take(id) && create) {
    call.diags.AddError(
        "name", absl::StrCat("Two instances are called ", id),
        "Another wandb_instance of this configuration has the same namespace "
        "and name. Remove one of the two, or give one another name or another "
        "namespace.");
    return;
  }
  const absl::Cleanup release = [&] {
    if (create && !call.saved.has_value()) ids_.Release(id);
  };
  Write(ctx, call);
}

bool InstanceResource::MakeNamespace(const base::Context& ctx,
                                     kube::Client& client,
                                     const Compiled& compiled,
                                     tf::ApplyCall<InstanceModel>& call,
                                     bool* created) const {
  if (!call.planned.create_namespace.value()) return true;
  const std::string& ns = call.planned.ns.value();
  const auto own = EnsureNamespace(
      ctx, client, ns, NamespaceOwnerOf(call.planned),
      /*take_back=*/!HasObject(call.prior), session_->field_manager());
  if (!own.ok()) {
    ReportStatus(absl::StrCat("Cannot create namespace \"", ns, "\""),
                 own.status(), *session_, compiled.scrubber(), call.diags);
    return false;
  }
  if (!own->uid.empty()) call.private_data[kCreatedNamespace] = own->uid;
  *created = own->created;
  return true;
}

// Nothing is left of a create that made its namespace and no more; where that
// fails, the state keeps the namespace in mind.
void InstanceResource::TakeBackNamespace(
    const base::Context& ctx, kube::Client& client,
    const wandb::Scrubber& scrubber, tf::ApplyCall<InstanceModel>& call) const {
  tf::Diagnostics diags;
  // Later than the deadline, but a stop still ends it.
  DeleteOwnNamespace(ctx.WithoutDeadline().WithTimeout(kTakeBack), client,
                     {.ns = call.planned.ns.value(),
                      .owner = NamespaceOwnerOf(call.planned),
                      .makes = false,  // By this very create, or not at all.
                      .session = *session_,
                      .scrubber = scrubber},
                     call.private_data, diags);
  call.diags.Append(diags);
  if (!diags.HasError()) return;
  InstanceModel state = call.planned;
  state.id = IdOf(state);
  state.ready = false;
  SetNoObject(state);
  SetEffectiveNull(state);
  call.saved = std::move(state);
}

void InstanceResource::Write(const base::Context& parent,
                             tf::ApplyCall<InstanceModel>& call) const {
  const bool create = !call.prior.has_value();
  const base::Context ctx = parent.WithTimeout(TimeoutOf(
      call.planned.timeouts, create ? &Timeouts::create : &Timeouts::update,
      kDefaultTimeout));
  const auto client = GuardedClientOrReport(
      *session_, GuardedInstance(call.planned), call.diags);
  const Compiled compiled = Compile(call.planned);
  call.diags.Append(compiled.diags);
  if (client == nullptr || call.diags.HasError()) return;
  session_->secrets()->Add(compiled.secrets());
  if (create) {
    // Of what this one replaces.
    call.private_data.erase(kCreatedNamespace);
  }
  bool made_namespace = false;
  if (!MakeNamespace(ctx, *client, compiled, call, &made_namespace)) return;

  const Json body = BodyOf(call.planned, compiled);
  const auto written = WriteInstance(ctx, *session_, *client, body, call);
  if (!written.ok()) {
    ReportWriteFailure(ctx, *session_, *client, body, compiled,
                       written.status(), call);
    if (create && made_namespace) {
      TakeBackNamespace(ctx, *client, compiled.scrubber(), call);
    }
    return;
  }
  NoteGeneration(*session_, call.private_data);
  session_->secrets()->Learn(written->object, compiled.mask);
  ReportWarnings(written->warnings, *session_, compiled.scrubber(), call.diags);
  InstanceModel state = call.planned;
  state.id = IdOf(state);
  state.ready = false;
  SetObserved(written->object, state);
  call.saved = state;
  if (kube::IsTerminating(written->object)) {
    call.diags.AddError(
        "The custom resource is being deleted",
        absl::StrCat(
            "It ", kube::DescribeDeletion(written->object),
            ", so the change will be lost. The next apply waits for its end "
            "and creates it anew. To see what is left to do: ",
            kube::LookCommand(CustomResourceRef(state))));
    return;
  }
  if (absl::Status status = CheckLive(written->object); !status.ok()) {
    SetEffectiveNull(*call.saved);
    call.diags.AddError(
        absl::StrCat("Instance ", IdOf(state), " is too large to be looked at"),
        absl::StrCat(status.message(), "\n\nThe change was written."));
    return;
  }
  WarnIfChangedByServer(compiled, written->object, call.diags);
  if (call.planned.wait.value()) {
    AwaitReady(ctx, *client, written->object, compiled, call);
  }
  FinishEffective(ctx, *client, written->object, compiled, call);
}

// That nothing is there to be ready. No choice of how a failed wait is to end
// applies: what was asked for does not exist.
void ReportLost(const Readiness& readiness,
                tf::ApplyCall<InstanceModel>& call) {
  call.diags.AddError(
      readiness.summary,
      absl::StrCat(
          absl::StrJoin(readiness.details, "\n"),
          "\n\nIt was written, and the wait for W&B has ended without it. "
          "The next plan looks for it again: what is gone is planned to be "
          "created, and for what is still on its way out the apply waits",
          call.prior.has_value() ? "." : " (the state has it as tainted).",
          " An object of the same name that somebody else made is left as it "
          "is: import it to manage it, or delete it first."));
}

// Of an apply that has written all, and may not see what became of it. An error
// would taint what was created, and replacing it mends nothing.
void ReportUnseen(const Readiness& readiness, const Session& session,
                  const Compiled& compiled,
                  tf::ApplyCall<InstanceModel>& call) {
  const bool right = kube::MissingRight(readiness.unseen).has_value();
  const std::string detail = absl::StrCat(
      "The change was written. ",
      Explain(readiness.unseen, session, compiled.scrubber(),
              right ? WaitRules(call.planned) : ""),
      "\n\nready is false. Once the rights are granted, the next apply waits "
      "again; with wait = false nothing is waited for.");
  if (call.prior.has_value() &&
      call.planned.wait_failure.value() != WaitFailure::kWarn) {
    call.diags.AddError(readiness.summary, detail);
  } else {
    call.diags.AddWarning(readiness.summary, detail);
  }
}

void InstanceResource::AwaitReady(const base::Context& ctx,
                                  kube::Client& client, const Json& live,
                                  const Compiled& compiled,
                                  tf::ApplyCall<InstanceModel>& call) const {
  const Readiness readiness =
      AwaitInstance(ctx, client, call.planned, compiled,
                    {.uid = kube::UidOf(live),
                     .time = ssa::WriteTime(live, session_->field_manager())},
                    patience_);
  if (!readiness.phase.empty()) call.saved->phase = readiness.phase;
  call.saved->ready = readiness.ready;
  if (!readiness.misnamed_summary.empty()) {
    call.diags.AddWarning(
        readiness.misnamed_summary,
        absl::StrCat(readiness.misnamed_detail, " The wait went by that one."));
  }
  if (readiness.ready) return;
  if (readiness.lost) return ReportLost(readiness, call);
  if (!readiness.unseen.ok()) {
    return ReportUnseen(readiness, *session_, compiled, call);
  }
  if (absl::IsCancelled(readiness.status)) {
    call.diags.AddError(
        "Interrupted while waiting for W&B",
        call.prior.has_value()
            ? "The change was written. Apply again to go on waiting."
            : "The custom resource exists and is in the state, marked as "
              "tainted: the next apply replaces it. To keep it, run \"tofu "
              "untaint\" (or \"terraform untaint\") on this resource first.");
    return;
  }
  std::string detail = absl::StrJoin(readiness.details, "\n");
  if (call.planned.wait_failure.value() == WaitFailure::kWarn) {
    call.diags.AddWarning(
        readiness.summary,
        absl::StrCat(detail,
                     "\n\nready is false; the next apply waits again."));
    return;
  }
  if (!call.prior.has_value()) {
    absl::StrAppend(
        &detail,
        "\n\nThe custom resource exists and is in the state, marked as "
        "tainted: the next apply replaces it, ",
        readiness.never_ran ? "which is safe for an instance that never ran. "
                            : "which stops what already runs of it. ",
        "To keep it, run \"tofu untaint\" (or \"terraform untaint\") on this "
        "resource first, or set wait_failure = \"warn\".");
  }
  call.diags.AddError(readiness.summary, detail);
}

// What a wait would have ended with: the operator is not going to apply this.
void ReportUnappliable(const absl::Status& layers,
                       const wandb::EffectiveSpec& spec,
                       tf::ApplyCall<InstanceModel>& call) {
  StandingFault fault;
  if (IsBrokenContent(layers)) {
    fault = BrokenUserInput(*call.saved, layers);
  } else if (!spec.problems.empty()) {
    fault = {absl::StrCat("The operator cannot merge the specification of ",
                          IdOf(*call.saved)),
             absl::StrCat(ClashLines(spec.problems),
                          "\n\nThe change was written. Correct one of the two "
                          "sources.")};
  } else {
    return;
  }
  // An error would taint what was created, and replacing it mends nothing.
  if (call.prior.has_value()) {
    call.diags.AddError(fault.summary, fault.detail);
  } else {
    call.diags.AddWarning(fault.summary, fault.detail);
  }
}

// Why the effective attributes stay null, though nothing has failed.
void WarnOfNoChannel(const InstanceModel& state, tf::Diagnostics& diags) {
  const std::string secret = wandb::CachedReleaseSecretName(state.name.value());
  diags.AddWarning(
      absl::StrCat("The effective values of ", IdOf(state), " are not known"),
      absl::StrCat(
          "They depend on the release channel, and no answer of it is "
          "recorded in the cluster (Secret \"",
          secret,
          "\"). If no operator runs yet, or it has not come to this instance, "
          "the next refresh shows them. If it stays so, the operator cannot "
          "reach the release channel: its log says why, and "
          "release_channel_url of wandb_operator names another one. Where "
          "there is none, set airgapped = true here and in wandb_operator, "
          "and chart here."));
}

// Records the lower layers, and fills the effective attributes that the plan
// left open; those that cannot be learnt are null.
void InstanceResource::FinishEffective(
    const base::Context& ctx, kube::Client& client, const Json& live,
    const Compiled& compiled, tf::ApplyCall<InstanceModel>& call) const {
  InstanceModel& state = *call.saved;
  // Later than the deadline, but a stop still ends it.
  const auto layers = ReadLiveLayers(
      ctx.WithoutDeadline().WithTimeout(absl::Seconds(10)), client, state);
  RecordedLayers recorded = RecordedLayers::FromPrivate(call.private_data);
  recorded.others = OthersOf(live, compiled, session_->field_manager(), {});
  const bool all_read = layers.ok() && layers->channel_fault.ok();
  if (layers.ok()) {
    const RecordedLayers fresh = layers->Recorded(compiled.mask);
    recorded.user_input = fresh.user_input;
    recorded.user_input_fault.clear();
    if (all_read) recorded.channel = fresh.channel;
  } else if (IsBrokenContent(layers.status())) {
    recorded.NoteBroken(layers.status());
  }
  recorded.ToPrivate(call.private_data);
  const wandb::EffectiveSpec spec =
      EffectiveOfLive(state, live, compiled.layer(), recorded);
  if (!state.wait.value()) {
    ReportUnappliable(layers.status(), spec, call);
    if (absl::IsPermissionDenied(layers.status())) {
      call.diags.AddWarning(
          "The operator's Secrets cannot be read",
          absl::StrCat("The change was written; what it makes of the effective "
                       "values of ",
                       IdOf(state), " cannot be told. ",
                       Explain(layers.status(), *session_, compiled.scrubber(),
                               SecretsRule(state))));
    }
  }
  if (!state.effective_values.IsUnknown() && !state.url.IsUnknown() &&
      !state.effective_chart.IsUnknown()) {
    return;
  }
  const InstanceModel planned = state;
  const bool channel_known =
      state.airgapped.value() || recorded.channel.has_value();
  if (all_read && !channel_known && state.effective_values.IsUnknown()) {
    WarnOfNoChannel(state, call.diags);
  }
  const bool complete = all_read && channel_known;
  if (complete && spec.problems.empty()) {
    SetEffective(spec, compiled.mask, state);
  } else {
    SetEffectiveNull(state);
  }
  // What the plan promised stays.
  if (!planned.effective_values.IsUnknown()) {
    state.effective_values = planned.effective_values;
    state.effective_origin = planned.effective_origin;
    state.release_metadata = planned.release_metadata;
  }
  if (!planned.url.IsUnknown()) state.url = planned.url;
  if (!planned.effective_chart.IsUnknown()) {
    state.effective_chart = planned.effective_chart;
  }
}

// ---- Delete ----

void InstanceResource::Destroy(const base::Context& parent,
                               tf::DeleteCall<InstanceModel>& call) const {
  const base::Context ctx = parent.WithTimeout(
      TimeoutOf(call.state.timeouts, &Timeouts::del, kDefaultDeleteTimeout));
  const auto client =
      GuardedClientOrReport(*session_, GuardedInstance(call.state), call.diags);
  if (client == nullptr) return;
  const kube::ObjectRef ref = CustomResourceRef(call.state);
  const Compiled compiled = Compile(call.state);
  session_->secrets()->Add(compiled.secrets());
  const wandb::Scrubber scrubber = compiled.scrubber();
  const std::string uid = call.state.uid.value_or("");
  const NamespaceOf own{.ns = call.state.ns.value(),
                        .owner = NamespaceOwnerOf(call.state),
                        .makes = call.state.create_namespace.value(),
                        .session = *session_,
                        .scrubber = scrubber};
  absl::Status gone;
  if (HasObject(call.state)) gone = client->Delete(ctx, ref, {.uid = uid});
  if (kube::IsKindNotServed(gone)) gone = absl::OkStatus();
  // Another object took the name: ours is gone, and that one is not ours.
  if (kube::IsStale(gone)) gone = absl::OkStatus();
  if (gone.ok() && HasObject(call.state)) {
    gone =
        AwaitUninstalled(ctx, *client, call.state, kUninstallLook, call.diags);
  }
  if (!gone.ok()) {
    LearnLive(ctx, *session_, *client, call.state, compiled.mask, gone);
    const std::string held =
        ExplainHeld(ctx.WithoutDeadline().WithTimeout(absl::Seconds(10)),
                    *client, call.state, compiled, gone);
    call.diags.AddError(absl::StrCat("Cannot delete ", kube::Describe(ref)),
                        Explain(gone, *session_, scrubber, held));
    return;
  }
  DeleteOwnNamespace(ctx, *client, own, call.private_data, call.diags);
}

}  // namespace

std::unique_ptr<tf::Resource> NewInstanceResource(
    std::shared_ptr<const Session> session) {
  return NewInstanceResource(std::move(session), Patience());
}

std::unique_ptr<tf::Resource> NewInstanceResource(
    std::shared_ptr<const Session> session, const Patience& patience) {
  return std::make_unique<InstanceResource>(std::move(session), patience);
}

}  // namespace resources
