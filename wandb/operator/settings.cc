#include "wandb/operator/settings.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace wandb {
namespace {

// Whether the repository starts with a registry's host, as Docker decides it.
bool HasRegistry(absl::string_view repository) {
  const size_t slash = repository.find('/');
  if (slash == absl::string_view::npos) return false;
  const absl::string_view host = repository.substr(0, slash);
  return host == "localhost" || absl::StrContains(host, ".") ||
         absl::StrContains(host, ":");
}

}  // namespace

std::vector<std::string> PullPolicies() {
  return {"Always", "IfNotPresent", "Never"};
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
