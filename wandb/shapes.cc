#include "wandb/shapes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/never_destroyed.h"
#include "wandb/names.h"
#include "wandb/unknown.h"

namespace wandb {
namespace {

using base::Json;
using F = FieldType;

std::vector<ShapeField> SecurityContextOfBoth() {
  return {
      {"run_as_user", "runAsUser", F::kInteger, "User id of the processes."},
      {"run_as_group", "runAsGroup", F::kInteger, "Group id of the processes."},
      {"run_as_non_root", "runAsNonRoot", F::kBool,
       "Refuse to run as user id 0."},
      {"seccomp_profile",
       "seccompProfile",
       F::kObject,
       "Seccomp profile.",
       {{"type",
         "type",
         F::kString,
         "Which one.",
         {},
         "RuntimeDefault|Localhost|Unconfined"},
        {"localhost_profile", "localhostProfile", F::kString,
         "File of a profile on the node, for `Localhost`."}}},
      {"se_linux_options",
       "seLinuxOptions",
       F::kObject,
       "SELinux context.",
       {{"level", "level", F::kString, "Level."},
        {"role", "role", F::kString, "Role."},
        {"type", "type", F::kString, "Type."},
        {"user", "user", F::kString, "User."}}},
  };
}

std::vector<ShapeField> PodSecurityContext() {
  std::vector<ShapeField> fields = SecurityContextOfBoth();
  fields.push_back({"fs_group", "fsGroup", F::kInteger,
                    "Group id that owns the pod's volumes."});
  fields.push_back({"fs_group_change_policy",
                    "fsGroupChangePolicy",
                    F::kString,
                    "When the owner of the files is set.",
                    {},
                    "OnRootMismatch|Always"});
  return fields;
}

std::vector<ShapeField> SecurityContext() {
  std::vector<ShapeField> fields = SecurityContextOfBoth();
  fields.push_back({"allow_privilege_escalation", "allowPrivilegeEscalation",
                    F::kBool, "Whether a process may gain privileges."});
  fields.push_back({"privileged", "privileged", F::kBool,
                    "Run with the privileges of the node's root."});
  fields.push_back({"read_only_root_filesystem", "readOnlyRootFilesystem",
                    F::kBool, "Mount the root file system read-only."});
  fields.push_back(
      {"capabilities",
       "capabilities",
       F::kObject,
       "Linux capabilities.",
       {{"add", "add", F::kStrings, "Capabilities to add."},
        {"drop", "drop", F::kStrings, "Capabilities to drop, or `ALL`."}}});
  return fields;
}

std::vector<ShapeField> Toleration() {
  return {
      {"key", "key", F::kString, "Key of the taint; none is every key."},
      {"operator",
       "operator",
       F::kString,
       "How key and value match.",
       {},
       "Equal|Exists|Lt|Gt"},
      {"value", "value", F::kString, "Value of the taint; none for `Exists`."},
      {"effect",
       "effect",
       F::kString,
       "Effect of the taint; none is every effect.",
       {},
       "NoSchedule|PreferNoSchedule|NoExecute"},
      {"toleration_seconds", "tolerationSeconds", F::kInteger,
       "How long `NoExecute` is tolerated."}};
}

// A key of a Secret or ConfigMap.
std::vector<ShapeField> KeyReference(absl::string_view of) {
  return {{"name", "name", F::kString, of, {}, {}, true},
          {"key", "key", F::kString, "Key in it.", {}, {}, true},
          {"optional", "optional", F::kBool,
           "Leave the variable out where it is missing, in place of not "
           "starting."}};
}

std::vector<ShapeField> Variable() {
  return {{"name", "name", F::kString, "Name.", {}, {}, true},
          {"value", "value", F::kString, "Value; not beside `value_from`."},
          {"value_from",
           "valueFrom",
           F::kObject,
           "Where the value comes from: exactly one of these.",
           {{"secret_key_ref", "secretKeyRef", F::kObject,
             "Key of a Secret in the same namespace.", KeyReference("Secret.")},
            {"config_map_key_ref", "configMapKeyRef", F::kObject,
             "Key of a ConfigMap in the same namespace.",
             KeyReference("ConfigMap.")},
            {"field_ref",
             "fieldRef",
             F::kObject,
             "Field of the pod.",
             {{"field_path",
               "fieldPath",
               F::kString,
               "Path, such as `status.podIP`.",
               {},
               {},
               true}}}}}};
}

std::vector<ShapeField> HorizontalScaler() {
  return {
      {"enabled", "enabled", F::kBool, "Whether there is one."},
      {"min_replicas", "minReplicas", F::kInteger, "Fewest pods."},
      {"max_replicas", "maxReplicas", F::kInteger, "Most pods."},
      {"target_cpu_utilization_percentage", "targetCPUUtilizationPercentage",
       F::kInteger, "Use of what was requested that pods are added at."},
      {"target_memory_utilization_percentage",
       "targetMemoryUtilizationPercentage", F::kInteger,
       "The same for memory."}};
}

std::vector<ShapeField> VerticalScaler() {
  return {
      {"enabled", "enabled", F::kBool, "Whether there is one."},
      {"update_mode",
       "updateMode",
       F::kString,
       "When pods get what it recommends.",
       {},
       "Off|Initial|Recreate|InPlaceOrRecreate|Auto"},
      {"container_policies",
       "containerPolicies",
       F::kObjects,
       "What it may do to single containers.",
       {{"container_name", "containerName", F::kString,
         "Name of the container, or `*`."},
        {"mode", "mode", F::kString, "Whether it is scaled.", {}, "Auto|Off"},
        {"controlled_resources", "controlledResources", F::kStrings,
         "What is scaled: `cpu`, `memory`."},
        {"min_allowed", "minAllowed", F::kTexts, "Least that it gives."},
        {"max_allowed", "maxAllowed", F::kTexts, "Most that it gives."}}}};
}

std::vector<ShapeField> KedaScaler() {
  return {{"enabled", "enabled", F::kBool,
           "Whether there is one. The horizontal one is none beside it."},
          {"polling_interval", "pollingInterval", F::kInteger,
           "Seconds between two looks at the triggers."},
          {"cooldown_period", "cooldownPeriod", F::kInteger,
           "Seconds from the last trigger to scaling down."},
          {"idle_replica_count", "idleReplicaCount", F::kInteger,
           "Pods while nothing triggers."},
          {"min_replica_count", "minReplicaCount", F::kInteger, "Fewest pods."},
          {"max_replica_count", "maxReplicaCount", F::kInteger, "Most pods."},
          {"triggers",
           "triggers",
           F::kObjects,
           "What scales.",
           {{"type", "type", F::kString, "Type, such as `prometheus`."},
            {"name", "name", F::kString, "Name."},
            {"metric_type", "metricType", F::kString, "Type of the metric."},
            {"metadata", "metadata", F::kTexts, "Settings of the type."}}}};
}

std::vector<ShapeField> Autoscaling() {
  return {{"horizontal", "horizontal", F::kObject, "HorizontalPodAutoscaler.",
           HorizontalScaler()},
          {"vertical", "vertical", F::kObject, "VerticalPodAutoscaler.",
           VerticalScaler()},
          {"keda", "keda", F::kObject, "ScaledObject of KEDA.", KedaScaler()}};
}

std::vector<ShapeField> DroppedRule() {
  return {{"api_groups", "apiGroups", F::kStrings,
           "API groups; `\"\"` is that of pods and Secrets."},
          {"resources", "resources", F::kStrings,
           "Resources of these groups. Default: all that the role has."},
          {"verbs", "verbs", F::kStrings, "Verbs. Default: all."},
          {"non_resource_urls", "nonResourceURLs", F::kStrings,
           "Paths of the API server, in place of `api_groups`."}};
}

std::vector<ShapeField> RoleRule() {
  return {{"api_groups", "apiGroups", F::kStrings,
           "API groups; `\"\"` is that of pods and Secrets."},
          {"resources", "resources", F::kStrings,
           "Resources of these groups, such as `pods` or `pods/log`."},
          {"verbs", "verbs", F::kStrings, "Verbs, or `*`.", {}, {}, true},
          {"resource_names", "resourceNames", F::kStrings,
           "Names of objects, where the rule is about these alone."},
          {"non_resource_urls", "nonResourceURLs", F::kStrings,
           "Paths of the API server, in place of `api_groups` and "
           "`resources`. Not with `namespace_isolation`."}};
}

std::vector<ShapeField>::const_iterator FieldOf(
    const std::vector<ShapeField>& fields,
    absl::string_view ShapeField::*member, absl::string_view text) {
  return std::find_if(
      fields.begin(), fields.end(),
      [&](const ShapeField& each) { return each.*member == text; });
}

bool IsListOf(const Json& value, bool (Json::*is)() const noexcept) {
  return value.is_array() &&
         std::all_of(value.begin(), value.end(),
                     [&](const Json& element) { return (element.*is)(); });
}

bool IsMapOfText(const Json& value) {
  return value.is_object() &&
         std::all_of(value.begin(), value.end(),
                     [](const Json& element) { return element.is_string(); });
}

std::optional<Json> ListOf(const std::vector<ShapeField>& fields,
                           const Json& value) {
  Json list = Json::array();
  for (const Json& element : value) {
    auto object = FromKubernetes(fields, element);
    if (!element.is_object() || !object.has_value()) return std::nullopt;
    list.push_back(*std::move(object));
  }
  return list;
}

}  // namespace

bool IsList(Shape shape) {
  return shape == Shape::kIngressTls || shape == Shape::kTolerations ||
         shape == Shape::kVariables || shape == Shape::kRoleRules ||
         shape == Shape::kDroppedRules;
}

const std::vector<ShapeField>& FieldsOf(Shape shape) {
  using Fields = std::vector<ShapeField>;
  static const base::NeverDestroyed<Fields> kTls(Fields{
      {"secret_name", "secretName", F::kString,
       "Secret of type `kubernetes.io/tls`."},
      {"hosts", "hosts", F::kStrings, "Host names of the certificate."}});
  static const base::NeverDestroyed<Fields> kResources(Fields{
      {"limits", "limits", F::kTexts, "Most that a container may use."},
      {"requests", "requests", F::kTexts, "What a container is given."}});
  static const base::NeverDestroyed<Fields> kToleration(Toleration());
  static const base::NeverDestroyed<Fields> kVariable(Variable());
  static const base::NeverDestroyed<Fields> kAutoscaling(Autoscaling());
  static const base::NeverDestroyed<Fields> kPod(PodSecurityContext());
  static const base::NeverDestroyed<Fields> kContainer(SecurityContext());
  static const base::NeverDestroyed<Fields> kRule(RoleRule());
  static const base::NeverDestroyed<Fields> kDropped(DroppedRule());
  static const base::NeverDestroyed<Fields> kNothing;
  switch (shape) {
    case Shape::kIngressTls:
      return *kTls;
    case Shape::kTolerations:
      return *kToleration;
    case Shape::kVariables:
      return *kVariable;
    case Shape::kResources:
      return *kResources;
    case Shape::kAutoscaling:
      return *kAutoscaling;
    case Shape::kPodSecurityContext:
      return *kPod;
    case Shape::kSecurityContext:
      return *kContainer;
    case Shape::kRoleRules:
      return *kRule;
    case Shape::kDroppedRules:
      return *kDropped;
    case Shape::kNone:
      break;
  }
  return *kNothing;
}

Json ToKubernetes(const std::vector<ShapeField>& fields, const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& element : value) {
      out.push_back(ToKubernetes(fields, element));
    }
    return out;
  }
  if (!value.is_object() || UnknownKind(value).has_value()) return value;
  Json out = Json::object();
  for (const auto& [name, member] : value.items()) {
    if (member.is_null()) continue;
    const auto field = FieldOf(fields, &ShapeField::name, name);
    if (field == fields.end()) {
      out[name] = member;
    } else {
      out[std::string(field->key)] =
          field->fields.empty() ? member : ToKubernetes(field->fields, member);
    }
  }
  return out;
}

std::optional<Json> FromKubernetes(const std::vector<ShapeField>& fields,
                                   const Json& value) {
  if (value.is_array()) return ListOf(fields, value);
  if (!value.is_object()) return std::nullopt;
  Json out = Json::object();
  for (const auto& [key, member] : value.items()) {
    const auto field = FieldOf(fields, &ShapeField::key, key);
    if (field == fields.end()) return std::nullopt;
    std::optional<Json> inner = member;
    bool fits = false;
    switch (field->type) {
      case FieldType::kString:
        fits = member.is_string();
        break;
      case FieldType::kInteger:
        fits = member.is_number_integer();
        break;
      case FieldType::kBool:
        fits = member.is_boolean();
        break;
      case FieldType::kStrings:
        fits = IsListOf(member, &Json::is_string);
        break;
      case FieldType::kTexts:
        fits = IsMapOfText(member);
        break;
      case FieldType::kObject:
        inner = FromKubernetes(field->fields, member);
        fits = member.is_object() && inner.has_value();
        break;
      case FieldType::kObjects:
        inner = FromKubernetes(field->fields, member);
        fits = member.is_array() && inner.has_value();
        break;
    }
    if (!fits || !inner.has_value()) return std::nullopt;
    out[std::string(field->name)] = *std::move(inner);
  }
  return out;
}

Json KnownPart(const std::vector<ShapeField>& fields, const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& each : value) out.push_back(KnownPart(fields, each));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (const auto& [key, member] : value.items()) {
    const auto field = FieldOf(fields, &ShapeField::key, key);
    if (field == fields.end()) continue;
    out[key] =
        field->fields.empty() ? member : KnownPart(field->fields, member);
  }
  return out;
}

std::optional<std::string> NotAllowed(absl::string_view allowed,
                                      const std::string& text) {
  std::vector<std::string> all =
      absl::StrSplit(allowed, '|', absl::SkipEmpty());
  if (all.empty() || std::find(all.begin(), all.end(), text) != all.end()) {
    return std::nullopt;
  }
  const std::string last = std::move(all.back());
  all.pop_back();
  return all.empty()
             ? absl::StrCat("must be ", last)
             : absl::StrCat("must be ", absl::StrJoin(all, ", "), " or ", last);
}

std::optional<ShapeMistake> MistakeOfShape(
    const std::vector<ShapeField>& fields, const Json& value,
    absl::string_view ShapeField::*spelling) {
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      if (auto mistake = MistakeOfShape(fields, value[i], spelling)) {
        mistake->below = absl::StrCat("[", i, "]", mistake->below);
        return mistake;
      }
    }
  }
  if (!value.is_object()) return std::nullopt;
  for (const ShapeField& field : fields) {
    const auto member = value.find(std::string(field.*spelling));
    if (member == value.end()) continue;
    const std::string below = absl::StrCat(".", field.name);
    if (const auto* text = member->get_ptr<const std::string*>()) {
      if (auto message = NotAllowed(field.allowed, *text)) {
        return ShapeMistake{below, *std::move(message)};
      }
    } else if (auto mistake = MistakeOfShape(field.fields, *member, spelling)) {
      mistake->below = absl::StrCat(below, mistake->below);
      return mistake;
    }
  }
  return std::nullopt;
}

std::string TolerationFault(const Json& toleration) {
  const auto text = [&](const char* key) {
    const Json* value = base::Find(toleration, absl::StrCat("/", key));
    return value == nullptr ? std::string()
                            : (value->is_string() ? value->get<std::string>()
                                                  : std::string());
  };
  const bool exists = text("operator") == "Exists";
  if (text("key").empty() && !exists) {
    return "has no key: the API server takes that with operator Exists "
           "only. Write a key, or that operator";
  }
  if (exists && !text("value").empty()) {
    return "has a value beside operator Exists, and the API server refuses "
           "that. Take one of them out";
  }
  if (!text("key").empty() && !absl::StrContains(text("key"), "{{") &&
      !IsQualifiedName(text("key"))) {
    return "has a key that is none of a taint: up to 63 letters, digits, -, _ "
           "and dots, with a DNS name and one slash before them or not. "
           "Correct it";
  }
  if (toleration.contains("tolerationSeconds") &&
      !toleration["tolerationSeconds"].is_null() &&
      text("effect") != "NoExecute") {
    return "has tolerationSeconds, which the API server takes with effect "
           "NoExecute only. Take "
           "them out, or write that effect";
  }
  return "";
}

}  // namespace wandb
