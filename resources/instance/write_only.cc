#include "resources/instance/write_only.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "kube/refusal.h"
#include "kube/status.h"
#include "resources/owner.h"
#include "resources/report.h"
#include "wandb/custom_resource.h"
#include "wandb/operator/settings.h"
#include "wandb/settings/table.h"

namespace resources {
namespace {

using base::Json;
using wandb::SettingRow;

// What a configuration has for the twin of a setting.
struct Twin {
  const SettingRow* row;
  const cty::Value* plain;  // In whose place it is.
  const cty::Value* value;  // Null for none, unknown while its group is.
};

// "mysql" and "password" of "mysql.password"; "" and "license" of "license".
std::pair<std::string, std::string> GroupAndName(const std::string& setting) {
  const size_t dot = setting.find('.');
  if (dot == std::string::npos) return {"", setting};
  return {setting.substr(0, dot), setting.substr(dot + 1)};
}

// Those that are set or may be.
std::vector<Twin> TwinsOf(const SettingValues& settings) {
  std::vector<Twin> twins;
  for (const SettingRow& row : wandb::SettingRows()) {
    if (!wandb::HasWriteOnlyTwin(row)) continue;
    const auto [group, name] = GroupAndName(row.attribute);
    const std::string twin = wandb::WriteOnlyTwinOf(name);
    if (group.empty()) {
      const auto value = settings.find(twin);
      const auto plain = settings.find(name);
      if (value == settings.end() || value->second.IsNull()) continue;
      twins.push_back({&row, plain == settings.end() ? nullptr : &plain->second,
                       &value->second});
      continue;
    }
    const auto object = settings.find(group);
    if (object == settings.end() || object->second.IsNull()) continue;
    if (object->second.IsUnknown()) {
      twins.push_back({&row, nullptr, nullptr});
      continue;
    }
    const cty::Value& value = object->second.At(twin);
    if (value.IsNull()) continue;
    twins.push_back({&row, &object->second.At(name), &value});
  }
  return twins;
}

// Of a twin that is known. Files end with a newline, and W&B knows no license
// that does.
std::string TextOf(const Twin& twin) {
  const std::string text = twin.value->AsString();
  absl::string_view rest = text;
  if (twin.row->attribute == "license" && absl::ConsumeSuffix(&rest, "\n")) {
    absl::ConsumeSuffix(&rest, "\r");
  }
  return std::string(rest);
}

std::map<std::string, std::string> TextsOf(const InstanceModel& config) {
  std::map<std::string, std::string> texts;
  for (const Twin& twin : TwinsOf(config.settings)) {
    if (twin.value == nullptr || !twin.value->IsKnown()) continue;
    texts.emplace(twin.row->attribute, TextOf(twin));
  }
  return texts;
}

kube::ObjectRef RefOf(const InstanceModel& model) {
  return kube::SecretRef(model.ns.value(),
                         wandb::WriteOnlySecretName(model.name.value()));
}

bool IsOurs(const Json& secret, const InstanceModel& model) {
  return OwnerOf(secret) == NamespaceOwnerOf(model);
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

}  // namespace

wandb::WriteOnlySettings WriteOnlyOf(const InstanceModel& model) {
  return {.settings = model.secrets_wo.value_or({}),
          .secret = model.name.IsKnown()
                        ? wandb::WriteOnlySecretName(model.name.value())
                        : ""};
}

tf::Attr<std::vector<std::string>> SetTwins(const InstanceModel& config) {
  std::vector<std::string> set;
  for (const Twin& twin : TwinsOf(config.settings)) {
    if (twin.value == nullptr) {
      return tf::Attr<std::vector<std::string>>::Unknown();
    }
    set.push_back(twin.row->attribute);
  }
  if (set.empty()) return {};
  std::sort(set.begin(), set.end());
  return set;
}

void CheckWriteOnly(const InstanceModel& config, tf::Diagnostics& diags) {
  std::string first;
  for (const Twin& twin : TwinsOf(config.settings)) {
    if (twin.value == nullptr) continue;
    const std::string& setting = twin.row->attribute;
    const std::string name = wandb::WriteOnlyTwinOf(setting);
    if (first.empty()) first = name;
    if (!twin.value->IsKnown()) continue;
    if (twin.plain != nullptr && twin.plain->IsKnown()) {
      diags.AddError(PathOfSetting(name), "Invalid setting",
                     absl::StrCat("`", name, "` is in place of `", setting,
                                  "`, which is set, too. Keep one of the "
                                  "two."));
    }
    if (TextOf(twin).empty()) {
      diags.AddError(PathOfSetting(name), "Invalid setting",
                     absl::StrCat("`", name,
                                  "` is empty. Give it the secret, or leave it "
                                  "out."));
    }
  }
  if (!first.empty() && config.secrets_wo_version.IsNull()) {
    diags.AddError(
        "secrets_wo_version", "Missing version of write-only settings",
        absl::StrCat("`", first,
                     "` is write-only: Terraform cannot tell when it changes. "
                     "Set secrets_wo_version = 1, and raise it with each "
                     "change of a write-only setting."));
  }
}

void WarnOfVersionAlone(const InstanceModel& config, tf::Diagnostics& diags) {
  if (config.secrets_wo_version.IsNull() || !TwinsOf(config.settings).empty()) {
    return;
  }
  diags.AddWarning(
      "secrets_wo_version", "No write-only setting is set",
      "secrets_wo_version is set, and no setting whose name ends in _wo is, so "
      "it does nothing. Is one misspelt, or null? Terraform drops names that a "
      "group does not have without a word. Otherwise, remove it.");
}

InstanceModel WithTwinsInPlace(const InstanceModel& config) {
  InstanceModel out = config;
  out.secrets_wo = {};
  for (const Twin& twin : TwinsOf(config.settings)) {
    if (twin.value == nullptr || !twin.value->IsKnown()) continue;
    const auto [group, name] = GroupAndName(twin.row->attribute);
    if (group.empty()) {
      out.settings[name] = *twin.value;
      continue;
    }
    cty::Value& object = out.settings[group];
    std::map<std::string, cty::Value> fields = object.fields();
    fields[name] = *twin.value;
    object = cty::Value::ObjectOf(object.type(), std::move(fields));
  }
  return out;
}

std::vector<std::string> WriteOnlyTexts(const InstanceModel& config) {
  std::vector<std::string> texts;
  for (auto& [setting, text] : TextsOf(config)) texts.push_back(text);
  return texts;
}

WriteOnlySecret::WriteOnlySecret(const Operation& op,
                                 const InstanceModel& config)
    : op_(op), config_(config), texts_(TextsOf(config)), ref_(RefOf(config)) {}

absl::Status WriteOnlySecret::Look() const {
  const auto there = op_.client.Get(op_.ctx, ref_);
  if (absl::IsNotFound(there.status())) return absl::OkStatus();
  RETURN_IF_ERROR(there.status());
  op_.session.secrets()->Learn(*there);
  if (!IsOurs(*there, config_)) {
    return absl::AlreadyExistsError(absl::StrCat(
        kube::Describe(ref_),
        " exists, and is not that of this instance: it "
        "has no annotation ",
        wandb::kOwnerAnnotation, " = ", NamespaceOwnerOf(config_),
        ". Its name is needed for the write-only settings. Look at what is in "
        "it, and delete or rename it"));
  }
  return absl::OkStatus();
}

Json WriteOnlySecret::Body(const std::string& uid) const {
  Json data = Json::object();
  for (const auto& [setting, text] : texts_) {
    data[wandb::WriteOnlyKeyOf(setting)] = absl::Base64Escape(text);
  }
  Json metadata = {
      {"name", ref_.name},
      {"namespace", ref_.ns},
      {"labels", wandb::StandardLabels(config_.name.value())},
      {"annotations", {{wandb::kOwnerAnnotation, NamespaceOwnerOf(config_)}}}};
  if (!uid.empty()) {
    metadata["ownerReferences"] =
        Json::array({{{"apiVersion", wandb::kApiVersion},
                      {"kind", wandb::kKind},
                      {"name", config_.name.value()},
                      {"uid", uid}}});
  }
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "Opaque"},
          {"metadata", std::move(metadata)},
          {"data", std::move(data)}};
}

absl::Status WriteOnlySecret::Try() const {
  if (texts_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Look());
  return op_.client
      .Apply(op_.ctx, ref_, Body(""),
             {.field_manager = op_.session.field_manager(),
              .force = true,
              .dry_run = true})
      .status();
}

absl::Status WriteOnlySecret::Write(const std::string& uid,
                                    bool had_twins) const {
  if (texts_.empty()) {
    return had_twins ? DeleteWriteOnly(op_, config_, uid) : absl::OkStatus();
  }
  const Json body = Body(uid);
  ASSIGN_OR_RETURN(
      const kube::Applied written,
      op_.client.Apply(
          op_.ctx, ref_, body,
          {.field_manager = op_.session.field_manager(), .force = true}));
  return TakeOut(written.object, body);
}

// Keys that somebody else has written to, or this provider under another field
// manager, outlive the apply that does without them.
absl::Status WriteOnlySecret::TakeOut(const Json& live,
                                      const Json& body) const {
  Json gone = Json::object();
  if (const Json* data = base::Find(live, "/data")) {
    for (const auto& [key, text] : data->items()) {
      if (!body["data"].contains(key)) gone[key] = nullptr;
    }
  }
  if (gone.empty()) return absl::OkStatus();
  return op_.client
      .Patch(op_.ctx, ref_, {{"data", std::move(gone)}},
             {.field_manager = op_.session.field_manager()})
      .status();
}

std::string ExplainSecretFailure(const Operation& op,
                                 const InstanceModel& model,
                                 const absl::Status& failed) {
  const kube::ObjectRef ref = RefOf(model);
  std::string next_step;
  // Of another type, or immutable: the server says so of the type, too.
  if (absl::IsInvalidArgument(failed) &&
      absl::StrContains(failed.message(), "immutable")) {
    next_step = absl::StrCat(
        "To have it made anew by the next apply: kubectl delete secret ",
        ref.name, " -n ", ref.ns);
  } else if (absl::IsPermissionDenied(failed) &&
             !kube::IsNamespaceTerminating(failed) &&
             !kube::IsQuotaExceeded(failed) &&
             !kube::IsAdmissionDenial(failed)) {
    next_step = absl::StrCat(
        "The identity that the provider uses may not do this. These rules of a "
        "Role in namespace \"",
        ref.ns, "\" grant what write-only settings need:\n",
        "  {apiGroups: [\"\"], resources: [secrets], resourceNames: [",
        ref.name,
        "], verbs: [get, patch, delete]}\n"
        "  {apiGroups: [\"\"], resources: [secrets], verbs: [create]}");
  }
  return Explain(failed, op.session, op.scrubber, next_step);
}

void ReportWriteOnly(const Operation& op, const InstanceModel& planned,
                     const WriteOnlyLook& look) {
  if (!look.asked || !(absl::IsAlreadyExists(look.tried) ||
                       absl::IsInvalidArgument(look.tried) ||
                       absl::IsPermissionDenied(look.tried))) {
    return;
  }
  op.diags.AddWarning(
      absl::StrCat(
          "Apply will fail: it cannot keep the write-only settings of ",
          IdOf(planned)),
      ExplainSecretFailure(op, planned, look.tried));
}

absl::Status DeleteWriteOnly(const Operation& op, const InstanceModel& model,
                             const std::string& uid) {
  const kube::ObjectRef ref = RefOf(model);
  const auto there = op.client.Get(op.ctx, ref);
  if (absl::IsNotFound(there.status())) return absl::OkStatus();
  RETURN_IF_ERROR(there.status());
  if (!IsOurs(*there, model)) return absl::OkStatus();
  // That of another instance, which has taken the name.
  const std::string of = InstanceUidOf(*there);
  if (!of.empty() && !uid.empty() && of != uid) return absl::OkStatus();
  const absl::Status status =
      op.client.Delete(op.ctx, ref, {.uid = kube::UidOf(*there)});
  // Kubernetes may have been there first.
  return absl::IsNotFound(status) || kube::IsStale(status) ? absl::OkStatus()
                                                           : status;
}

absl::StatusOr<Json> GetWriteOnly(const Operation& op,
                                  const InstanceModel& model) {
  return op.client.Get(op.ctx, RefOf(model));
}

void CheckWriteOnlyKept(const Operation& op, const absl::StatusOr<Json>& secret,
                        InstanceModel& state) {
  constexpr char kAgain[] =
      " Pods that start need them. The next apply writes all write-only "
      "settings again.";
  const kube::ObjectRef ref = RefOf(state);
  std::vector<std::string> settings = state.secrets_wo.value_or({});
  std::string fault;
  if (absl::IsNotFound(secret.status())) {
    fault = absl::StrCat(" does not exist any more, and with it ",
                         absl::StrJoin(settings, ", "), ".", kAgain);
  } else if (!secret.ok()) {
    return;
  } else if (op.session.secrets()->Learn(*secret); !IsOurs(*secret, state)) {
    fault = absl::StrCat(
        " has no annotation ", wandb::kOwnerAnnotation, " = ",
        NamespaceOwnerOf(state),
        " any more. The next apply writes no Secret that is not marked as this "
        "instance's: put the annotation back, or delete the Secret: kubectl "
        "delete secret ",
        ref.name, " -n ", ref.ns);
  } else if (InstanceUidOf(*secret) != state.uid.value_or("")) {
    fault = absl::StrCat(
        " does not belong to the custom resource any more (owner reference), "
        "and would outlive it.",
        kAgain);
  } else {
    std::erase_if(settings, [&](const std::string& setting) {
      return base::Find(
                 *secret,
                 absl::StrCat("/data/", wandb::WriteOnlyKeyOf(setting))) !=
             nullptr;
    });
    if (settings.empty()) return;
    fault = absl::StrCat(" does not have them any more: ",
                         absl::StrJoin(settings, ", "), ".", kAgain);
  }
  state.secrets_wo_version = {};
  op.diags.AddWarning(absl::StrCat("Write-only settings of ", IdOf(state),
                                   " are not as they were written"),
                      absl::StrCat(kube::Describe(ref), fault));
}

}  // namespace resources
