#include "resources/instance/import.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/percent.h"
#include "base/redact.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/connection/connect.h"
#include "resources/connection/look_context.h"
#include "resources/helm_release.h"
#include "resources/instance/others.h"
#include "resources/instance/private_data.h"
#include "resources/namespaced_name.h"
#include "resources/report.h"
#include "resources/settings/schema.h"
#include "wandb/chart/chart.h"
#include "wandb/chart/mask.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/settings/take.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;

bool HoldsSecret(const Json& tree, const wandb::Path& at,
                 const wandb::Mask& mask) {
  bool found = false;
  wandb::ForEachLeaf(tree, [&](const wandb::Path& below, const std::string&,
                               const Json& leaf) {
    if (found) return;
    wandb::Path path = at;
    path.insert(path.end(), below.begin(), below.end());
    found = mask.IsSecret(path, leaf, {&tree, at.size()});
  });
  return found;
}

// Moves the secret leaves of the map `values`, which is at `path`, into the
// result; null when there are none. Maps that have nothing left go, too.
Json TakeSecrets(Json& values, wandb::Path& path, const wandb::Mask& mask) {
  Json secrets;
  for (auto it = values.begin(); it != values.end();) {
    path.push_back(wandb::Step::Key(it.key()));
    bool moved = false;
    if (it->is_object() && !it->empty()) {
      Json below = TakeSecrets(*it, path, mask);
      moved = it->empty();
      if (!below.is_null()) secrets[it.key()] = std::move(below);
    } else if (HoldsSecret(*it, path, mask)) {
      secrets[it.key()] = std::move(*it);
      moved = true;
    }
    path.pop_back();
    it = moved ? values.erase(it) : std::next(it);
  }
  return secrets;
}

void Fill(const Json& tree, cty::Value& attribute, tf::Diagnostics& diags) {
  auto any = cty::FromJson(tree);
  if (any.ok()) {
    attribute = *std::move(any);
  } else {
    diags.AddError("Cannot import the values", any.status().message());
  }
}

void FillValues(Json values, InstanceModel& state, tf::Diagnostics& diags) {
  if (values.is_null()) return;
  if (!values.is_object() || values.empty()) {
    return Fill(values, state.values, diags);
  }
  const wandb::Mask mask;
  auto settings = SettingsFromTree(wandb::TakeSettings(
      values, base::StringAt(ChartTree(state.chart), "/version").value_or(""),
      [&](const wandb::SettingRow& row, const wandb::Path& path,
          const Json& value) {
        // A secret may only be where core hides it: it logs what a refresh
        // adds, and hides what is sensitive at the root.
        const bool at_root = !absl::StrContains(row.attribute, '.');
        return IsSensitive(row) ? at_root : !HoldsSecret(value, path, mask);
      }));
  if (!settings.ok()) {
    diags.AddError("Cannot import the settings", settings.status().message());
    return;
  }
  state.settings = *std::move(settings);
  wandb::Path root;
  const Json secrets = TakeSecrets(values, root, mask);
  if (!secrets.is_null()) Fill(secrets, state.sensitive_values, diags);
  if (!values.empty()) Fill(values, state.values, diags);
}

// ---- The chart ----

// User info of a URL, decoded.
struct UserInfo {
  std::string user, password;
};

// Takes the user info out of `url`; nullopt if it has none.
std::optional<UserInfo> TakeUserInfo(std::string& url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return std::nullopt;
  const size_t begin = scheme + 3;
  const size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const size_t at = url.substr(0, end).rfind('@');
  if (at == std::string::npos || at < begin) return std::nullopt;
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(url.substr(begin, at - begin), absl::MaxSplits(':', 1));
  url.erase(begin, at + 1 - begin);
  return UserInfo{base::PercentDecoded(parts.first),
                  base::PercentDecoded(parts.second)};
}

void WarnOfChart(const InstanceModel& state, absl::string_view detail,
                 tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("The chart of ", IdOf(state), " has credentials in it"),
      detail);
}

// Takes the credentials out of the URL, which would be written into a generated
// configuration. Helm sends those of a repository's URL as it sends user and
// password; only there they can go into these.
void ImportUrl(const Json& live, const InstanceModel& state, ChartModel& chart,
               tf::Diagnostics& diags) {
  std::string url = chart.url.value_or("");
  if (!base::HasCredentials(url)) return;
  const auto info = TakeUserInfo(url);
  if (!info.has_value() || base::HasCredentials(url)) {
    chart.url = {};
    WarnOfChart(state,
                "chart.url holds a credential that has no argument of its own, "
                "so the argument was not imported. Write chart.url yourself, "
                "from a variable that is sensitive.",
                diags);
    return;
  }
  chart.url = url;
  const auto parsed = wandb::ParseChart(live);
  const bool is_repository =
      parsed.has_value() && parsed->kind == wandb::ChartKind::kRepo;
  const bool has_others = !chart.username.IsNull() ||
                          !chart.password.IsNull() ||
                          !chart.credential_secret.IsNull();
  if (is_repository && !has_others && !info->user.empty() &&
      !info->password.empty()) {
    chart.username = info->user;
    chart.password = info->password;
    WarnOfChart(state,
                "The user info of chart.url was imported as chart.username and "
                "chart.password, which the operator uses alike; chart.url is "
                "imported without it. The next apply writes it so: give "
                "chart.password in the configuration (a generated one leaves "
                "it null), or the chart can no longer be fetched. Better, put "
                "both into a Secret and name that in chart.credential_secret.",
                diags);
    return;
  }
  WarnOfChart(state,
              absl::StrCat(
                  "chart.url is imported without its user info, ",
                  has_others ? "beside which the chart has other credentials. "
                             : "which chart.username and chart.password cannot "
                               "stand for. ",
                  "The next apply writes it so: if the chart's source needs "
                  "credentials, give chart.username and chart.password, or "
                  "chart.credential_secret, in the configuration."),
              diags);
}

// Whether `live` has other fields than those that `imported` would write: what
// could not be imported as it is.
bool Differs(const Json& live, const Attr<ChartModel>& imported) {
  return ChartTree(ChartFromTree(live)) != ChartTree(imported);
}

// The text that stands for something hidden never becomes an argument.
Attr<ChartModel> ImportedChart(const Json& live, const InstanceModel& state,
                               tf::Diagnostics& diags) {
  Attr<ChartModel> imported = ChartFromTree(live);
  if (!imported.IsKnown()) return imported;
  ChartModel chart = imported.value();
  ImportUrl(live, state, chart, diags);
  const auto check = [&](Attr<std::string>& text, const char* attribute) {
    if (!base::HasCredentials(text.value_or(""))) return true;
    text = {};
    WarnOfChart(state,
                absl::StrCat(attribute,
                             " looks like it holds a credential, so it was not "
                             "imported. Write it yourself, from a variable "
                             "that is sensitive."),
                diags);
    return false;
  };
  check(chart.name, "chart.name");
  check(chart.version, "chart.version");
  check(chart.path, "chart.path");
  check(chart.repo_name, "chart.repo_name");
  if (chart.credential_secret.IsKnown()) {
    CredentialSecretModel secret = chart.credential_secret.value();
    if (!check(secret.name, "chart.credential_secret.name") ||
        !check(secret.username_key, "chart.credential_secret.username_key") ||
        !check(secret.password_key, "chart.credential_secret.password_key")) {
      chart.credential_secret = {};
    }
  }
  return chart;
}

void FillLabels(const Json& live, InstanceModel& state) {
  const Json* labels = base::Find(live, "/metadata/labels");
  if (labels == nullptr) return;
  const Json standard = wandb::MakeCustomResource(
      {.name = state.name.value(), .ns = state.ns.value()});
  InstanceModel::StringMap own;
  for (const auto& [key, value] : labels->items()) {
    const bool ours =
        standard["metadata"]["labels"].value(key, Json()) == value;
    if (!ours && value.is_string()) own[key] = value.get<std::string>();
  }
  if (!own.empty()) state.labels = own;
}

}  // namespace

void ImportInstance(const base::Context& parent, const Session& session,
                    tf::ImportCall<InstanceModel>& call) {
  const auto wanted =
      ImportedName(call.id, call.identity, "default/wandb", call.diags);
  if (!wanted.has_value()) return;
  call.state.ns = wanted->ns;
  call.state.name = wanted->name;
  call.state.id = ToString(*wanted);
  InstanceNotes notes;
  notes.importing = true;
  notes.imported = true;
  notes.To(call.private_data);
  const auto client = ClientOrReport(session, call.diags);
  if (client == nullptr) return;
  const kube::ObjectRef ref = CustomResourceRef(call.state);
  const auto live = client->Get(ReadContext(parent), ref);
  const absl::Status& status = live.status();
  if (!status.ok() && !absl::IsNotFound(status) &&
      !kube::IsNamespaceMissing(status) && !kube::IsKindNotServed(status)) {
    return ReportStatus(absl::StrCat("Cannot read ", kube::Describe(ref)),
                        OfFixedTime(status), session, wandb::Scrubber(),
                        call.diags);
  }
  // Operator v2 may have given up serving this version of the kind.
  const bool no_kind =
      kube::IsKindNotServed(status) &&
      absl::IsNotFound(
          client->Get(ReadContext(parent), kube::CrdRef(wandb::kCrdName))
              .status());
  if (absl::IsNotFound(status) || kube::IsNamespaceMissing(status) || no_kind) {
    return call.diags.AddError(
        absl::StrCat("There is no instance ", IdOf(call.state), " to import"),
        Explain(status, session, wandb::Scrubber(),
                "The import id is namespace/name of the custom resource; "
                "\"kubectl get weightsandbiases --all-namespaces\" lists those "
                "of the cluster. Correct the id, or the cluster or context of "
                "the provider block. To create an instance, take the import "
                "away."));
  }
  // The refresh that core makes next says what else is wrong.
  if (!live.ok() || !CheckLive(*live).ok()) return;
  FillImported(*live, call.state, call.diags);
  auto release = HelmReleaseOf(*live);
  if (!release.has_value()) return;
  if (release->ns.empty()) release->ns = wanted->ns;
  if (IsForgotten(ReadContext(parent), *client, *release)) return;
  WarnOfHelm(*release, kube::Describe(ref), "the instance", call.diags);
}

bool FillImported(const Json& live, InstanceModel& state,
                  tf::Diagnostics& diags) {
  bool whole = true;
  if (const Json* chart = base::Find(live, "/spec/chart")) {
    state.chart = ImportedChart(*chart, state, diags);
    whole = !Differs(*chart, state.chart);
  }
  if (const Json* values = base::Find(live, "/spec/values")) {
    FillValues(*values, state, diags);
  }
  FillLabels(live, state);
  return whole;
}

}  // namespace resources
