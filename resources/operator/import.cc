#include "resources/operator/import.h"

#include <string>
#include <utility>
#include <vector>

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

}  // namespace

void FillImported(const base::Context& ctx, kube::Client& client,
                  OperatorModel& state) {
  wandb::OperatorSettings settings;
  settings.name = state.name.value();
  settings.ns = state.ns.value();
  const auto live = client.Get(
      ctx, kube::DeploymentRef(settings.ns,
                               wandb::OperatorDeploymentName(settings)));
  if (live.ok() && wandb::IsOperatorDeployment(*live)) {
    wandb::ReadOperatorSettings(*live, settings);
    settings.custom_ca_certs = CertificatesOf(ctx, client, settings.ns, *live);
    // What no configuration could say is none of the arguments.
    if (!wandb::CheckOperatorSettings(settings).ok()) {
      settings.custom_ca_certs.clear();
    }
    if (!wandb::CheckOperatorSettings(settings).ok()) {
      settings = {.name = settings.name, .ns = settings.ns};
    }
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
