#include "wandb/operator/settings.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "base/url.h"
#include "wandb/names.h"
#include "wandb/pem.h"

namespace wandb {
namespace {

using base::Json;

constexpr size_t kMostOfLabel = 63;

absl::Status Bad(absl::string_view attribute, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(attribute, ": ", why));
}

template <typename Allowed>
bool AllOf(absl::string_view text, const Allowed& allowed) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return allowed(static_cast<unsigned char>(c));
  });
}

bool IsLowerAlnum(unsigned char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

// A DNS label, or (`dots`) a name of several.
bool IsDnsName(absl::string_view name, bool dots, size_t longest) {
  if (name.empty() || name.size() > longest) return false;
  if (!IsLowerAlnum(name.front()) || !IsLowerAlnum(name.back())) return false;
  return AllOf(name, [&](unsigned char c) {
    return IsLowerAlnum(c) || c == '-' || (dots && c == '.');
  });
}

absl::Status CheckLabel(absl::string_view attribute, absl::string_view name) {
  if (IsDnsName(name, /*dots=*/false, kMostOfLabel)) return absl::OkStatus();
  return Bad(attribute,
             "must be lower-case letters, digits and `-`, at most 63, with a "
             "letter or digit at both ends");
}

absl::Status CheckName(absl::string_view attribute, absl::string_view name) {
  if (name.empty() || IsDnsName(name, /*dots=*/true, 253)) {
    return absl::OkStatus();
  }
  return Bad(attribute,
             "isn't the name of a Kubernetes object: lower-case letters, "
             "digits, `-` and `.`, with a letter or digit at both ends");
}

absl::Status CheckRepository(absl::string_view repository) {
  constexpr char kAttribute[] = "image.repository";
  if (repository.empty()) {
    return Bad(kAttribute,
               "must not be empty; the default is wandb/controller");
  }
  if (absl::StrContains(repository, "://")) {
    return Bad(kAttribute, "must not have a scheme; write registry/path");
  }
  const size_t slash = repository.rfind('/');
  const absl::string_view last = slash == absl::string_view::npos
                                     ? repository
                                     : repository.substr(slash + 1);
  if (absl::StrContains(last, ":") || absl::StrContains(last, "@")) {
    return Bad(kAttribute,
               "must not have a tag or digest; use image.tag or image.digest");
  }
  const bool ok = AllOf(repository, [](unsigned char c) {
    return IsLowerAlnum(c) ||
           absl::StrContains(
               "._-/:",
               absl::string_view(reinterpret_cast<const char*>(&c), 1));
  });
  if (!ok || last.empty() || repository[0] == '/' ||
      absl::StrContains(repository, "//")) {
    return Bad(kAttribute,
               "isn't an image repository; write it like wandb/controller or "
               "registry.example.com/wandb/controller, in lower case");
  }
  return absl::OkStatus();
}

absl::Status CheckImage(const OperatorImage& image) {
  RETURN_IF_ERROR(CheckRepository(image.repository));
  if (!image.digest.empty() && !IsImageDigest(image.digest)) {
    return Bad("image.digest",
               "must be `sha256:` and 64 lower-case hex digits");
  }
  if (image.tag.empty() && image.digest.empty()) {
    return Bad("image.tag",
               "must not be empty unless image.digest is set: the cluster "
               "would pull `latest`, which changes by itself");
  }
  if (!image.tag.empty() &&
      (!IsImageTag(image.tag) || absl::StrContains(image.tag, "@"))) {
    return Bad("image.tag",
               "isn't an image tag: letters, digits, `_`, `.` and `-`, at most "
               "128, not starting with `.` or `-`");
  }
  const std::vector<std::string> policies = PullPolicies();
  if (!image.pull_policy.empty() &&
      std::find(policies.begin(), policies.end(), image.pull_policy) ==
          policies.end()) {
    return Bad("image.pull_policy", "must be Always, IfNotPresent or Never");
  }
  for (size_t i = 0; i < image.pull_secrets.size(); ++i) {
    const std::string attribute = absl::StrCat("image.pull_secrets[", i, "]");
    if (image.pull_secrets[i].empty()) {
      return Bad(attribute, "must not be empty");
    }
    RETURN_IF_ERROR(CheckName(attribute, image.pull_secrets[i]));
  }
  return absl::OkStatus();
}

absl::Status CheckCharts(const StringMap& charts) {
  // The API server's limit for an object, less what metadata needs.
  constexpr size_t kLongest = (1 << 20) - 4096;
  size_t total_bytes = 0;
  for (const auto& [file, content] : charts) {
    const std::string attribute = absl::StrCat("charts[\"", file, "\"]");
    const bool key_ok =
        !file.empty() && file.size() <= 253 && AllOf(file, [](unsigned char c) {
          return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
        });
    if (!key_ok) {
      return Bad(attribute,
                 "a file name has letters, digits, `-`, `_` and `.` only");
    }
    std::string archive;
    if (!absl::Base64Unescape(content, &archive) || archive.empty()) {
      return Bad(attribute, "must be a .tgz in base64: use filebase64()");
    }
    total_bytes += file.size() + content.size();
  }
  if (total_bytes > kLongest) {
    return Bad("charts",
               absl::StrCat("are ", total_bytes,
                            " bytes together, and a "
                            "ConfigMap holds ",
                            kLongest,
                            "; remove the "
                            "subcharts that aren't installed, or use an OCI "
                            "registry"));
  }
  return absl::OkStatus();
}

// Names that the Deployment sets by itself. A second entry of the same name
// would make server-side apply fail.
std::set<std::string> ReservedEnv(const OperatorSettings& settings) {
  std::set<std::string> names = {"WANDB_MANAGER_SERVICE_ACCOUNT",
                                 "OPERATOR_NAMESPACE", "SERVICE_ACCOUNT_NAME",
                                 "AIRGAPPED"};
  if (settings.debug) names.insert("DEBUG");
  if (!settings.release_channel_url.empty()) {
    names.insert("DEPLOYER_CHANNEL_URL");
  }
  if (!settings.custom_ca_certs.empty() ||
      !settings.ca_certs_config_map.empty()) {
    names.insert("SSL_CERT_DIR");
  }
  return names;
}

absl::Status CheckEnv(const OperatorSettings& settings) {
  const std::set<std::string> reserved = ReservedEnv(settings);
  std::set<std::string> seen;
  const auto check = [&](absl::string_view attribute, const std::string& name) {
    if (name.empty()) return Bad(attribute, "has no name");
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
    RETURN_IF_ERROR(
        check(absl::StrCat("extra_env[", i, "]"),
              base::StringAt(settings.extra_env[i], "/name").value_or("")));
  }
  for (const auto& [name, value] : settings.operator_env) {
    RETURN_IF_ERROR(check("operator_env", name));
  }
  return absl::OkStatus();
}

// Whether the repository starts with a registry's host, as Docker decides it.
bool HasRegistry(absl::string_view repository) {
  const size_t slash = repository.find('/');
  if (slash == absl::string_view::npos) return false;
  const absl::string_view host = repository.substr(0, slash);
  return host == "localhost" || absl::StrContains(host, ".") ||
         absl::StrContains(host, ":");
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

// What the name is a part of. The names of the other objects may have up to 253
// characters; that of the charts is a volume's, too.
absl::Status CheckDerivedNames(const OperatorSettings& settings) {
  const std::string volume = OperatorChartsConfigMapName(settings);
  if (!OperatorUsesCharts(settings) || volume.size() <= kMostOfLabel) {
    return absl::OkStatus();
  }
  return Bad("name",
             absl::StrCat("is too long with airgapped or charts: the volume \"",
                          volume, "\" has ", volume.size(),
                          " characters, and Kubernetes takes ", kMostOfLabel,
                          ". Shorten the name to ",
                          settings.name.size() - (volume.size() - kMostOfLabel),
                          " characters"));
}

absl::Status CheckRest(const OperatorSettings& settings) {
  const std::string& url = settings.release_channel_url;
  if (!url.empty() && !base::IsHttpUrl(url)) {
    return Bad("release_channel_url",
               "must start with https:// or http://, and is the base URL "
               "without /api");
  }
  if (absl::StrContains(settings.image_registry, "://")) {
    return Bad("image_registry",
               "must not have a scheme; write host or host/path");
  }
  RETURN_IF_ERROR(
      CheckName("ca_certs_config_map", settings.ca_certs_config_map));
  RETURN_IF_ERROR(
      CheckName("service_account.name", settings.service_account_name));
  RETURN_IF_ERROR(CheckLabels("namespace_labels", settings.namespace_labels));
  RETURN_IF_ERROR(CheckLabels("node_selector", settings.node_selector));
  std::set<std::string> namespaces = {settings.ns};
  for (size_t i = 0; i < settings.additional_namespaces.size(); ++i) {
    const std::string& ns = settings.additional_namespaces[i];
    const std::string attribute =
        absl::StrCat("namespace_isolation.additional_namespaces[", i, "]");
    RETURN_IF_ERROR(CheckLabel(attribute, ns));
    if (!namespaces.insert(ns).second) {
      return Bad(attribute, absl::StrCat(ns,
                                         " is there twice, or is the "
                                         "operator's own namespace"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> PullPolicies() {
  return {"Always", "IfNotPresent", "Never"};
}

absl::Status CheckOperatorSettings(const OperatorSettings& settings) {
  RETURN_IF_ERROR(CheckLabel("name", settings.name));
  RETURN_IF_ERROR(CheckLabel("namespace", settings.ns));
  RETURN_IF_ERROR(CheckDerivedNames(settings));
  RETURN_IF_ERROR(CheckImage(settings.image));
  for (size_t i = 0; i < settings.custom_ca_certs.size(); ++i) {
    const absl::Status status =
        CheckOneCertificate(settings.custom_ca_certs[i]);
    if (!status.ok()) {
      return Bad(absl::StrCat("custom_ca_certs[", i, "]"), status.message());
    }
  }
  RETURN_IF_ERROR(CheckCharts(settings.charts));
  RETURN_IF_ERROR(CheckEnv(settings));
  return CheckRest(settings);
}

std::string DeployedImage(const OperatorSettings& settings) {
  const OperatorImage& image = settings.image;
  std::string repository = image.repository;
  if (!settings.image_registry.empty()) {
    if (HasRegistry(repository)) repository.erase(0, repository.find('/') + 1);
    repository = absl::StrCat(absl::StripSuffix(settings.image_registry, "/"),
                              "/", repository);
  }
  return image.digest.empty() ? absl::StrCat(repository, ":", image.tag)
                              : absl::StrCat(repository, "@", image.digest);
}

bool OperatorUsesCharts(const OperatorSettings& settings) {
  return settings.airgapped || !settings.charts.empty();
}

std::string OperatorDeploymentName(const OperatorSettings& settings) {
  return absl::StrCat(settings.name, "-controller-manager");
}

std::string OperatorServiceAccountName(const OperatorSettings& settings) {
  if (!settings.service_account_name.empty()) {
    return settings.service_account_name;
  }
  return settings.create_service_account
             ? absl::StrCat(settings.name, "-manager")
             : "default";
}

// The chart's name for it when its release is called "operator". `<name>` alone
// in front would be what an instance of that name uses.
std::string OperatorCaConfigMapName(const OperatorSettings& settings) {
  return absl::StrCat("operator-", settings.name, "-ca-certs");
}

std::string OperatorChartsConfigMapName(const OperatorSettings& settings) {
  return absl::StrCat(settings.name, "-charts");
}

}  // namespace wandb
