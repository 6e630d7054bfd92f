#include "resources/data/operator.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/never_destroyed.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "provider/tf/validators.h"
#include "resources/computed.h"
#include "resources/connection/connect.h"
#include "resources/report.h"
#include "wandb/operator/deployment.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using tf::Attr;
using tf::Bind;

constexpr absl::Duration kTimeout = absl::Minutes(1);

struct OperatorDataModel {
  tf::Defaulted<std::string> ns = std::string(wandb::kOperatorNamespace);
  tf::Defaulted<std::string> name = std::string(wandb::kOperatorName);
  Attr<std::string> id, image, release_channel_url;
  Attr<std::int64_t> replicas, ready_replicas;
  Attr<bool> airgapped;
  Attr<std::vector<std::string>> namespaces;

  static const tf::Bindings<OperatorDataModel>& Fields();
};

const tf::Bindings<OperatorDataModel>& OperatorDataModel::Fields() {
  using M = OperatorDataModel;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(tf::Bindings<M>{
      Bind("namespace", &M::ns,
           {.doc = "Namespace of the operator. Default `wandb`.",
            .validators = {tf::DnsLabel()}}),
      Bind("name", &M::name,
           {.doc = "Name of the operator: its Deployment is "
                   "`<name>-controller-manager`. Default `wandb`.",
            .validators = {tf::DnsLabel()}}),
      Bind("id", &M::id,
           Shown("`namespace/name`, as `operator` of `wandb_instance` takes "
                 "it.")),
      Bind("image", &M::image, Shown("Image of the manager.")),
      Bind("replicas", &M::replicas,
           Shown("How many managers there are to be; 0: it is stopped.")),
      Bind("ready_replicas", &M::ready_replicas,
           Shown("How many of them are ready.")),
      Bind("airgapped", &M::airgapped,
           Shown("Whether it never asks the release channel. Null where the "
                 "Deployment does not say it, as with a value from a "
                 "ConfigMap.")),
      Bind("namespaces", &M::namespaces,
           Shown("Namespaces whose instances it runs; empty for all. Null "
                 "where the Deployment does not say it.")),
      Bind("release_channel_url", &M::release_channel_url,
           Shown("Base URL of its release channel; empty for W&B's.")),
  });
  return *kFields;
}

class OperatorData final : public tf::TypedDataSource<OperatorDataModel> {
 public:
  explicit OperatorData(std::shared_ptr<const Session> session)
      : TypedDataSource("wandb_operator",
                        "An operator that is in the cluster, whoever installed "
                        "it: Helm, `wandb_operator`, or manifests."),
        session_(std::move(session)) {}

 protected:
  void ReadData(const base::Context& parent,
                tf::DataCall<OperatorDataModel>& call) const override {
    OperatorDataModel& model = call.model;
    const auto client = ClientOrReport(*session_, call.diags);
    if (client == nullptr) return;
    const wandb::OperatorSettings named{.name = model.name.value(),
                                        .ns = model.ns.value()};
    const kube::ObjectRef ref =
        kube::DeploymentRef(named.ns, wandb::OperatorDeploymentName(named));
    const auto live = client->Get(parent.WithTimeout(kTimeout), ref);
    if (!live.ok()) {
      return call.diags.AddError(
          absl::StrCat("Cannot read operator ", named.ns, "/", named.name),
          Explain(OfFixedTime(live.status()), *session_,
                  wandb::Scrubber(std::vector<std::string>()),
                  HowToFind(live.status())));
    }
    if (!wandb::IsOperatorDeployment(*live)) {
      return call.diags.AddError(
          "This is no W&B operator",
          absl::StrCat(kube::Describe(ref),
                       " runs another program than W&B's operator of "
                       "generation 1. Set name and namespace to those of "
                       "the operator."));
    }
    Show(*live, model);
  }

 private:
  // "" where the Deployment may well be there.
  static std::string HowToFind(const absl::Status& status) {
    if (!absl::IsNotFound(status) && !kube::IsNamespaceMissing(status)) {
      return "";
    }
    return absl::StrCat(
        "Set namespace and name to those of the operator, whose Deployment is "
        "NAME-controller-manager. To see which there are: kubectl get "
        "deployments --all-namespaces --selector=",
        wandb::kOperatorSelector);
  }

  static void Show(const Json& deployment, OperatorDataModel& model) {
    const wandb::OperatorTraits traits =
        wandb::ReadOperatorDeployment(deployment);
    wandb::OperatorSettings settings;
    wandb::ReadOperatorSettings(deployment, settings);
    model.id = absl::StrCat(model.ns.value(), "/", model.name.value());
    model.image = wandb::ManagerImage(deployment);
    model.replicas = traits.replicas;
    model.ready_replicas =
        base::IntAt(deployment, "/status/readyReplicas").value_or(0);
    if (traits.airgapped.has_value()) model.airgapped = *traits.airgapped;
    if (traits.namespaces.has_value()) model.namespaces = *traits.namespaces;
    model.release_channel_url = settings.release_channel_url;
  }

  const std::shared_ptr<const Session> session_;
};

}  // namespace

std::unique_ptr<tf::DataSource> NewOperatorDataSource(
    std::shared_ptr<const Session> session) {
  return std::make_unique<OperatorData>(std::move(session));
}

}  // namespace resources
