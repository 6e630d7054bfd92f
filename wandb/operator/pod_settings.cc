#include "wandb/operator/pod_settings.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "wandb/names.h"
#include "wandb/quantity.h"
#include "wandb/shapes.h"

namespace wandb {
namespace {

using base::Json;

constexpr size_t kMostOfAnnotations = 256 << 10;
constexpr int64_t kMostOfId = 2147483647;  // Of a user or group.

// Names that the Deployment sets by itself. A second entry of the same name
// would make server-side apply fail.
std::set<std::string> ReservedEnv(const OperatorSettings& settings) {
  std::set<std::string> names = {"WANDB_MANAGER_SERVICE_ACCOUNT",
                                 "OPERATOR_NAMESPACE", "SERVICE_ACCOUNT_NAME",
                                 "AIRGAPPED"};
  if (settings.debug) names.insert("DEBUG");
  if (settings.managed_spec_enabled) names.insert("MANAGED_SPEC_ENABLED");
  if (!settings.release_channel_url.empty()) {
    names.insert("DEPLOYER_CHANNEL_URL");
  }
  if (!settings.custom_ca_certs.empty() ||
      !settings.ca_certs_config_map.empty()) {
    names.insert("SSL_CERT_DIR");
  }
  return names;
}

// Where a variable has its value from.
absl::Status CheckSource(const std::string& attribute, const Json& variable) {
  const Json* from = base::Find(variable, "/valueFrom");
  if (from == nullptr) return absl::OkStatus();
  const std::string at = absl::StrCat(attribute, ".value_from");
  if (!base::StringAt(variable, "/value").value_or("").empty()) {
    return Bad(at, "must not be there beside value");
  }
  if (from->size() != 1) {
    return Bad(at,
               "must have one of secret_key_ref, config_map_key_ref and "
               "field_ref, and one alone");
  }
  for (const auto& [key, name] :
       {std::pair("/secretKeyRef", "secret_key_ref"),
        std::pair("/configMapKeyRef", "config_map_key_ref")}) {
    const Json* reference = base::Find(*from, key);
    if (reference == nullptr) continue;
    const std::string below = absl::StrCat(at, ".", name);
    if (!IsSubdomain(base::StringAt(*reference, "/name").value_or(""))) {
      return Bad(absl::StrCat(below, ".name"),
                 "isn't the name of a Kubernetes object: lower-case letters, "
                 "digits, `-` and `.`, with a letter or digit at both ends");
    }
    if (!IsDataKey(base::StringAt(*reference, "/key").value_or(""))) {
      return Bad(absl::StrCat(below, ".key"),
                 "isn't a key: letters, digits, `-`, `_` and `.`");
    }
  }
  if (base::Find(*from, "/fieldRef") != nullptr &&
      base::StringAt(*from, "/fieldRef/fieldPath").value_or("").empty()) {
    return Bad(absl::StrCat(at, ".field_ref.field_path"), "must not be empty");
  }
  return absl::OkStatus();
}

absl::Status CheckEnv(const OperatorSettings& settings) {
  const std::set<std::string> reserved = ReservedEnv(settings);
  std::set<std::string> seen;
  const auto check = [&](absl::string_view attribute, const std::string& name) {
    if (name.empty()) return Bad(attribute, "has no name");
    if (!IsVariableName(name)) {
      return Bad(attribute,
                 "has a name that is none of a variable: printed ASCII without "
                 "`=`");
    }
    if (reserved.count(name) > 0) {
      return Bad(attribute, absl::StrCat(name,
                                         " is set by another attribute "
                                         "of this resource"));
    }
    if (!seen.insert(name).second) {
      return Bad(attribute, absl::StrCat(name, " is there twice"));
    }
    return absl::OkStatus();
  };
  for (size_t i = 0; i < settings.extra_env.size(); ++i) {
    const Json& variable = settings.extra_env[i];
    const std::string attribute = absl::StrCat("extra_env[", i, "]");
    RETURN_IF_ERROR(
        check(attribute, base::StringAt(variable, "/name").value_or("")));
    RETURN_IF_ERROR(CheckSource(attribute, variable));
  }
  for (const auto& [name, value] : settings.operator_env) {
    RETURN_IF_ERROR(check("operator_env", name));
  }
  return absl::OkStatus();
}

std::string Element(absl::string_view attribute, absl::string_view key) {
  return absl::StrCat(attribute, "[\"", key, "\"]");
}

// What the table of the shape says of `value`.
absl::Status CheckShape(absl::string_view attribute, Shape shape,
                        const Json& value) {
  if (const auto mistake =
          MistakeOfShape(FieldsOf(shape), value, &ShapeField::key)) {
    return Bad(absl::StrCat(attribute, mistake->below), mistake->message);
  }
  return absl::OkStatus();
}

// Whether `resources` limits `name` to less than `amount`.
bool IsAboveLimit(const Json& resources, const std::string& name,
                  double amount) {
  const Json* limits = base::Find(resources, "/limits");
  if (limits == nullptr || !limits->is_object()) return false;
  const auto limit = limits->find(name);
  return limit != limits->end() && limit->is_string() &&
         amount > QuantityAmount(limit->get<std::string>()).value_or(amount);
}

absl::Status CheckResources(const Json& resources) {
  for (const char* part : {"limits", "requests"}) {
    const Json* map = base::Find(resources, absl::StrCat("/", part));
    if (map == nullptr || !map->is_object()) continue;
    for (const auto& [name, value] : map->items()) {
      const std::string at = Element(absl::StrCat("resources.", part), name);
      if (!IsQualifiedName(name)) {
        return Bad(at, "is no name of a resource, such as cpu or memory");
      }
      const std::string text =
          value.is_string() ? value.get<std::string>() : "";
      const auto amount = QuantityAmount(text);
      if (!IsQuantity(text) || !amount.has_value() || *amount < 0) {
        return Bad(at, "isn't a quantity, such as \"500m\" or \"2Gi\"");
      }
      if (IsAboveLimit(resources, name, *amount)) {
        return Bad(at, "is more than the limit");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTolerations(const Json& tolerations) {
  RETURN_IF_ERROR(CheckShape("tolerations", Shape::kTolerations, tolerations));
  for (size_t i = 0; i < tolerations.size(); ++i) {
    const std::string fault = TolerationFault(tolerations[i]);
    if (!fault.empty()) return Bad(absl::StrCat("tolerations[", i, "]"), fault);
  }
  return absl::OkStatus();
}

absl::Status CheckAffinity(const Json& affinity) {
  if (affinity.is_null()) return absl::OkStatus();
  if (!affinity.is_object()) {
    return Bad("affinity", "must be an object, as Kubernetes has it");
  }
  for (const auto& [key, value] : affinity.items()) {
    if (key != "nodeAffinity" && key != "podAffinity" &&
        key != "podAntiAffinity") {
      return Bad(absl::StrCat("affinity.", key),
                 "must be nodeAffinity, podAffinity or podAntiAffinity");
    }
    if (!value.is_object()) {
      return Bad(absl::StrCat("affinity.", key), "must be an object");
    }
  }
  return absl::OkStatus();
}

// What both security contexts have.
absl::Status CheckContext(absl::string_view attribute, Shape shape,
                          const Json& context) {
  RETURN_IF_ERROR(CheckShape(attribute, shape, context));
  const auto at = [&](absl::string_view name) {
    return absl::StrCat(attribute, ".", name);
  };
  for (const auto& [key, name] : {std::pair("/runAsUser", "run_as_user"),
                                  std::pair("/runAsGroup", "run_as_group"),
                                  std::pair("/fsGroup", "fs_group")}) {
    const auto id = base::IntAt(context, key);
    if (id.has_value() && (*id < 0 || *id > kMostOfId)) {
      return Bad(at(name), absl::StrCat("must be from 0 to ", kMostOfId));
    }
  }
  if (base::BoolAt(context, "/runAsNonRoot").value_or(false) &&
      base::IntAt(context, "/runAsUser") == 0) {
    return Bad(at("run_as_user"), "must not be 0 beside run_as_non_root");
  }
  if (base::Find(context, "/seccompProfile") != nullptr) {
    const std::string type =
        base::StringAt(context, "/seccompProfile/type").value_or("");
    const bool has_file =
        !base::StringAt(context, "/seccompProfile/localhostProfile")
             .value_or("")
             .empty();
    if (type.empty()) return Bad(at("seccomp_profile.type"), "must be given");
    if (has_file != (type == "Localhost")) {
      return Bad(at("seccomp_profile.localhost_profile"),
                 "must be there with type Localhost, and with that alone");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSecurityContext(const Json& context) {
  constexpr char kAttribute[] = "security_context";
  RETURN_IF_ERROR(CheckContext(kAttribute, Shape::kSecurityContext, context));
  if (base::BoolAt(context, "/allowPrivilegeEscalation").value_or(true)) {
    return absl::OkStatus();
  }
  const std::string at =
      absl::StrCat(kAttribute, ".allow_privilege_escalation");
  if (base::BoolAt(context, "/privileged").value_or(false)) {
    return Bad(at, "must not be false beside privileged = true");
  }
  for (const Json& added : base::ListAt(context, "/capabilities/add")) {
    if (added == Json("CAP_SYS_ADMIN")) {
      return Bad(at, "must not be false beside the capability CAP_SYS_ADMIN");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Bad(absl::string_view attribute, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(attribute, ": ", why));
}

absl::Status CheckLabels(absl::string_view attribute, const StringMap& labels) {
  for (const auto& [key, value] : labels) {
    const std::string at = absl::StrCat(attribute, "[\"", key, "\"]");
    if (!IsQualifiedName(key)) {
      return Bad(at,
                 "is no key of a label: up to 63 letters, digits, `-`, `_` and "
                 "`.`, with a letter or digit at both ends, after a domain and "
                 "a `/` or alone");
    }
    if (!IsLabelValue(value)) {
      return Bad(at,
                 "has no value of a label: up to 63 letters, digits, `-`, `_` "
                 "and `.`, with a letter or digit at both ends, or nothing");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckAnnotations(absl::string_view attribute,
                              const StringMap& annotations) {
  size_t total_bytes = 0;
  for (const auto& [key, value] : annotations) {
    // Those of annotations may be in upper case.
    if (!IsQualifiedName(absl::AsciiStrToLower(key))) {
      return Bad(Element(attribute, key),
                 "is no key of an annotation: up to 63 letters, digits, `-`, "
                 "`_` and `.`, with a letter or digit at both ends, after a "
                 "domain and a `/` or alone");
    }
    if (key == kOwnerAnnotation || key == kCaCertsHashAnnotation) {
      return Bad(Element(attribute, key), "is written by the provider");
    }
    total_bytes += key.size() + value.size();
  }
  if (total_bytes > kMostOfAnnotations) {
    return Bad(attribute, absl::StrCat("are ", total_bytes,
                                       " bytes together, and Kubernetes takes ",
                                       kMostOfAnnotations));
  }
  return absl::OkStatus();
}

bool IsReservedVariable(const OperatorSettings& settings,
                        const std::string& name) {
  return ReservedEnv(settings).count(name) > 0;
}

absl::Status CheckPodSettings(const OperatorSettings& settings) {
  RETURN_IF_ERROR(CheckEnv(settings));
  RETURN_IF_ERROR(CheckResources(settings.resources));
  RETURN_IF_ERROR(CheckLabels("node_selector", settings.node_selector));
  RETURN_IF_ERROR(CheckTolerations(settings.tolerations));
  RETURN_IF_ERROR(CheckAffinity(settings.affinity));
  RETURN_IF_ERROR(
      CheckAnnotations("pod_annotations", settings.pod_annotations));
  RETURN_IF_ERROR(CheckContext("pod_security_context",
                               Shape::kPodSecurityContext,
                               settings.pod_security_context));
  return CheckSecurityContext(settings.security_context);
}

}  // namespace wandb
