// Data source wandb_instance, read as the plugin reads it.
#include "resources/data/instance.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "kube/object_ref.h"
#include "resources/values.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class InstanceDataTest : public testing::Test {
 protected:
  InstanceDataTest() {
    client_->Put(
        kube::DeploymentRef("wandb", "wandb-controller-manager"),
        {{"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
         {"spec",
          {{"replicas", 1},
           {"template",
            {{"spec",
              {{"containers",
                {{{"name", "manager"},
                  {"image", "wandb/controller:1.22.0"},
                  {"env",
                   {{{"name", "AIRGAPPED"}, {"value", "true"}}}}}}}}}}}}}});
    client_->Put(Ref(), {{"apiVersion", "apps.wandb.com/v1"},
                         {"kind", "WeightsAndBiases"},
                         {"spec", {{"chart", Chart()}, {"values", values_}}},
                         {"status", {{"phase", "Completed"}}}});
    PutSecret("wandb-spec-active", Chart(), Applied(values_));
  }

  static kube::ObjectRef Ref() {
    return {"apps.wandb.com", "v1", "weightsandbiases", "default", "wandb"};
  }
  static Json Chart() { return {{"path", "/charts/operator-wandb"}}; }
  static Json Applied(Json values) {
    values["global"]["operator"] = {{"apiVersion", "apps.wandb.com/v1"},
                                    {"namespace", "wandb"}};
    return values;
  }
  void PutSecret(const std::string& name, const Json& chart,
                 const Json& values) {
    client_->Put(kube::SecretRef("default", name),
                 {{"kind", "Secret"},
                  {"metadata",
                   {{"ownerReferences",
                     {{{"apiVersion", "apps.wandb.com/v1"},
                       {"kind", "WeightsAndBiases"},
                       {"name", "wandb"},
                       {"uid", kube::UidOf(client_->Stored(Ref()))}}}}}},
                  {"data",
                   {{"values", absl::Base64Escape(values.dump())},
                    {"chart", absl::Base64Escape(chart.dump())}}}});
  }
  void PutWorkload(int ready, const std::string& image) {
    client_->Put(kube::DeploymentRef("default", "wandb-app"),
                 {{"kind", "Deployment"},
                  {"metadata",
                   {{"generation", 1},
                    {"labels",
                     {{"app.kubernetes.io/managed-by", "Helm"},
                      {"app.kubernetes.io/instance", "wandb"}}}}},
                  {"spec",
                   {{"replicas", 2},
                    {"template",
                     {{"spec",
                       {{"initContainers", {{{"image", "init:1"}}}},
                        {"containers", {{{"image", image}}}}}}}}}},
                  {"status",
                   {{"observedGeneration", 1},
                    {"replicas", 2},
                    {"updatedReplicas", 2},
                    {"readyReplicas", ready},
                    {"availableReplicas", ready}}}});
  }
  tf::RawData Read(std::map<std::string, Value> config = {}) const {
    const auto source =
        NewInstanceDataSource(std::make_shared<support::FakeSession>(client_));
    tf::RawData call;
    config.emplace("airgapped", Value::Bool(true));
    call.config =
        Value::ObjectOf(source->schema().ImpliedType(), std::move(config));
    source->Validate(call.config, call.diags);
    if (!call.diags.HasError()) source->Read({}, call);
    return call;
  }

  const Json values_ = {
      {"app", {{"image", {{"tag", "0.75.0"}}}}},
      {"global",
       {{"host", "https://w.example"}, {"license", "hunter2hunter2"}}}};
  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
};

TEST_F(InstanceDataTest, SaysWhatRuns) {
  PutWorkload(2, "wandb/local:0.75.0");
  const tf::RawData call = Read();
  EXPECT_THAT(call.diags.items(), IsEmpty());
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["id"], "default/wandb");
  EXPECT_EQ(state["phase"], "Completed");
  EXPECT_EQ(state["ready"], true);
  EXPECT_EQ(state["url"], "https://w.example");
  EXPECT_EQ(state["version"], "0.75.0");
  EXPECT_EQ(state["effective_chart"]["path"], "/charts/operator-wandb");
  EXPECT_EQ(state["effective_origin"]["app.image.tag"], "custom_resource");
  EXPECT_EQ(state["configured_values"]["app.image.tag"], "0.75.0");
  EXPECT_EQ(state["workloads"],
            (Json{{"Deployment/wandb-app",
                   {{"ready", 2},
                    {"desired", 2},
                    {"reason", ""},
                    {"images", {"init:1", "wandb/local:0.75.0"}}}}}));
  EXPECT_EQ(state["images"], (Json{"init:1", "wandb/local:0.75.0"}));
  EXPECT_THAT(state.dump(), Not(HasSubstr("hunter2")));
}

TEST_F(InstanceDataTest, AManagedSpecIsReadWhereTheOperatorTakesIt) {
  PutWorkload(2, "wandb/local:0.75.0");
  Json layer = {{"b", 2}};
  const auto put = [&](const std::string& values) {
    client_->Put(kube::ConfigMapRef("default", "wandb-spec-managed"),
                 {{"kind", "ConfigMap"},
                  {"metadata",
                   {{"name", "wandb-spec-managed"}, {"namespace", "default"}}},
                  {"data", {{"values", values}, {"chart", Chart().dump()}}}});
  };
  put(layer.dump());
  EXPECT_FALSE((*TreeOf(Read().state))["effective_values"].contains("b"));
  const kube::ObjectRef ref =
      kube::DeploymentRef("wandb", "wandb-controller-manager");
  Json deployment = client_->Stored(ref);
  deployment["spec"]["template"]["spec"]["containers"][0]["args"] = {
      "--managed-spec-enabled"};
  client_->Put(ref, deployment);
  Json both = values_;
  both["b"] = 2;
  PutSecret("wandb-spec-active", Chart(), Applied(both));
  const tf::RawData call = Read();
  EXPECT_THAT(call.diags.items(), IsEmpty());
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["effective_origin"]["b"], "managed_spec");
  EXPECT_EQ(state["ready"], true);
  put("[]");
  EXPECT_THAT(Read().diags.items(),
              Contains(Field(&tf::Diagnostic::summary,
                             HasSubstr("does not use the managed spec"))));
}

TEST_F(InstanceDataTest, WhatIsNotRolledOutIsNotReady) {
  PutWorkload(1, "wandb/local:0.75.0");
  const tf::RawData call = Read();
  EXPECT_THAT(call.diags.items(), IsEmpty());
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["ready"], false);
  EXPECT_THAT(state["workloads"]["Deployment/wandb-app"]["reason"],
              Not(Json("")));
}

TEST_F(InstanceDataTest, ASpecificationThatIsNotAppliedIsNotReady) {
  PutWorkload(2, "wandb/local:0.75.0");
  PutSecret("wandb-spec-active", Chart(),
            Applied({{"app", {{"image", {{"tag", "0.74.0"}}}}}}));
  const tf::RawData call = Read();
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_FALSE(call.diags.items()[0].path.has_value());
  EXPECT_EQ((*TreeOf(call.state))["ready"], false);
}

TEST_F(InstanceDataTest, NoWorkloadsAreNotReady) {
  const Json state = *TreeOf(Read().state);
  EXPECT_EQ(state["ready"], false);
  EXPECT_EQ(state["workloads"], Json::object());
}

TEST_F(InstanceDataTest, WhatMayNotBeReadIsNullWithAWarning) {
  PutWorkload(2, "wandb/local:0.75.0");
  client_->FailAlways({"", "v1", "secrets", "default", "wandb-spec-active"},
                      absl::PermissionDeniedError("no"));
  client_->FailAlways({"apps", "v1", "daemonsets", "default", ""},
                      absl::PermissionDeniedError("no"));
  const tf::RawData call = Read();
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_THAT(
      call.diags.items(),
      AllOf(Contains(Field(&tf::Diagnostic::summary,
                           "The operator's Secrets of default/wandb cannot be "
                           "read")),
            Contains(Field(&tf::Diagnostic::summary,
                           "The workloads of default/wandb cannot be read"))));
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["ready"], nullptr);
  EXPECT_EQ(state["effective_values"], nullptr);
  EXPECT_EQ(state["workloads"], nullptr);
  EXPECT_EQ(state["images"], nullptr);
}

TEST_F(InstanceDataTest, OneThatIsNotThereIsAnErrorThatSaysHowToFindIt) {
  const tf::RawData call = Read({{"name", Value::String("other")}});
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "There is no instance default/other");
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("Set namespace and name"),
                    HasSubstr("kubectl get weightsandbiases")));
}

TEST_F(InstanceDataTest, AnOperatorThatIsStoppedIsSaid) {
  PutWorkload(2, "wandb/local:0.75.0");
  const kube::ObjectRef ref =
      kube::DeploymentRef("wandb", "wandb-controller-manager");
  Json manager = client_->Stored(ref);
  manager["spec"]["replicas"] = 0;
  client_->Put(ref, manager);
  const tf::RawData call = Read();
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_EQ(call.diags.items()[0].summary, "The W&B operator is not running");
}

}  // namespace
}  // namespace resources
