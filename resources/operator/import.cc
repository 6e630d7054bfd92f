#include "resources/operator/import.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "kube/managed_fields.h"
#include "kube/object_ref.h"
#include "resources/connection/look_context.h"
#include "resources/helm_release.h"
#include "resources/owner.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/role_rules.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

// Certificates of the ConfigMap that custom_ca_certs made, and the name of
// another. Ours is known by its name, that of a tool by its keys.
void ReadCertificates(const Operation& op, const base::Json& deployment,
                      wandb::OperatorSettings& settings) {
  const std::string own = wandb::OperatorCaConfigMapName(settings);
  const bool by_us = !OwnerOf(deployment).empty();
  settings.custom_ca_certs.clear();
  settings.ca_certs_config_map.clear();
  for (const std::string& name : wandb::CaConfigMaps(deployment)) {
    if (!by_us || name == own) {
      const auto live =
          op.client.Get(op.ctx, kube::ConfigMapRef(settings.ns, name));
      auto certs = live.ok() ? wandb::CustomCaCertsOf(*live)
                             : std::vector<std::string>();
      if (!certs.empty() && settings.custom_ca_certs.empty()) {
        settings.custom_ca_certs = std::move(certs);
        continue;
      }
    }
    if (name != own) settings.ca_certs_config_map = name;
  }
}

wandb::StringMap TextsAt(const base::Json& object, const char* pointer) {
  wandb::StringMap texts;
  const base::Json* map = base::Find(object, pointer);
  if (map == nullptr || !map->is_object()) return texts;
  for (const auto& [key, value] : map->items()) {
    if (value.is_string()) texts.emplace(key, value.get<std::string>());
  }
  return texts;
}

// The charts that this operator has made a ConfigMap of: one that somebody else
// made is used as it is.
void ReadCharts(const Operation& op, wandb::OperatorSettings& settings) {
  const auto live = op.client.Get(
      op.ctx, kube::ConfigMapRef(settings.ns,
                                 wandb::OperatorChartsConfigMapName(settings)));
  if (live.ok() && OwnerOf(*live) == wandb::OperatorOwner(settings)) {
    settings.charts = TextsAt(*live, "/data");
  }
}

// What this provider has applied to the namespace that it made.
void ReadNamespace(const Operation& op, wandb::OperatorSettings& settings) {
  const auto live = op.client.Get(op.ctx, kube::NamespaceRef(settings.ns));
  if (!live.ok() || OwnerOf(*live) != wandb::OperatorOwner(settings)) return;
  const std::string manager = op.session.field_manager();
  const base::Json own =
      kube::PartOwnedBy(*live, [&manager](const kube::ManagerEntry& entry) {
        return entry.manager == manager && entry.operation == "Apply";
      });
  settings.namespace_labels = TextsAt(own, "/metadata/labels");
  settings.namespace_labels.erase("kubernetes.io/metadata.name");
  settings.namespace_annotations = TextsAt(own, "/metadata/annotations");
  settings.namespace_annotations.erase(wandb::kOwnerAnnotation);
}

// Whether what made the Deployment made its account, too.
void ReadAccount(const Operation& op, const base::Json& deployment,
                 wandb::OperatorSettings& settings) {
  if (settings.service_account_name.empty()) return;
  const auto live =
      op.client.Get(op.ctx, {"", "v1", "serviceaccounts", settings.ns,
                             settings.service_account_name});
  if (!live.ok()) return;
  const auto helm = HelmReleaseOf(*live);
  const auto its = HelmReleaseOf(deployment);
  settings.create_service_account =
      OwnerOf(*live) == wandb::OperatorOwner(settings) ||
      (helm.has_value() && its.has_value() && helm->ns == its->ns &&
       helm->name == its->name);
}

// What its rights have beside those of the chart, and without.
void ReadRules(const Operation& op, wandb::OperatorSettings& settings) {
  const std::string name = absl::StrCat(settings.name, "-manager-role");
  const auto live = op.client.Get(
      op.ctx, settings.namespace_isolation
                  ? kube::ObjectRef{"rbac.authorization.k8s.io", "v1", "roles",
                                    settings.ns, name}
                  : kube::ObjectRef{"rbac.authorization.k8s.io", "v1",
                                    "clusterroles", "", name});
  if (live.ok()) wandb::ReadRoleRules(*live, settings);
}

// What no configuration may have would make every plan fail.
void LeaveOutInvalid(wandb::OperatorSettings& settings,
                     tf::Diagnostics& diags) {
  std::vector<std::string> lines;
  absl::Status status = wandb::CheckOperatorSettings(settings);
  while (!status.ok()) {
    const std::string message(status.message());
    // Of the names, which the import id gives, every plan says it.
    if (!LeaveOut(message.substr(0, message.find(": ")), settings)) break;
    lines.push_back(absl::StrCat("  ", message));
    status = wandb::CheckOperatorSettings(settings);
  }
  if (lines.empty()) return;
  diags.AddWarning(
      absl::StrCat("Import leaves out settings of operator ", settings.ns, "/",
                   settings.name),
      absl::StrCat("Its Deployment has them, and no configuration may:\n",
                   absl::StrJoin(lines, "\n"),
                   "\n\nThe state has the default in the place of each, and "
                   "the other settings as they are. Write into the "
                   "configuration what shall be there before you apply."));
}

// Whether the release `id` made `deployment`.
bool IsOfRelease(const base::Json& deployment, const NamespacedName& id) {
  if (const auto release = HelmReleaseOf(deployment)) {
    return release->name == id.name &&
           (release->ns.empty() || release->ns == id.ns);
  }
  return base::StringAt(deployment,
                        "/metadata/labels/app.kubernetes.io~1managed-by") ==
             "Helm" &&
         base::StringAt(deployment,
                        "/metadata/labels/app.kubernetes.io~1instance") ==
             id.name;
}

// The names of the operators' Deployments that the release `id` has made.
std::vector<std::string> DeploymentsOfRelease(const base::Context& ctx,
                                              kube::Client& client,
                                              const NamespacedName& id) {
  std::vector<std::string> names;
  const auto list = client.List(
      ctx, kube::CollectionOf(kube::DeploymentRef(id.ns, "")),
      {.label_selector = wandb::kOperatorSelector,
       .keep = [&id](base::Json& each) {
         return wandb::IsOperatorDeployment(each) && IsOfRelease(each, id);
       }});
  if (!list.ok()) return names;
  for (const base::Json& each : list->items) {
    names.push_back(kube::NameOf(each));
  }
  return names;
}

}  // namespace

NamespacedName ImportedOperator(const base::Context& parent,
                                const Session& session,
                                const NamespacedName& id,
                                tf::Diagnostics& diags) {
  if (session.ConfigUnknown()) return id;
  const auto client = session.Kube();
  if (!client.ok()) return id;
  const base::Context look = LookContext(parent);
  const std::string suffix =
      wandb::OperatorDeploymentName(wandb::OperatorSettings{.name = ""});
  const auto live = (*client)->Get(
      look, kube::DeploymentRef(id.ns, absl::StrCat(id.name, suffix)));
  if (!absl::IsNotFound(live.status())) return id;
  const std::vector<std::string> names =
      DeploymentsOfRelease(look, **client, id);
  if (names.size() != 1) return id;
  absl::string_view name = names[0];
  if (!absl::ConsumeSuffix(&name, suffix) || name.empty()) return id;
  const NamespacedName found = {id.ns, std::string(name)};
  diags.AddWarning(
      absl::StrCat("Helm release \"", ToString(id),
                   "\" is imported as operator ", ToString(found)),
      absl::StrCat("That is what its objects are called, as Deployment \"",
                   id.ns, "/", names[0], "\". The configuration has to have ",
                   "namespace = \"", found.ns, "\" and name = \"", found.name,
                   "\", or it asks for another operator."));
  return found;
}

void FillImported(const Operation& op, OperatorModel& state) {
  wandb::OperatorSettings& settings = state.arguments.values;
  const auto live = op.client.Get(
      op.ctx, kube::DeploymentRef(settings.ns,
                                  wandb::OperatorDeploymentName(settings)));
  if (!live.ok() || !wandb::IsOperatorDeployment(*live)) return;
  wandb::ReadOperatorSettings(*live, settings);
  ReadCertificates(op, *live, settings);
  ReadCharts(op, settings);
  ReadNamespace(op, settings);
  ReadAccount(op, *live, settings);
  ReadRules(op, settings);
  LeaveOutInvalid(settings, op.diags);
}

}  // namespace resources
