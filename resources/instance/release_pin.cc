#include "resources/instance/release_pin.h"

#include <functional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "kube/client.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/settings.h"
#include "wandb/spec/release_pin.h"

namespace resources {
namespace {

using base::Json;
using Pin = std::optional<std::string>;

// How often somebody else may be faster.
constexpr int kAttempts = 10;

Pin PinOf(const RecordedLayers& layers) {
  return layers.user_input.has_value()
             ? wandb::PinnedRelease(layers.user_input->values)
             : std::nullopt;
}

kube::ObjectRef UserInputRef(const InstanceModel& model) {
  return kube::SecretRef(model.ns.value(),
                         wandb::UserInputSecretName(model.name.value()));
}

// Of the instance that it belongs to; "" if it belongs to none.
std::string InstanceUidOf(const Json& secret) {
  for (const Json& owner : base::ListAt(secret, "/metadata/ownerReferences")) {
    if (base::StringAt(owner, "/kind") == wandb::kKind) {
      return base::StringAt(owner, "/uid").value_or("");
    }
  }
  return "";
}

bool IsOurs(const Json& secret, const InstanceModel& model) {
  return OwnerOf(secret) == NamespaceOwnerOf(model);
}

// Whether `manager` was the last to change the values: whoever else does takes
// them away from it.
bool WroteValues(const Json& secret, const std::string& manager) {
  const Json part =
      kube::PartOwnedBy(secret, [&](const kube::ManagerEntry& entry) {
        return entry.manager == manager;
      });
  return base::Find(part, "/data/values") != nullptr;
}

// The controller is who is told of changes of the Secret.
Json OwnerReference(const InstanceModel& model, const std::string& uid) {
  return {{"apiVersion", wandb::kApiVersion},
          {"kind", wandb::kKind},
          {"name", model.name.value()},
          {"uid", uid},
          {"controller", true}};
}

// Somebody else was faster.
bool MayRepeat(const absl::Status& status) {
  return absl::IsAborted(status) && !kube::HasFieldConflicts(status);
}

PinNote NoteOf(std::string written) {
  return {.before = std::nullopt, .written = std::move(written), .tried = ""};
}

absl::Status Repeated(const std::function<absl::Status()>& attempt) {
  absl::Status status;
  for (int i = 0; i < kAttempts; ++i) {
    status = attempt();
    if (!MayRepeat(status)) break;
  }
  return status;
}

// What GiveBack() makes of `live`.
Pin AfterGivingBack(const std::optional<PinNote>& note, const Pin& live) {
  return note.has_value() && note->MayHaveWritten(live) ? note->before : live;
}

}  // namespace

// ---- The configuration ----

void CheckReleaseId(const InstanceModel& config, tf::Diagnostics& diags) {
  if (!config.release_id.IsKnown()) return;
  if (config.airgapped.IsKnown() && config.airgapped.value()) {
    diags.AddError("release_id", "No release channel to pin a release of",
                   "airgapped = true: the operator asks no release channel, so "
                   "release_id would have no effect. Remove release_id, and "
                   "set chart to keep to one version.");
  }
  if (config.chart.IsKnown()) {
    diags.AddError(
        "release_id", "Two choices of what runs",
        "release_id pins a release of the channel, whose chart and images "
        "belong together, and chart is used in place of the release's chart. "
        "Remove chart to run the release, or release_id to run the chart.");
  }
}

RecordedLayers LayersWithPin(const InstanceModel& planned,
                             const InstanceModel* prior,
                             const std::optional<PinNote>& note,
                             RecordedLayers layers) {
  const tf::Attr<std::string> before =
      prior == nullptr ? tf::Attr<std::string>() : prior->release_id;
  if (planned.release_id.IsUnknown()) {
    layers.channel.reset();
    return layers;
  }
  if (planned.release_id.IsNull() && before.IsNull()) return layers;
  const Pin pin = planned.release_id.IsKnown()
                      ? Pin(planned.release_id.value())
                      : AfterGivingBack(note, PinOf(layers));
  if (layers.channel.has_value() &&
      (!pin.has_value() || wandb::ReleaseIdOf(*layers.channel) != *pin)) {
    layers.channel.reset();
  }
  if (!layers.user_input.has_value()) layers.user_input.emplace();
  Json& values = layers.user_input->values;
  values = wandb::WithPin(std::move(values), pin);
  return layers;
}

// ---- The Secret ----

kube::ObjectRef ReleasePin::ref() const { return UserInputRef(model_); }

absl::StatusOr<Json> ReleasePin::Get() {
  verb_ = "get";
  auto live = op_.client.Get(ctx_, ref());
  if (live.ok()) op_.session.secrets()->Learn(*live);
  return live;
}

absl::Status ReleasePin::Create(const std::string& uid) {
  const auto text = [](absl::string_view json) {
    return absl::Base64Escape(json);
  };
  const std::string& pin = model_.release_id.value();
  Json metadata = {
      {"name", ref().name},
      {"namespace", ref().ns},
      {"annotations", {{wandb::kOwnerAnnotation, NamespaceOwnerOf(model_)}}}};
  if (!uid.empty()) {
    metadata["ownerReferences"] = Json::array({OwnerReference(model_, uid)});
  }
  const Json body = {{"apiVersion", "v1"},
                     {"kind", "Secret"},
                     {"type", "Opaque"},
                     {"metadata", std::move(metadata)},
                     {"data",
                      {{"values", text(wandb::TextWithPin("{}", pin))},
                       {"chart", text("null")},
                       {"metadata", text("null")}}}};
  verb_ = "create";
  const auto applied = op_.client.Apply(
      ctx_, ref(), body,
      {.field_manager = op_.session.field_manager(), .create_only = true});
  return applied.status();
}

absl::Status ReleasePin::Patch(const Json& live, const Pin& pin,
                               const std::string& owner_uid) {
  // As the operator needs it: what it cannot read, it fails on.
  RETURN_IF_ERROR(wandb::ParseSpecSecret(live).status());
  std::string text;
  absl::Base64Unescape(base::StringAt(live, "/data/values").value_or(""),
                       &text);
  const std::string changed = wandb::TextWithPin(text, pin);
  Json patch = Json::object();
  if (changed != text) patch["data"]["values"] = absl::Base64Escape(changed);
  if (!owner_uid.empty()) {
    Json owners = base::ListAt(live, "/metadata/ownerReferences");
    owners.push_back(OwnerReference(model_, owner_uid));
    patch["metadata"]["ownerReferences"] = std::move(owners);
  }
  if (patch.empty()) return absl::OkStatus();
  patch["metadata"]["resourceVersion"] = kube::ResourceVersionOf(live);
  verb_ = "patch";
  const absl::Status status =
      op_.client
          .Patch(ctx_, ref(), patch,
                 {.field_manager = op_.session.field_manager()})
          .status();
  // Looked at again, it is not there.
  return absl::IsNotFound(status) ? absl::AbortedError(status.message())
                                  : status;
}

absl::Status ReleasePin::Delete(const Json& live) {
  verb_ = "delete";
  const absl::Status status =
      op_.client.Delete(ctx_, ref(), {.uid = kube::UidOf(live)});
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::Status ReleasePin::SetOnce(const std::string& uid) {
  const std::string& wanted = model_.release_id.value();
  auto live = Get();
  const auto note = [&](const Pin& there, bool ours) {
    if (!note_.has_value()) {
      note_ = NoteOf("");
      if (!ours) note_->before = there;
    }
    note_->tried = wanted;
  };
  if (live.ok()) {
    const std::string of = InstanceUidOf(*live);
    if (!of.empty() && of != uid) {
      // Of an instance that is gone: Kubernetes has yet to collect it, and what
      // is written there goes with it.
      RETURN_IF_ERROR(Delete(*live));
      live = absl::NotFoundError("deleted");
    }
  }
  if (absl::IsNotFound(live.status())) {
    note(std::nullopt, true);
    return Create(uid);
  }
  RETURN_IF_ERROR(live.status());
  ASSIGN_OR_RETURN(const wandb::SpecLayer layer, wandb::ParseSpecSecret(*live));
  const Pin there = wandb::PinnedRelease(layer.values);
  // A create has no notes: what is there already may be of another one.
  note(there, lost_ && there.has_value() &&
                  (!model_.uid.IsUnknown() || there == wanted) &&
                  WroteValues(*live, op_.session.field_manager()));
  const bool unowned = InstanceUidOf(*live).empty() && IsOurs(*live, model_);
  return Patch(*live, wanted, unowned ? uid : "");
}

absl::Status ReleasePin::WriteAhead() {
  const auto custom_resource = op_.client.Get(ctx_, CustomResourceRef(model_));
  // Of somebody else, or left by an interrupted create: the write tells.
  if (!absl::IsNotFound(custom_resource.status()) &&
      !kube::IsKindNotServed(custom_resource.status())) {
    return absl::OkStatus();
  }
  const absl::Status status = Repeated([&] { return SetOnce(""); });
  // The custom resource cannot be written either.
  return kube::IsNamespaceMissing(status) ? absl::OkStatus() : status;
}

void ReleasePin::TakeBack(absl::Duration limit) {
  if (!note_.has_value()) return;
  ctx_ = op_.LastLook(limit);
  const absl::Status status = End();
  ctx_ = op_.ctx;
  note_.reset();
  if (status.ok()) return;
  tf::Diagnostics left;
  Report(status, left);
  for (tf::Diagnostic each : std::move(left).items()) {
    each.severity = tf::Severity::kWarning;
    op_.diags.Add(std::move(each));
  }
}

absl::Status ReleasePin::Settle(const std::string& uid,
                                const InstanceModel* before) {
  const tf::Attr<std::string> was =
      before == nullptr ? tf::Attr<std::string>() : before->release_id;
  if (model_.release_id.IsNull()) {
    return was.IsNull() ? absl::OkStatus() : GiveBack();
  }
  const bool same_object = before != nullptr && before->uid.value_or("") == uid;
  return same_object && model_.release_id == was ? absl::OkStatus()
                                                 : Write(uid);
}

absl::Status ReleasePin::Write(const std::string& uid) {
  const absl::Status status = Repeated([&] { return SetOnce(uid); });
  if (status.ok()) note_->written = std::exchange(note_->tried, "");
  return status;
}

absl::Status ReleasePin::GiveBackOnce() {
  const auto live = Get();
  if (absl::IsNotFound(live.status())) return absl::OkStatus();
  RETURN_IF_ERROR(live.status());
  ASSIGN_OR_RETURN(const wandb::SpecLayer layer, wandb::ParseSpecSecret(*live));
  const Pin there = wandb::PinnedRelease(layer.values);
  if (!note_.has_value() && lost_ && there.has_value() &&
      WroteValues(*live, op_.session.field_manager())) {
    note_ = NoteOf(*there);
  }
  return Patch(*live, AfterGivingBack(note_, there), "");
}

absl::Status ReleasePin::GiveBack() {
  const absl::Status status = Repeated([&] { return GiveBackOnce(); });
  if (status.ok()) note_.reset();
  return status;
}

absl::Status ReleasePin::End() {
  if (!note_.has_value() && model_.release_id.IsNull()) {
    return absl::OkStatus();
  }
  const auto live = Get();
  if (absl::IsNotFound(live.status())) return absl::OkStatus();
  RETURN_IF_ERROR(live.status());
  // Else it is another's, which has taken the name, or goes by itself.
  if (!InstanceUidOf(*live).empty()) return absl::OkStatus();
  if (!IsOurs(*live, model_)) return GiveBack();
  const absl::Status status = Delete(*live);
  return kube::IsStale(status) ? absl::OkStatus() : status;
}

void ReleasePin::Report(const absl::Status& status,
                        tf::Diagnostics& diags) const {
  const std::string secret = ref().name;
  std::string step;
  if (absl::IsPermissionDenied(status)) {
    const bool creates = absl::StrContains(status.message(), "cannot create");
    const std::string verb =
        creates || verb_ != absl::string_view("create") ? verb_ : "patch";
    step = absl::StrCat(
        "The identity that the provider uses may not ", verb, " Secret \"",
        secret, "\" in namespace \"", ref().ns,
        "\", where release_id is kept. ",
        RuleText({.verb = verb, .resource = "secrets", .ns = ref().ns},
                 verb == "create" ? std::vector<std::string>()
                                  : std::vector<std::string>{secret}));
  } else if (absl::IsInvalidArgument(status)) {
    step = "It is what the System Console writes. Correct the Secret first.";
  } else if (MayRepeat(status)) {
    step = absl::StrCat("Others change Secret \"", secret,
                        "\" all the time. Find out who does, and apply again.");
  }
  diags.AddError(
      absl::StrCat("Cannot ", model_.release_id.IsNull() ? "unpin" : "pin",
                   " the release of ", IdOf(model_)),
      Explain(status, op_.session, op_.scrubber, step));
}

// ---- What a look finds ----

void NotePinLeft(const Operation& op, InstanceNotes& notes,
                 const InstanceModel& state) {
  const Pin there = PinOf(notes.layers);
  if (notes.pin.has_value() || !there.has_value()) return;
  const auto live = op.client.Get(op.ctx, UserInputRef(state));
  if (live.ok() && WroteValues(*live, op.session.field_manager())) {
    notes.pin = NoteOf(*there);
  }
}

void ReadPin(const Operation& op, bool lost, InstanceNotes& notes,
             InstanceModel& state) {
  const Pin there = PinOf(notes.layers);
  if (lost) NotePinLeft(op, notes, state);
  const bool ours = notes.pin.has_value() && notes.pin->MayHaveWritten(there);
  if (state.release_id.IsNull() && !ours) {
    notes.pin.reset();
    return;
  }
  state.release_id = there.has_value() ? tf::Attr<std::string>(*there)
                                       : tf::Attr<std::string>();
}

void WarnIfNotPinned(const RecordedLayers& layers, const InstanceModel& state,
                     tf::Diagnostics& diags) {
  if (!state.release_id.IsKnown()) return;
  if (layers.managed_spec.has_value()) {
    return diags.AddWarning(
        absl::StrCat("The pinned release of ", IdOf(state), " is not used"),
        absl::StrCat("release_id is ", state.release_id.value(),
                     ", and the operator takes ConfigMap ", state.ns.value(),
                     "/", wandb::kManagedSpecConfigMap,
                     " in the place of the release channel. Remove release_id "
                     "to go by the ConfigMap, or delete the ConfigMap to go by "
                     "the release."));
  }
  if (!layers.channel.has_value()) return;
  const std::string& pin = state.release_id.value();
  const std::string got = wandb::ReleaseIdOf(*layers.channel);
  if (got.empty() || got == pin) return;
  diags.AddWarning(
      absl::StrCat("The operator does not have the pinned release of ",
                   IdOf(state)),
      absl::StrCat(
          "release_id is ", pin,
          ", and what the release channel gave it last "
          "is ",
          got,
          ". Either it has not asked since, which it does once an "
          "hour at the latest, or the channel has no such release or did not "
          "answer: then it goes on with what it has. The data source "
          "wandb_release_channel with release_id = ",
          HclText(pin), " tells whether the channel has it."));
}

}  // namespace resources
