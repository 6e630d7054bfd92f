#include "resources/operator/takeover_loss.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/managed_fields.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Json kFresh = Json::parse(R"({"spec": {
    "replicas": 1,
    "template": {"spec": {
      "dnsPolicy": "ClusterFirst",
      "containers": [{"name": "manager", "image": "new",
                      "env": [{"name": "A", "value": "1"}]}]}}}})");

TEST(LostPathsTest, AreThoseThatANewObjectLacks) {
  Json live = kFresh;
  Json& pod = live["spec"]["template"]["spec"];
  pod["containers"][0]["image"] = "old";  // Changed, and not lost.
  pod["containers"][0]["env"].push_back({{"name", "PROXY"}, {"value", "p"}});
  pod["containers"][0]["volumeMounts"] =
      Json::array({{{"name", "v"}, {"mountPath", "/v"}}});
  pod["containers"].push_back({{"name", "sidecar"}, {"image", "s"}});
  pod["nodeSelector"] = {{"pool", "ops"}};
  pod["tolerations"] = Json::array({{{"key", "k"}}});
  pod["runtimeClassName"] = "x";
  const std::string at = ".spec.template.spec";
  EXPECT_THAT(
      LostPaths(live, kFresh,
                {at + ".containers[name=\"manager\"].env[name=\"PROXY\"].value",
                 at + ".containers[name=\"manager\"].volumeMounts["
                      "mountPath=\"/v\"].name",
                 at + ".containers[name=\"sidecar\"].image", at + ".dnsPolicy",
                 at + ".nodeSelector", at + ".tolerations"},
                {}),
      ElementsAre(at + ".containers[name=\"manager\"].env[name=\"PROXY\"]",
                  at + ".containers[name=\"manager\"].volumeMounts",
                  at + ".containers[name=\"sidecar\"]", at + ".nodeSelector",
                  at + ".tolerations"));
  // What others hold stays.
  EXPECT_THAT(LostPaths(live, kFresh, {}, {}), IsEmpty());
  EXPECT_THAT(LostPaths(kFresh, kFresh, {at + ".dnsPolicy"}, {}), IsEmpty());
}

TEST(LostPathsTest, AreNoneThatAnotherManagerKeeps) {
  Json live = kFresh;
  Json& pod = live["spec"]["template"]["spec"];
  pod["nodeSelector"] = {{"pool", "ops"}};
  pod["dns"] = "x";  // Its name begins that of another field.
  pod["containers"].push_back(
      {{"name", "sidecar"}, {"image", "s"}, {"stdin", true}});
  const std::string at = ".spec.template.spec";
  const std::string sidecar = at + ".containers[name=\"sidecar\"]";
  const std::vector<std::string> owned = {sidecar + ".image", sidecar + ".name",
                                          sidecar + ".stdin", at + ".dnsPolicy",
                                          at + ".nodeSelector.pool"};
  EXPECT_THAT(LostPaths(live, kFresh, owned, {at + ".nodeSelector.pool"}),
              ElementsAre(sidecar));
  EXPECT_THAT(LostPaths(live, kFresh, owned,
                        {sidecar + ".image", sidecar + ".name",
                         at + ".nodeSelector.pool"}),
              ElementsAre(sidecar + ".stdin"));
  EXPECT_THAT(LostPaths(live, kFresh, owned, owned), IsEmpty());
}

// As the server does, so that what is owned of them is found.
TEST(LostPathsTest, PortsAreToldApartByNumberAndProtocol) {
  const auto port = [](int number, const char* protocol, const char* name) {
    return Json{
        {"containerPort", number}, {"protocol", protocol}, {"name", name}};
  };
  Json fresh = kFresh, live = kFresh;
  const auto ports = [](Json& object) -> Json& {
    return object["spec"]["template"]["spec"]["containers"][0]["ports"];
  };
  ports(fresh) = Json::array({port(80, "TCP", "new")});
  ports(live) = Json::array({port(80, "TCP", "old"),
                             port(80, "UDP", "new"),
                             {{"containerPort", 81}, {"protocol", "TCP"}}});
  const std::string at =
      ".spec.template.spec.containers[name=\"manager\"].ports";
  const std::string udp = at + "[containerPort=80,protocol=\"UDP\"]";
  const std::string unnamed = at + "[containerPort=81,protocol=\"TCP\"]";
  EXPECT_THAT(LostPaths(live, fresh,
                        {at + "[containerPort=80,protocol=\"TCP\"].name",
                         udp + ".name", unnamed + ".containerPort"},
                        {}),
              ElementsAre(udp, unnamed));
}

// Though its elements have names.
TEST(LostPathsTest, AListThatIsOneFieldIsOnePath) {
  Json fresh = kFresh, live = kFresh;
  const char kList[] = "/spec/template/spec/securityContext/sysctls";
  fresh[Json::json_pointer(kList)] = Json::array({{{"name", "a"}}});
  live[Json::json_pointer(kList)] =
      Json::array({{{"name", "a"}}, {{"name", "b"}}});
  const std::string at = ".spec.template.spec.securityContext.sysctls";
  EXPECT_THAT(LostPaths(live, fresh, {at}, {}), ElementsAre(at));
}

class TakeoverLossTest : public OperatorTest {};

TEST_F(TakeoverLossTest, ThePlanAfterAnImportNamesWhatTheApplyTakesAway) {
  InstallByHelm("wandb");
  const kube::ObjectRef ref =
      kube::DeploymentRef("wandb", "wandb-controller-manager");
  Json live = client_->Stored(ref);
  live["spec"]["template"]["spec"]["nodeSelector"] = {{"pool", "ops"}};
  client_->Put(ref, live, "helm");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_THAT(Text(plan.diags),
              AllOf(HasSubstr("take settings away from Deployment "
                              "\"wandb/wandb-controller-manager\""),
                    HasSubstr(".spec.template.spec.nodeSelector, set by field "
                              "manager \"helm\"")));
  const tf::RawApply applied = Change(read.state, Make({}), read.private_data);
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  EXPECT_FALSE(client_->Stored(ref)["spec"]["template"]["spec"].contains(
      "nodeSelector"));
  // Once taken over, no more is said.
  const tf::RawRead again = Read(applied.state, applied.private_data);
  EXPECT_THAT(Text(Plan(again.state, Make({{"airgapped", Flag(true)}}),
                        again.private_data)
                       .diags),
              Not(HasSubstr("take settings away")));
}

TEST_F(TakeoverLossTest, WhatAnotherManagerAppliesMeanwhileIsNoLoss) {
  InstallByHelm("wandb");
  const kube::ObjectRef ref =
      kube::DeploymentRef("wandb", "wandb-controller-manager");
  Json live = client_->Stored(ref);
  live["spec"]["template"]["metadata"]["annotations"]["team"] = "ops";
  live["spec"]["template"]["spec"]["nodeSelector"] = {{"pool", "ops"}};
  live["spec"]["template"]["spec"]["runtimeClassName"] = "x";
  client_->Put(ref, live, "helm");
  const tf::RawRead read = Import("wandb/wandb");
  // As the warning advises.
  const Json theirs = Json::parse(R"({
      "apiVersion": "apps/v1", "kind": "Deployment",
      "metadata": {"namespace": "wandb", "name": "wandb-controller-manager"},
      "spec": {"template": {
        "metadata": {"annotations": {"team": "ops"}},
        "spec": {"nodeSelector": {"pool": "ops"}}}}})");
  ASSERT_TRUE(
      client_->Apply({}, ref, theirs, {.field_manager = "platform"}).ok());
  const std::string text =
      Text(Plan(read.state, Make({}), read.private_data).diags);
  EXPECT_THAT(text, AllOf(HasSubstr(".spec.template.spec.runtimeClassName"),
                          Not(HasSubstr("annotations")),
                          Not(HasSubstr("nodeSelector"))));
  const tf::RawApply applied = Change(read.state, Make({}), read.private_data);
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  const Json after = client_->Stored(ref)["spec"]["template"];
  EXPECT_EQ(after["metadata"]["annotations"]["team"], "ops");
  EXPECT_EQ(after["spec"]["nodeSelector"], Json({{"pool", "ops"}}));
  EXPECT_FALSE(after["spec"].contains("runtimeClassName"));
}

}  // namespace
}  // namespace resources
