// When the wait of a wandb_instance ends for a fault of the operator.
#include "resources/instance/readiness.h"

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/fake_replies.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ReadinessTest, AnOperatorWithoutReplicasEndsTheWaitEarly) {
  PutInstance();
  PutOperator([](Json& d) {
    d["spec"]["replicas"] = 0;
    d["status"] = {{"observedGeneration", 99}};
  });
  const Readiness readiness = Await(kQuick);
  EXPECT_FALSE(readiness.ready);
  EXPECT_EQ(readiness.summary, "The W&B operator is not running");
  EXPECT_THAT(Details(readiness),
              AllOf(HasSubstr("scaled to 0 replicas"),
                    HasSubstr("wandb/wandb-controller-manager"),
                    Not(HasSubstr("timeouts"))));
}

TEST_F(ReadinessTest, AnOperatorThatDoesNotExistEndsTheWaitEarly) {
  PutInstance();
  client_->Remove(kDeployment);
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary, "The W&B operator is not running");
  EXPECT_THAT(Details(readiness),
              AllOf(HasSubstr("does not exist"), HasSubstr("wandb/wandb")));
}

TEST_F(ReadinessTest, AMisspeltOperatorIsAWarningIfAnotherRunsTheInstance) {
  model_.operator_id = std::string("wandb/wand");
  PutInstance();
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  Readiness readiness = Await(kQuick);
  EXPECT_TRUE(readiness.ready) << readiness.summary << Details(readiness);
  EXPECT_EQ(readiness.misnamed_summary,
            "Instance default/wandb: There is no operator wandb/wand");
  EXPECT_THAT(readiness.misnamed_detail,
              HasSubstr("correct `operator`: operator = \"wandb/wandb\"."));
  // What is wrong with that one is said of it.
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  readiness = Await({.look_again = absl::Milliseconds(20),
                     .with_operator = absl::Milliseconds(20)},
                    absl::Milliseconds(300));
  EXPECT_THAT(readiness.summary, HasSubstr("0 of 1 new pods ready"));
  EXPECT_THAT(Details(readiness), HasSubstr("wandb/wandb-controller-manager"));
  PutOperator({});
  client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
  readiness = Await({.look_again = absl::Milliseconds(20),
                     .with_operator = absl::Milliseconds(20)},
                    absl::Milliseconds(300));
  EXPECT_EQ(readiness.summary,
            "The operator has not applied the specification");
  // One that does not run the instance is no substitute.
  PutOperator([](Json& d) {
    ContainerOf(d)["args"] = {"--isolation-namespaces=team-a"};
  });
  readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary, "The W&B operator is not running");
  EXPECT_EQ(readiness.misnamed_summary, "");
}

// The apply that waits says it, whether it ends well or not.
TEST_F(ReadinessTest, AnApplyWarnsOfAMisspeltOperator) {
  const auto apply = [this](const char* timeout) {
    client_->Remove(Ref());
    NewProcess();
    resource_ = NewInstanceResource(session_, kQuick);
    return Change(
        Nothing(),
        Make({{"operator", Str("wandb/wand")},
              {"chart", tf::Codec<ChartModel>::Encode(model_.chart.value())},
              {"timeouts", Map({{"create", Str(timeout)},
                                {"update", cty::Value::Null(kString)},
                                {"delete", cty::Value::Null(kString)}})}}));
  };
  const auto misnamed = [](const tf::RawApply& call) {
    std::vector<std::string> said;
    for (const tf::Diagnostic& item : call.diags.items()) {
      if (!absl::StrContains(item.summary, "There is no operator")) continue;
      EXPECT_EQ(item.severity, tf::Severity::kWarning);
      said.push_back(absl::StrCat(item.summary, ": ", item.detail));
    }
    return said;
  };
  const auto expected = ElementsAre(AllOf(
      StartsWith("Instance default/wandb: There is no operator wandb/wand: "),
      HasSubstr("correct `operator`: operator = \"wandb/wandb\". The wait went "
                "by that one.")));
  const tf::RawApply failed = apply("1s");
  EXPECT_TRUE(failed.diags.HasError());
  EXPECT_THAT(misnamed(failed), expected);
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  const tf::RawApply ready = apply("1m");
  EXPECT_FALSE(ready.diags.HasError());
  EXPECT_EQ(ready.state.At("ready"), Flag(true));
  EXPECT_THAT(misnamed(ready), expected);
}

// wait_failure comes too late for what is tainted.
TEST_F(ReadinessTest, AFailedCreateIsKeptByUntaintAlone) {
  resource_ = NewInstanceResource(session_, kQuick);
  const tf::RawApply call = Change(
      Nothing(),
      Make({{"operator", Str("wandb/wandb")},
            {"timeouts", Map({{"create", Str("1s")},
                              {"update", cty::Value::Null(kString)},
                              {"delete", cty::Value::Null(kString)}})}}));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("To keep it, run \"tofu untaint\""),
                    HasSubstr("wait_failure = \"warn\" keeps a later create "
                              "from being tainted, not this one."),
                    Not(HasSubstr("first, or"))));
}

TEST_F(ReadinessTest, WithoutOperatorItIsLookedForInAllNamespaces) {
  PutInstance();
  model_.operator_id = {};
  PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
  EXPECT_THAT(Details(Await(kQuick)), HasSubstr("scaled to 0 replicas"));
  client_->Remove(kDeployment);
  // Another controller with the same label is none.
  client_->Put(
      kube::DeploymentRef("x", "x-controller-manager"),
      {{"kind", "Deployment"},
       {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}}});
  EXPECT_EQ(Await(kQuick).summary, "No W&B operator was found");
}

TEST_F(ReadinessTest, WhoMayNotLookForTheOperatorClaimsNothing) {
  PutInstance();
  model_.operator_id = {};
  client_->Remove(kDeployment);
  client_->FailAlways(kube::DeploymentRef("", ""),
                      support::Reply("GET", kDeployment, 403, ""));
  const Readiness readiness = Await(kQuick, absl::Milliseconds(300));
  EXPECT_EQ(readiness.summary,
            "The operator has not applied the specification");
  EXPECT_THAT(Details(readiness), Not(HasSubstr("403")));
}

TEST_F(ReadinessTest, AnOperatorOfOtherNamespacesEndsTheWaitEarly) {
  PutInstance();
  PutOperator([](Json& d) {
    ContainerOf(d)["args"] = {"--isolation-namespaces=team-a,wandb"};
  });
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary,
            "The W&B operator does not watch namespace \"default\"");
  EXPECT_THAT(Details(readiness), HasSubstr("team-a, wandb"));
}

TEST_F(ReadinessTest, AirgappedOnOneSideOnlyEndsTheWaitEarly) {
  model_.airgapped = true;
  PutInstance();
  PutActive({{"url", "https://charts.test"}, {"name", "operator-wandb"}},
            {{"app", {{"image", "of the channel"}}}});
  PutWorkload("wandb-app", 1);
  Readiness readiness = Await(kQuick);
  EXPECT_FALSE(readiness.ready);
  EXPECT_THAT(readiness.summary, HasSubstr("its W&B operator is not"));
  EXPECT_THAT(readiness.details[0], HasSubstr("Set airgapped = true"));
  EXPECT_FALSE(readiness.never_ran);  // Everything does run.

  model_.airgapped = false;
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  readiness = Await(kQuick);
  EXPECT_THAT(readiness.summary, HasSubstr("operator is air-gapped"));
}

// What was applied as planned is ready, whatever else differs.
TEST_F(ReadinessTest, AFaultThatDoesNoHarmIsNoFailure) {
  model_.airgapped = true;
  PutInstance();
  const Compiled compiled = Desired(model_).compiled;
  PutActive(compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  EXPECT_TRUE(Await(kQuick).ready);
}

TEST_F(ReadinessTest, AnOperatorThatIsBeingInstalledIsGivenItsTime) {
  PutInstance();
  const Compiled compiled = Desired(model_).compiled;
  PutActive(compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  client_->Remove(kDeployment);
  std::thread installer([this] {
    client_->AwaitCall("WATCH");
    PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
    PutOperator({});
  });
  const Readiness readiness = Await(kEndless);
  installer.join();
  EXPECT_TRUE(readiness.ready) << Details(readiness);
}

}  // namespace
}  // namespace resources
