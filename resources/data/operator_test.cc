// Data source wandb_operator, read as the plugin reads it.
#include "resources/data/operator.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "kube/object_ref.h"
#include "resources/values.h"
#include "tests/support/fake_client.h"
#include "tests/support/fake_session.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;
using cty::Value;
using testing::AllOf;
using testing::HasSubstr;

class OperatorDataTest : public testing::Test {
 protected:
  // Of the operator `name` in namespace `ns`.
  tf::RawData Read(const char* ns, const char* name) const {
    const auto source =
        NewOperatorDataSource(std::make_shared<support::FakeSession>(client_));
    tf::RawData call;
    call.config = Value::ObjectOf(
        source->schema().ImpliedType(),
        {{"namespace", Value::String(ns)}, {"name", Value::String(name)}});
    source->Validate(call.config, call.diags);
    if (!call.diags.HasError()) source->Read({}, call);
    return call;
  }

  void PutDeployment(const char* ns, const Json& container,
                     const Json& status = Json::object()) {
    client_->Put(kube::DeploymentRef(ns, "wandb-controller-manager"),
                 {{"spec",
                   {{"replicas", 2},
                    {"template", {{"spec", {{"containers", {container}}}}}}}},
                  {"status", status}});
  }

  const std::shared_ptr<support::FakeClient> client_ =
      std::make_shared<support::FakeClient>();
};

TEST_F(OperatorDataTest, SaysHowAnOperatorThatHelmMadeWorks) {
  PutDeployment(
      "ns",
      {{"name", "manager"},
       {"image", "wandb/controller:1.20.1"},
       {"args", {"--isolation-namespaces=a,b"}},
       {"env",
        {{{"name", "AIRGAPPED"}, {"value", "true"}},
         {{"name", "DEPLOYER_CHANNEL_URL"}, {"value", "https://d.example"}}}}},
      {{"replicas", 2}, {"readyReplicas", 1}, {"updatedReplicas", 2}});
  const tf::RawData call = Read("ns", "wandb");
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(*TreeOf(call.state),
            (Json{{"namespace", "ns"},
                  {"name", "wandb"},
                  {"id", "ns/wandb"},
                  {"image", "wandb/controller:1.20.1"},
                  {"replicas", 2},
                  {"ready_replicas", 1},
                  {"airgapped", true},
                  {"namespaces", {"a", "b"}},
                  {"release_channel_url", "https://d.example"}}));
}

TEST_F(OperatorDataTest, WhatTheDeploymentDoesNotSayIsNull) {
  PutDeployment("wandb", {{"name", "manager"},
                          {"image", "wandb/controller:1.22.0"},
                          {"envFrom", {{{"configMapRef", {{"name", "c"}}}}}}});
  const tf::RawData call = Read("wandb", "wandb");
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  const Json state = *TreeOf(call.state);
  EXPECT_EQ(state["airgapped"], nullptr);
  EXPECT_EQ(state["namespaces"], nullptr);
  EXPECT_EQ(state["ready_replicas"], 0);
}

TEST_F(OperatorDataTest, AnotherProgramIsAnErrorThatNamesTheDeployment) {
  PutDeployment("ns", {{"name", "manager"}, {"image", "other:1"}});
  const tf::RawData call = Read("ns", "wandb");
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("\"ns/wandb-controller-manager\""),
                    HasSubstr("Set name and namespace")));
}

TEST_F(OperatorDataTest, NoDeploymentIsAnErrorThatNamesIt) {
  const tf::RawData call = Read("ns", "other");
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.diags.items()[0].summary, "Cannot read operator ns/other");
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("\"other-controller-manager\" not found"),
                    HasSubstr("Set namespace and name"),
                    HasSubstr("kubectl get deployments --all-namespaces "
                              "--selector=control-plane=controller-manager")));
}

}  // namespace
}  // namespace resources
