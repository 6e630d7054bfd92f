#include "wandb/operator/manifests.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "wandb/operator/rbac.h"

namespace wandb {
namespace {

using base::Json;

// The selector can't be changed later, so it stays the chart's, though it fits
// other operators too.
Json PodLabels() { return {{"control-plane", "controller-manager"}}; }

bool UsesCa(const OperatorSettings& settings) {
  return !settings.custom_ca_certs.empty() ||
         !settings.ca_certs_config_map.empty();
}

Json Metadata(const OperatorSettings& settings, const std::string& name) {
  return {{"name", name}, {"namespace", settings.ns}};
}

Json Namespace(const OperatorSettings& settings) {
  // The server gives it this label anyhow; with it said here the server
  // remembers who made the namespace.
  StringMap labels = settings.namespace_labels;
  labels["kubernetes.io/metadata.name"] = settings.ns;
  Json metadata = {{"name", settings.ns}, {"labels", labels}};
  if (!settings.namespace_annotations.empty()) {
    metadata.emplace("annotations", settings.namespace_annotations);
  }
  return {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", metadata}};
}

Json ServiceAccount(const OperatorSettings& settings) {
  return {
      {"apiVersion", "v1"},
      {"kind", "ServiceAccount"},
      {"metadata", Metadata(settings, OperatorServiceAccountName(settings))},
      // The default, said aloud: server-side apply remembers who made an object
      // only if it has a field.
      {"automountServiceAccountToken", true}};
}

StringMap CaFiles(const OperatorSettings& settings) {
  StringMap files;
  for (size_t i = 0; i < settings.custom_ca_certs.size(); ++i) {
    absl::string_view pem = settings.custom_ca_certs[i];
    while (!pem.empty() && pem.back() == '\n') pem.remove_suffix(1);
    files.emplace(absl::StrCat("customCA", i, ".crt"), std::string(pem));
  }
  return files;
}

// FNV-1a: it tells one list from another, and need not keep anything secret.
std::string Hash(const StringMap& files) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](absl::string_view text) {
    for (char c : text) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  };
  for (const auto& [name, content] : files) {
    add(absl::StrCat(name, ":", content.size(), ":"));
    add(content);
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

Json ConfigMap(const OperatorSettings& settings, const std::string& name,
               const StringMap& data) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", Metadata(settings, name)},
          {"data", data}};
}

Json EnvVar(const std::string& name, const std::string& value) {
  return {{"name", name}, {"value", value}};
}

Json Env(const OperatorSettings& settings) {
  Json env = settings.extra_env;
  for (const auto& [name, value] : settings.operator_env) {
    env.push_back(EnvVar(name, value));
  }
  env.push_back(EnvVar("WANDB_MANAGER_SERVICE_ACCOUNT",
                       OperatorServiceAccountName(settings)));
  env.push_back(EnvVar("OPERATOR_NAMESPACE", settings.ns));
  const Json account = {
      {"fieldRef", {{"fieldPath", "spec.serviceAccountName"}}}};
  env.push_back({{"name", "SERVICE_ACCOUNT_NAME"}, {"valueFrom", account}});
  env.push_back(EnvVar("AIRGAPPED", settings.airgapped ? "true" : "false"));
  if (UsesCa(settings)) env.push_back(EnvVar("SSL_CERT_DIR", "/certs/"));
  // The chart has no value for these; without them nothing is added.
  if (settings.debug) env.push_back(EnvVar("DEBUG", "true"));
  if (!settings.release_channel_url.empty()) {
    env.push_back(EnvVar("DEPLOYER_CHANNEL_URL", settings.release_channel_url));
  }
  if (settings.managed_spec_enabled) {
    env.push_back(EnvVar("MANAGED_SPEC_ENABLED", "true"));
  }
  return env;
}

Json Arguments(const OperatorSettings& settings) {
  Json arguments = Json::array({"--leader-elect", "--zap-devel=false"});
  if (settings.namespace_isolation) {
    std::vector<std::string> namespaces = settings.additional_namespaces;
    namespaces.push_back(settings.ns);
    arguments.push_back(absl::StrCat("--isolation-namespaces=",
                                     absl::StrJoin(namespaces, ",")));
  }
  return arguments;
}

Json Probe(const char* path, int delay_seconds, int period_seconds) {
  return {{"httpGet", {{"path", path}, {"port", 8081}}},
          {"initialDelaySeconds", delay_seconds},
          {"periodSeconds", period_seconds}};
}

Json Mount(const std::string& name, const char* path) {
  return {{"name", name}, {"mountPath", path}};
}

Json Mounts(const OperatorSettings& settings) {
  Json mounts = Json::array({Mount("helm-cache", "/helm")});
  if (OperatorUsesCharts(settings)) {
    mounts.push_back(Mount(OperatorChartsConfigMapName(settings), "/charts"));
  }
  if (UsesCa(settings)) mounts.push_back(Mount(kOperatorCaVolume, "/certs/"));
  return mounts;
}

// A volume that is always declared; without certificates it has no source.
Json CaVolume(const OperatorSettings& settings) {
  Json sources = Json::array();
  const auto add = [&](const std::string& name) {
    sources.push_back({{"configMap", {{"name", name}}}});
  };
  if (!settings.ca_certs_config_map.empty()) add(settings.ca_certs_config_map);
  if (!settings.custom_ca_certs.empty()) add(OperatorCaConfigMapName(settings));
  Json projected = Json::object();
  if (!sources.empty()) projected.emplace("sources", std::move(sources));
  return {{"name", kOperatorCaVolume}, {"projected", std::move(projected)}};
}

Json Volumes(const OperatorSettings& settings) {
  Json volumes =
      Json::array({Json{{"name", "helm-cache"}, {"emptyDir", Json::object()}}});
  if (OperatorUsesCharts(settings)) {
    const std::string name = OperatorChartsConfigMapName(settings);
    volumes.push_back(
        {{"name", name}, {"configMap", {{"name", name}, {"optional", true}}}});
  }
  volumes.push_back(CaVolume(settings));
  return volumes;
}

// Sets `key` unless there is nothing to set.
void AddUnlessEmpty(const char* key, const Json& value, Json& object) {
  if (!value.empty()) object.emplace(key, value);
}

Json Container(const OperatorSettings& settings) {
  Json container = {
      {"name", "manager"},
      {"command", Json::array({"/manager"})},
      {"args", Arguments(settings)},
      {"image", DeployedImage(settings)},
      {"env", Env(settings)},
      {"livenessProbe", Probe("/healthz", 15, 20)},
      {"readinessProbe", Probe("/readyz", 5, 10)},
      {"volumeMounts", Mounts(settings)},
  };
  if (!settings.image.pull_policy.empty()) {
    container.emplace("imagePullPolicy", settings.image.pull_policy);
  }
  AddUnlessEmpty("resources", settings.resources, container);
  AddUnlessEmpty("securityContext", settings.security_context, container);
  return container;
}

Json PodSpec(const OperatorSettings& settings) {
  Json spec = {
      {"securityContext", settings.pod_security_context.empty()
                              ? DefaultPodSecurityContext()
                              : settings.pod_security_context},
      {"containers", Json::array({Container(settings)})},
      {"volumes", Volumes(settings)},
      {"serviceAccountName", OperatorServiceAccountName(settings)},
      {"terminationGracePeriodSeconds", 10},
  };
  Json pull_secrets = Json::array();
  for (const std::string& name : settings.image.pull_secrets) {
    pull_secrets.push_back({{"name", name}});
  }
  AddUnlessEmpty("imagePullSecrets", pull_secrets, spec);
  AddUnlessEmpty("nodeSelector", settings.node_selector, spec);
  AddUnlessEmpty("affinity", settings.affinity, spec);
  AddUnlessEmpty("tolerations", settings.tolerations, spec);
  return spec;
}

Json Deployment(const OperatorSettings& settings) {
  StringMap annotations = settings.pod_annotations;
  if (!settings.custom_ca_certs.empty()) {
    annotations[kCaCertsHashAnnotation] = Hash(CaFiles(settings));
  }
  Json pod_metadata = {{"labels", PodLabels()}};
  AddUnlessEmpty("annotations", annotations, pod_metadata);
  Json metadata = Metadata(settings, OperatorDeploymentName(settings));
  metadata.emplace("labels", PodLabels());
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", std::move(metadata)},
          {"spec",
           {{"replicas", 1},
            {"selector", {{"matchLabels", PodLabels()}}},
            {"template",
             {{"metadata", std::move(pod_metadata)},
              {"spec", PodSpec(settings)}}}}}};
}

void SetOwner(const std::string& owner, Json& object) {
  object["metadata"]["annotations"][kOwnerAnnotation] = owner;
}

}  // namespace

Json DefaultOperatorResources() {
  return {{"limits", {{"cpu", "1000m"}, {"memory", "2Gi"}}},
          {"requests", {{"cpu", "400m"}, {"memory", "512Mi"}}}};
}

Json DefaultPodSecurityContext() {
  return {{"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

std::string OperatorOwner(const OperatorSettings& settings) {
  return absl::StrCat(settings.ns, "/", settings.name);
}

absl::StatusOr<std::vector<Json>> OperatorManifests(
    const OperatorSettings& settings) {
  RETURN_IF_ERROR(CheckOperatorSettings(settings));
  std::vector<Json> objects;
  if (settings.create_namespace) objects.push_back(Namespace(settings));
  if (settings.manage_crd) objects.push_back(OperatorCrd());
  if (settings.create_service_account) {
    objects.push_back(ServiceAccount(settings));
  }
  if (!settings.custom_ca_certs.empty()) {
    objects.push_back(ConfigMap(settings, OperatorCaConfigMapName(settings),
                                CaFiles(settings)));
  }
  if (!settings.charts.empty()) {
    objects.push_back(ConfigMap(settings, OperatorChartsConfigMapName(settings),
                                settings.charts));
  }
  for (Json& object : OperatorRbac(settings)) {
    objects.push_back(std::move(object));
  }
  objects.push_back(Deployment(settings));
  const std::string owner = OperatorOwner(settings);
  for (Json& object : objects) SetOwner(owner, object);
  return objects;
}

}  // namespace wandb
