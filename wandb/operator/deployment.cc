#include "wandb/operator/deployment.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "wandb/operator/pod_settings.h"
#include "wandb/quantity.h"
#include "wandb/shapes.h"

namespace wandb {
namespace {

using base::Json;

constexpr char kContainer[] = "manager";

std::string Text(const Json& json, const char* pointer) {
  return base::StringAt(json, pointer).value_or("");
}

StringMap TextsAt(const Json& json, const char* pointer) {
  StringMap texts;
  const Json* map = base::Find(json, pointer);
  if (map == nullptr || !map->is_object()) return texts;
  for (const auto& [key, value] : map->items()) {
    if (value.is_string()) texts.emplace(key, value.get<std::string>());
  }
  return texts;
}

// The manager's container, or the only one.
Json Container(const Json& deployment) {
  const Json& containers =
      base::ListAt(deployment, "/spec/template/spec/containers");
  for (const Json& container : containers) {
    if (Text(container, "/name") == kContainer) return container;
  }
  return containers.size() == 1 ? containers[0] : Json();
}

struct Setting {
  bool known = true;  // False: its value is elsewhere in the cluster.
  std::optional<std::string> text;
};

std::vector<std::string> ArgumentsOf(const Json& container) {
  std::vector<std::string> all;
  for (const char* list : {"/command", "/args"}) {
    for (const Json& each : base::ListAt(container, list)) {
      if (each.is_string()) all.push_back(each.get<std::string>());
    }
  }
  return all;
}

// Flags have one dash or two, and their value behind a "=" or, unless they are
// switches, in the next argument.
std::optional<std::string> FlagOf(const Json& container,
                                  const std::string& flag, bool is_switch) {
  const std::vector<std::string> arguments = ArgumentsOf(container);
  std::optional<std::string> value;  // The last one wins.
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view rest = arguments[i];
    if (!absl::ConsumePrefix(&rest, "-")) continue;
    absl::ConsumePrefix(&rest, "-");
    if (!absl::ConsumePrefix(&rest, flag)) continue;
    if (absl::ConsumePrefix(&rest, "=")) {
      value = std::string(rest);
    } else if (rest.empty() && is_switch) {
      value = "true";
    } else if (rest.empty() && i + 1 < arguments.size()) {
      value = arguments[i + 1];
    }
  }
  return value;
}

Setting VariableOf(const Json& container, const std::string& name) {
  Setting setting;
  setting.known = base::ListAt(container, "/envFrom").empty();
  for (const Json& variable : base::ListAt(container, "/env")) {
    if (Text(variable, "/name") != name) continue;
    setting.known = base::Find(variable, "/valueFrom") == nullptr;
    setting.text = Text(variable, "/value");
  }
  return setting;
}

Setting SettingOf(const Json& container, const std::string& flag,
                  bool is_switch) {
  if (auto value = FlagOf(container, flag, is_switch)) return {true, value};
  return VariableOf(container, absl::AsciiStrToUpper(
                                   absl::StrReplaceAll(flag, {{"-", "_"}})));
}

// As Go's strconv.ParseBool.
bool IsTrue(absl::string_view text) {
  return text == "1" || text == "t" || text == "T" || text == "true" ||
         text == "TRUE" || text == "True";
}

bool HasVariable(const Json& container, absl::string_view name) {
  const Json& variables = base::ListAt(container, "/env");
  return std::any_of(
      variables.begin(), variables.end(),
      [name](const Json& variable) { return Text(variable, "/name") == name; });
}

// What `kubectl rollout restart` writes; it says nothing of what is wanted.
constexpr char kRestarted[] = "kubectl.kubernetes.io/restartedAt";

Json PartAt(const Json& json, const char* pointer, Shape shape) {
  const Json* found = base::Find(json, pointer);
  if (found == nullptr || found->empty()) return nullptr;
  return KnownPart(FieldsOf(shape), *found);
}

// With the spelling of the defaults where the amount is theirs: the server
// writes 1000m as 1.
Json ResourcesOf(const Json& container) {
  Json resources = PartAt(container, "/resources", Shape::kResources);
  if (resources.is_null()) return Json::object();
  const Json defaults = DefaultOperatorResources();
  for (auto& [part, quantities] : resources.items()) {
    const auto known = defaults.find(part);
    if (known == defaults.end() || !quantities.is_object()) continue;
    for (auto& [name, value] : quantities.items()) {
      const auto text = known->find(name);
      if (text != known->end() && value.is_string() &&
          QuantityAmount(value.get<std::string>()) ==
              QuantityAmount(text->get<std::string>())) {
        value = *text;
      }
    }
  }
  return resources;
}

// The variables that no other setting makes; of two of a name the last, which
// is the one that counts.
std::vector<Json> ExtraVariables(const Json& deployment, const Json& container,
                                 OperatorSettings settings) {
  if (!CaConfigMaps(deployment).empty()) settings.ca_certs_config_map = "-";
  std::vector<Json> variables;
  for (const Json& live : base::ListAt(container, "/env")) {
    const std::string name = Text(live, "/name");
    if (name.empty() || IsReservedVariable(settings, name)) continue;
    Json variable = KnownPart(FieldsOf(Shape::kVariables), live);
    // Of a kind that cannot be said.
    const auto from = variable.find("valueFrom");
    if (from != variable.end() && from->empty()) continue;
    std::erase_if(variables, [&name](const Json& each) {
      return Text(each, "/name") == name;
    });
    variables.push_back(std::move(variable));
  }
  return variables;
}

void ReadAccount(const Json& pod, OperatorSettings& settings) {
  std::string name = Text(pod, "/serviceAccountName");
  if (name.empty()) name = "default";
  settings.service_account_name.clear();
  settings.create_service_account = true;
  if (name == OperatorServiceAccountName(settings)) return;
  settings.create_service_account = false;
  if (name != OperatorServiceAccountName(settings)) {
    settings.service_account_name = std::move(name);
  }
}

void ReadIsolation(const Json& deployment, OperatorSettings& settings) {
  const auto namespaces = ReadOperatorDeployment(deployment).namespaces;
  settings.namespace_isolation = namespaces.has_value() && !namespaces->empty();
  settings.additional_namespaces.clear();
  if (!settings.namespace_isolation) return;
  for (const std::string& ns : *namespaces) {
    if (ns != settings.ns) settings.additional_namespaces.push_back(ns);
  }
}

void ReadPod(const Json& deployment, const Json& container,
             OperatorSettings& settings) {
  const Json* pod = base::Find(deployment, "/spec/template/spec");
  if (pod == nullptr) return;
  settings.node_selector = TextsAt(*pod, "/nodeSelector");
  settings.tolerations = PartAt(*pod, "/tolerations", Shape::kTolerations);
  const Json* affinity = base::Find(*pod, "/affinity");
  settings.affinity =
      affinity == nullptr || affinity->empty() ? Json() : *affinity;
  settings.pod_security_context =
      PartAt(*pod, "/securityContext", Shape::kPodSecurityContext);
  if (settings.pod_security_context == DefaultPodSecurityContext()) {
    settings.pod_security_context = nullptr;
  }
  settings.security_context =
      PartAt(container, "/securityContext", Shape::kSecurityContext);
  settings.resources = ResourcesOf(container);
  settings.pod_annotations =
      TextsAt(deployment, "/spec/template/metadata/annotations");
  settings.pod_annotations.erase(kCaCertsHashAnnotation);
  settings.pod_annotations.erase(kRestarted);
  ReadAccount(*pod, settings);
}

}  // namespace

bool IsOperatorDeployment(const Json& deployment) {
  const Json container = Container(deployment);
  const std::string image = Text(container, "/image");
  return HasVariable(container, "WANDB_MANAGER_SERVICE_ACCOUNT") ||
         absl::StrContains(image, "wandb/controller") ||
         absl::StrContains(image, "wandb-k8s-operator") ||
         (HasVariable(container, "OPERATOR_NAMESPACE") &&
          HasVariable(container, "AIRGAPPED"));
}

bool OperatorTraits::Watches(absl::string_view ns) const {
  return !namespaces.has_value() || namespaces->empty() ||
         std::find(namespaces->begin(), namespaces->end(), ns) !=
             namespaces->end();
}

OperatorTraits ReadOperatorDeployment(const Json& deployment) {
  OperatorTraits traits;
  traits.replicas = base::IntAt(deployment, "/spec/replicas").value_or(1);
  const Json container = Container(deployment);
  if (!container.is_object()) return traits;
  if (const Setting setting = SettingOf(container, "airgapped", true);
      setting.known) {
    traits.airgapped = IsTrue(setting.text.value_or(""));
  }
  traits.elects_leader =
      IsTrue(SettingOf(container, "leader-elect", true).text.value_or(""));
  if (const Setting setting =
          SettingOf(container, "managed-spec-enabled", true);
      setting.known) {
    traits.managed_spec = IsTrue(setting.text.value_or(""));
  }
  if (const Setting setting =
          SettingOf(container, "isolation-namespaces", false);
      setting.known) {
    traits.namespaces.emplace();
    for (absl::string_view each :
         absl::StrSplit(setting.text.value_or(""), ',')) {
      each = absl::StripAsciiWhitespace(each);
      if (!each.empty()) traits.namespaces->emplace_back(each);
    }
  }
  return traits;
}

std::string ManagerImage(const Json& deployment) {
  return Text(Container(deployment), "/image");
}

void ReadOperatorSettings(const Json& deployment, OperatorSettings& settings) {
  const Json container = Container(deployment);
  if (!container.is_object()) return;
  OperatorImage& image = settings.image;
  std::string reference = Text(container, "/image");
  if (const size_t at = reference.find('@'); at != std::string::npos) {
    image.digest = reference.substr(at + 1);
    reference.resize(at);
  }
  if (!reference.empty()) {
    // A colon before the last slash is that of a port.
    const size_t slash = reference.rfind('/');
    const size_t colon =
        reference.find(':', slash == std::string::npos ? 0 : slash);
    image.repository = reference.substr(0, colon);
    if (colon != std::string::npos) {
      image.tag = reference.substr(colon + 1);
    } else if (image.digest.empty()) {
      image.tag = "latest";
    }
  }
  if (const std::string policy = Text(container, "/imagePullPolicy");
      !policy.empty()) {
    image.pull_policy = policy;
  }
  image.pull_secrets.clear();
  for (const Json& secret :
       base::ListAt(deployment, "/spec/template/spec/imagePullSecrets")) {
    image.pull_secrets.push_back(Text(secret, "/name"));
  }
  ReadPod(deployment, container, settings);
  ReadIsolation(deployment, settings);
  settings.airgapped =
      ReadOperatorDeployment(deployment).airgapped.value_or(false);
  settings.release_channel_url =
      SettingOf(container, "deployer-channel-url", false).text.value_or("");
  settings.managed_spec_enabled =
      ReadOperatorDeployment(deployment).managed_spec.value_or(false);
  settings.debug = VariableOf(container, "DEBUG").text == "true";
  settings.extra_env = ExtraVariables(deployment, container, settings);
  settings.operator_env.clear();
}

std::vector<std::string> CaConfigMaps(const Json& deployment) {
  std::vector<std::string> names;
  for (const Json& volume :
       base::ListAt(deployment, "/spec/template/spec/volumes")) {
    if (Text(volume, "/name") != kOperatorCaVolume) continue;
    for (const Json& source : base::ListAt(volume, "/projected/sources")) {
      if (auto name = base::StringAt(source, "/configMap/name")) {
        names.push_back(*std::move(name));
      }
    }
    // Whoever mounts just one needs no projection.
    if (auto name = base::StringAt(volume, "/configMap/name")) {
      names.push_back(*std::move(name));
    }
  }
  return names;
}

std::vector<std::string> CustomCaCertsOf(const Json& config_map) {
  const Json* data = base::Find(config_map, "/data");
  if (data == nullptr || !data->is_object()) return {};
  std::vector<std::string> certs;
  for (size_t i = 0; i < data->size(); ++i) {
    const auto it = data->find(absl::StrCat("customCA", i, ".crt"));
    if (it == data->end() || !it->is_string()) return {};
    certs.push_back(absl::StrCat(it->get<std::string>(), "\n"));
  }
  return certs;
}

}  // namespace wandb
