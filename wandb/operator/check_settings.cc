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
#include "wandb/operator/pod_settings.h"
#include "wandb/operator/role_rules.h"
#include "wandb/operator/settings.h"
#include "wandb/pem.h"

namespace wandb {
namespace {

using base::Json;

constexpr size_t kMostOfLabel = 63;
// The server sets it.
constexpr char kNamespaceNameLabel[] = "kubernetes.io/metadata.name";

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

// `registry` stands in front of the path of every image.
absl::Status CheckRegistry(const std::string& registry) {
  constexpr char kAttribute[] = "image_registry";
  if (absl::StrContains(registry, "://")) {
    return Bad(kAttribute, "must not have a scheme; write host or host/path");
  }
  const bool ok = AllOf(registry, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_' ||
           c == '/' || c == ':';
  });
  if (!ok || absl::StartsWith(registry, "/") ||
      absl::StrContains(registry, "//")) {
    return Bad(kAttribute, "isn't a registry; write host or host/path");
  }
  return absl::OkStatus();
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
    const auto before = image.pull_secrets.begin() + static_cast<ptrdiff_t>(i);
    if (std::find(image.pull_secrets.begin(), before, image.pull_secrets[i]) !=
        before) {
      return Bad(attribute,
                 absl::StrCat(image.pull_secrets[i], " is there twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCharts(const StringMap& charts) {
  // The API server's limit for an object, less what metadata needs.
  constexpr size_t kLongest = (1 << 20) - 4096;
  size_t total_bytes = 0;
  for (const auto& [file, content] : charts) {
    const std::string attribute = absl::StrCat("charts[\"", file, "\"]");
    if (!IsDataKey(file) || !absl::EndsWith(file, ".tgz")) {
      return Bad(attribute,
                 "must be a file name that ends in .tgz, of letters, digits, "
                 "`-`, `_` and `.`");
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
  RETURN_IF_ERROR(CheckRegistry(settings.image_registry));
  RETURN_IF_ERROR(
      CheckName("ca_certs_config_map", settings.ca_certs_config_map));
  RETURN_IF_ERROR(
      CheckName("service_account.name", settings.service_account_name));
  if (settings.create_service_account &&
      settings.service_account_name == "default") {
    return Bad("service_account.name",
               "default is the account that Kubernetes makes in every "
               "namespace: set service_account = { create = false } to use it");
  }
  RETURN_IF_ERROR(CheckLabels("namespace_labels", settings.namespace_labels));
  const auto name = settings.namespace_labels.find(kNamespaceNameLabel);
  if (name != settings.namespace_labels.end() && name->second != settings.ns) {
    return Bad(absl::StrCat("namespace_labels[\"", kNamespaceNameLabel, "\"]"),
               "is the name of the namespace and no other text");
  }
  RETURN_IF_ERROR(CheckAnnotations("namespace_annotations",
                                   settings.namespace_annotations));
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
  RETURN_IF_ERROR(CheckPodSettings(settings));
  RETURN_IF_ERROR(CheckRoleRules(settings));
  return CheckRest(settings);
}

}  // namespace wandb
