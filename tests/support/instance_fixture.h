// wandb_instance on a fake cluster, through the calls that core makes: for
// tests. Whatever is planned or applied here also passes core's own checks.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "provider/tf/core_rules.h"
#include "resources/instance/compile.h"
#include "resources/instance/instance_resource.h"
#include "resources/instance/model.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"

namespace resources {

using Fields = std::map<std::string, cty::Value>;

inline const cty::Type kString = cty::Type::String();

inline cty::Value Str(const std::string& text) {
  return cty::Value::String(text);
}
inline cty::Value Int(int64_t value) { return cty::Value::Int(value); }
inline cty::Value Flag(bool value) { return cty::Value::Bool(value); }
inline cty::Value UnknownStr() { return cty::Value::Unknown(kString); }
inline cty::Value Map(Fields fields) {
  return cty::Value::Object(std::move(fields));
}

class InstanceTest : public ::testing::Test {
 protected:
  // Without warnings about values, whose keys are made up in most tests.
  cty::Value Make(Fields fields) const {
    fields.emplace("checks", Str("off"));
    return cty::Value::ObjectOf(resource_->schema().ImpliedType(),
                                std::move(fields));
  }
  cty::Value Nothing() const {
    return cty::Value::Null(resource_->schema().ImpliedType());
  }

  // What core proposes: configured values, else prior ones where computed.
  // Enough for this schema: nothing is computed inside its nested attributes.
  cty::Value Proposed(const cty::Value& prior, const cty::Value& config) const {
    if (!prior.IsKnown() || !config.IsKnown()) return config;
    Fields fields = config.fields();
    for (const tf::Attribute& attribute : resource_->schema().attributes) {
      cty::Value& value = fields[attribute.name];
      if (value.IsNull() && attribute.computed()) {
        value = prior.At(attribute.name);
      }
    }
    return Make(std::move(fields));
  }

  tf::RawPlan Plan(const cty::Value& prior, const cty::Value& config,
                   base::Json private_data = base::Json::object()) const {
    tf::RawPlan call{.config = config,
                     .prior = prior,
                     .proposed = Proposed(prior, config),
                     .private_data = std::move(private_data)};
    resource_->Plan({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(
          tf::PlanFaults(resource_->schema(), prior, config, call.planned),
          ::testing::IsEmpty());
    }
    return call;
  }
  tf::RawPlan PlanCreate(Fields fields) const {
    return Plan(Nothing(), Make(std::move(fields)));
  }

  tf::RawApply Apply(const cty::Value& prior, const cty::Value& config,
                     const tf::RawPlan& plan) const {
    tf::RawApply call{.config = config,
                      .prior = prior,
                      .planned = plan.planned,
                      .private_data = plan.private_data};
    resource_->Apply({}, call);
    if (!call.diags.HasError()) {
      EXPECT_THAT(
          tf::ApplyFaults(resource_->schema(), plan.planned, call.state),
          ::testing::IsEmpty());
    }
    return call;
  }
  tf::RawRead Read(const cty::Value& state, base::Json private_data) const {
    tf::RawRead call{.state = state, .private_data = std::move(private_data)};
    resource_->Read({}, call);
    return call;
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
    RecordedLayers layers;
    layers.channel = wandb::SpecLayer{
        {{"url", "https://charts.test"}, {"name", "operator-wandb"}},
        std::move(channel_values),
        nullptr};
    layers.ToPrivate(plan.private_data);
    out.private_data = plan.private_data;
    InstanceModel model = tf::Codec<InstanceModel>::Decode(plan.planned);
    const Compiled compiled = Compile(model);
    SetEffective(EffectiveOf(model, compiled.layer(), layers), compiled.mask,
                 model);
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

  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
  std::shared_ptr<support::FakeSession> session_ =
      std::make_shared<support::FakeSession>(
          std::shared_ptr<kube::Client>(client_));
  std::unique_ptr<tf::Resource> resource_ = NewInstanceResource(session_);
};

}  // namespace resources
