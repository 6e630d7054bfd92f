// wandb_instance on a fake cluster, for tests.
#pragma once

#include <string>
#include <utility>

#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "resources/instance/private_data.h"
#include "resources/instance/resource.h"
#include "tests/support/resource_fixture.h"

namespace resources {

class InstanceTest : public ResourceTest {
 protected:
  InstanceTest() : ResourceTest(&NewInstanceResource) {}

  // Without warnings about values, whose keys are made up in most tests, and
  // without a chart in many.
  cty::Value Make(Fields fields) const {
    fields.emplace("checks", Str("off"));
    fields.emplace("check_levels",
                   cty::Value::Map(kString, {{"chart-missing", Str("off")}}));
    return ResourceTest::Make(std::move(fields));
  }
  tf::RawPlan PlanCreate(Fields fields) const {
    return Plan(Nothing(), Make(std::move(fields)));
  }

  // State and private data of an instance that was applied with `fields` and
  // seen ready, over the release channel's `values`.
  struct Applied {
    cty::Value config, state;
    base::Json private_data;
  };
  Applied Ready(Fields fields,
                base::Json channel_values = base::Json::object()) const {
    Applied out;
    out.config = Make(std::move(fields));
    tf::RawPlan plan = Plan(Nothing(), out.config);
    InstanceNotes notes = InstanceNotes::From(plan.private_data);
    notes.layers.channel = wandb::SpecLayer{
        {{"url", "https://charts.test"}, {"name", "operator-wandb"}},
        std::move(channel_values),
        nullptr};
    notes.To(plan.private_data);
    out.private_data = plan.private_data;
    InstanceModel model = tf::Codec<InstanceModel>::Decode(plan.planned);
    const Desired desired(model);
    SetEffective(EvaluateOver(desired, notes.layers).effective,
                 desired.compiled.mask, model);
    model.uid = std::string("uid-1");
    model.generation = 1;
    model.phase = std::string("Completed");
    model.ready = true;
    out.state = tf::Codec<InstanceModel>::Encode(model);
    EXPECT_TRUE(out.state.IsWhollyKnown());
    return out;
  }

  // The Deployment of an operator, as air-gapped as the instance says.
  void PutOperator(bool airgapped) const {
    client_->Put(
        kube::DeploymentRef("wandb", "wandb-controller-manager"),
        {{"kind", "Deployment"},
         {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
         {"spec",
          {{"template",
            {{"spec",
              {{"containers",
                {{{"name", "manager"},
                  {"image", "wandb/controller:1.22.0"},
                  {"env",
                   {{{"name", "AIRGAPPED"},
                     {"value", airgapped ? "true" : "false"}}}}}}}}}}}}}});
  }

  static kube::ObjectRef Ref() {
    return {"apps.wandb.com", "v1", "weightsandbiases", "default", "wandb"};
  }
};

}  // namespace resources
