#include "resources/operator/import.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/object_ref.h"
#include "wandb/operator_deployment.h"
#include "wandb/operator_manifests.h"

namespace resources {
namespace {

ImageModel ModelOf(const wandb::OperatorImage& image) {
  ImageModel model;
  model.repository = image.repository;
  model.tag = image.tag;
  if (!image.digest.empty()) model.digest = image.digest;
  if (const auto policy = tf::EnumOf<PullPolicy>(image.pull_policy)) {
    model.pull_policy = *policy;
  }
  if (!image.pull_secrets.empty()) model.pull_secrets = image.pull_secrets;
  return model;
}

// Those of the first ConfigMap that has some.
std::vector<std::string> CertificatesOf(const base::Context& ctx,
                                        kube::Client& client,
                                        const std::string& ns,
                                        const base::Json& deployment) {
  for (const std::string& name : wandb::CaConfigMaps(deployment)) {
    const auto live = client.Get(ctx, kube::ConfigMapRef(ns, name));
    if (!live.ok()) continue;
    if (auto certs = wandb::CustomCaCertsOf(*live); !certs.empty()) {
      return certs;
    }
  }
  return {};
}

// Takes `attribute`, as CheckOperatorSettings() names it, out of `settings`.
// False for what was not read from the cluster.
bool LeaveOut(const std::string& attribute, wandb::OperatorSettings& settings) {
  const wandb::OperatorImage defaults;
  wandb::OperatorImage& image = settings.image;
  const std::string list = attribute.substr(0, attribute.find('['));
  if (list != attribute) {
    std::vector<std::string>* const elements =
        list == "custom_ca_certs"      ? &settings.custom_ca_certs
        : list == "image.pull_secrets" ? &image.pull_secrets
                                       : nullptr;
    size_t index = 0;
    const std::string digits =
        attribute.substr(list.size() + 1, attribute.size() - list.size() - 2);
    if (elements == nullptr || !absl::SimpleAtoi(digits, &index) ||
        index >= elements->size()) {
      return false;
    }
    elements->erase(elements->begin() + static_cast<ptrdiff_t>(index));
    return true;
  }
  if (attribute == "image.repository") {
    image.repository = defaults.repository;
  } else if (attribute == "image.tag") {
    image.tag = defaults.tag;
  } else if (attribute == "image.digest") {
    image.digest = defaults.digest;
  } else if (attribute == "image.pull_policy") {
    image.pull_policy = defaults.pull_policy;
  } else if (attribute == "release_channel_url") {
    settings.release_channel_url.clear();
  } else {
    return false;
  }
  return true;
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

}  // namespace

void FillImported(const base::Context& ctx, kube::Client& client,
                  OperatorModel& state, tf::Diagnostics& diags) {
  wandb::OperatorSettings settings;
  settings.name = state.name.value();
  settings.ns = state.ns.value();
  const auto live = client.Get(
      ctx, kube::DeploymentRef(settings.ns,
                               wandb::OperatorDeploymentName(settings)));
  if (live.ok() && wandb::IsOperatorDeployment(*live)) {
    wandb::ReadOperatorSettings(*live, settings);
    settings.custom_ca_certs = CertificatesOf(ctx, client, settings.ns, *live);
    LeaveOutInvalid(settings, diags);
  }
  state.image = ModelOf(settings.image);
  state.airgapped = settings.airgapped;
  if (!settings.release_channel_url.empty()) {
    state.release_channel_url = settings.release_channel_url;
  }
  if (!settings.custom_ca_certs.empty()) {
    state.custom_ca_certs = settings.custom_ca_certs;
  }
}

}  // namespace resources
