// wandb_operator on a fake cluster, for tests.
#pragma once

#include <utility>

#include "resources/operator/model.h"
#include "resources/operator/operator_resource.h"
#include "tests/support/resource_fixture.h"

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
    return cty::Value::ObjectOf(tf::Codec<ImageModel>::type(),
                                std::move(fields));
  }
  cty::Value Planned(Fields fields) const {
    const tf::RawPlan call = Plan(Nothing(), Make(std::move(fields)));
    EXPECT_FALSE(call.diags.HasError());
    return call.planned;
  }
};

}  // namespace resources
