// wandb_operator on a fake cluster, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "provider/cty/codec.h"
#include "resources/operator/model.h"
#include "resources/operator/resource.h"
#include "resources/owner.h"
#include "tests/support/resource_fixture.h"
#include "wandb/operator/manifests.h"

namespace resources {

inline kube::ObjectRef Deployment() {
  return kube::DeploymentRef("wandb", "wandb-controller-manager");
}

// Rolls out at once what a real cluster rolls out in time.
inline void PlayControllers(support::FakeClient& client) {
  client.OnWrite(
      [&client](const kube::ObjectRef& ref, const base::Json& object) {
        if (object.is_null() || kube::IsTerminating(object)) return;
        base::Json with_status = object;
        if (ref.resource == "deployments") {
          with_status["status"] = {
              {"observedGeneration", object["metadata"]["generation"]},
              {"replicas", 1},
              {"updatedReplicas", 1},
              {"readyReplicas", 1},
              {"availableReplicas", 1}};
        } else if (ref.resource == "customresourcedefinitions") {
          with_status["status"]["conditions"] = {
              {{"type", "NamesAccepted"}, {"status", "True"}},
              {{"type", "Established"}, {"status", "True"}}};
        } else {
          return;
        }
        client.Put(ref, with_status, "controller");
      });
}

class OperatorTest : public ResourceTest {
 protected:
  OperatorTest() : ResourceTest(&NewOperatorResource) {
    PlayControllers(*client_);
  }

  static cty::Value Image(Fields fields) {
    return cty::Value::ObjectOf(
        tf::Codec<OperatorModel>::type().attributes().at("image"),
        std::move(fields));
  }
  // An attribute's value, from JSON with what is not null of it.
  static cty::Value Of(const std::string& attribute, const base::Json& json) {
    const cty::Type& type =
        tf::Codec<OperatorModel>::type().attributes().at(attribute);
    return type.IsDynamic()
               ? cty::FromJson(json).value()
               : cty::DecodeJson(base::DumpJson(json), type).value();
  }
  // Objects as Helm makes them.
  void InstallByHelm(const std::string& ns) const {
    const auto manifests =
        wandb::OperatorManifests(wandb::OperatorSettings{.ns = ns});
    for (base::Json manifest : *manifests) {
      manifest = WithoutOwner(manifest);
      manifest["metadata"]["annotations"] = {
          {"meta.helm.sh/release-name", "operator"},
          {"meta.helm.sh/release-namespace", ns}};
      if (manifest["kind"] == "CustomResourceDefinition") {
        manifest["status"]["conditions"] = {
            {{"type", "NamesAccepted"}, {"status", "True"}},
            {{"type", "Established"}, {"status", "True"}}};
      }
      client_->Put(*kube::RefOf(manifest), manifest, "helm");
    }
  }
  tf::RawRead Import(const std::string& id) const {
    tf::RawImport import{.id = id};
    resource_->Import({}, import);
    return Read(import.state, import.private_data);
  }
  static std::string Text(const tf::Diagnostics& diags) {
    std::string text;
    for (const auto& item : diags.items()) {
      absl::StrAppend(&text, item.summary, "\n", item.detail, "\n");
    }
    return text;
  }

  cty::Value Planned(Fields fields) const {
    const tf::RawPlan call = Plan(Nothing(), Make(std::move(fields)));
    EXPECT_FALSE(call.diags.HasError());
    return call.planned;
  }
};

}  // namespace resources
