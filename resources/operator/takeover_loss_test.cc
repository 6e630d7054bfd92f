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
                 at + ".nodeSelector", at + ".tolerations"}),
      ElementsAre(at + ".containers[name=\"manager\"].env[name=\"PROXY\"]",
                  at + ".containers[name=\"manager\"].volumeMounts",
                  at + ".containers[name=\"sidecar\"]", at + ".nodeSelector",
                  at + ".tolerations"));
  // What others hold stays.
  EXPECT_THAT(LostPaths(live, kFresh, {}), IsEmpty());
  EXPECT_THAT(LostPaths(kFresh, kFresh, {at + ".dnsPolicy"}), IsEmpty());
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
                    HasSubstr(".spec.template.spec.nodeSelector")));
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

}  // namespace
}  // namespace resources
