#include "resources/instance/import.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/redact.h"
#include "kube/object_ref.h"
#include "provider/tf/validators.h"
#include "resources/instance/body.h"
#include "wandb/chart.h"
#include "wandb/custom_resource.h"
#include "wandb/leaf_map.h"
#include "wandb/mask.h"

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
    found = mask.IsSecret(path, leaf);
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

bool Accepts(const tf::Validator& validator, const std::string& text) {
  tf::Diagnostics diags;
  validator(cty::Value::String(text), cty::Path("host"), diags);
  return !diags.HasError();
}

// Takes the string at `global.<key>` out of `values`, if there is one and
// `fits` says that the typed attribute takes it.
template <typename Fits>
Attr<std::string> TakeGlobal(Json& values, const char* key, Fits fits) {
  const auto global = values.find("global");
  if (global == values.end() || !global->is_object()) return {};
  const auto it = global->find(key);
  if (it == global->end() || !it->is_string()) return {};
  std::string text = it->get<std::string>();
  if (text.empty() || !fits(text)) return {};
  global->erase(it);
  if (global->empty()) values.erase(global);
  return Attr<std::string>(std::move(text));
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
  state.host = TakeGlobal(values, "host", [](const std::string& text) {
    return Accepts(tf::HttpUrl(), text) && !base::HasCredentials(text);
  });
  state.license =
      TakeGlobal(values, "license", [](const std::string&) { return true; });
  wandb::Path root;
  const Json secrets = TakeSecrets(values, root, wandb::Mask());
  if (!secrets.is_null()) Fill(secrets, state.sensitive_values, diags);
  if (!values.empty()) Fill(values, state.values, diags);
}

// Credentials in the URL would be written into a generated configuration; user
// and password have attributes for them.
Attr<ChartModel> ImportedChart(const Json& live) {
  Json chart = wandb::ShownChart(live);
  for (const char* key : {"username", "password"}) {
    if (chart.contains(key)) chart[key] = live[key];
  }
  return ChartFromTree(chart);
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

void WarnOfHelm(const Json& live, const InstanceModel& state,
                tf::Diagnostics& diags) {
  const auto release =
      base::StringAt(live, "/metadata/annotations/meta.helm.sh~1release-name");
  if (!release.has_value()) return;
  const std::string ns =
      base::StringAt(live,
                     "/metadata/annotations/meta.helm.sh~1release-namespace")
          .value_or(state.ns.value());
  diags.AddWarning(
      absl::StrCat("Helm release \"", ns, "/", *release, "\" made ",
                   kube::Describe(CustomResourceRef(state))),
      absl::StrCat(
          "\"helm uninstall ", *release,
          "\" would delete the instance, and an upgrade of the release would "
          "write to it. Make Helm forget the release without deleting "
          "anything: delete its Secrets (kubectl delete secret -n ",
          ns, " -l owner=helm,name=", *release,
          "), and if Terraform made the release, take it out of that state "
          "first with removed { lifecycle { destroy = false } }."));
}

}  // namespace

void FillImported(const Json& live, InstanceModel& state,
                  tf::Diagnostics& diags) {
  if (const Json* values = base::Find(live, "/spec/values")) {
    FillValues(*values, state, diags);
  }
  if (const Json* chart = base::Find(live, "/spec/chart")) {
    state.chart = ImportedChart(*chart);
  }
  FillLabels(live, state);
  WarnOfHelm(live, state, diags);
}

}  // namespace resources
