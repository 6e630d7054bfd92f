// Whatever dies at whatever point, nothing is lost and the next apply
// converges.

#include <csignal>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Instance(const std::string& more = "") {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n"
      "  operator = wandb_operator.this.id\n",
      more, "\n}\n");
}

// A value that makes the app's pods stay in ContainerCreating.
constexpr char kPending[] =
    "  values = { app = { podAnnotations = { \"wandb-test/behaviour\" = "
    "\"pending\" } } }\n";

class Resilience : public Acceptance {
 protected:
  void SetUp() override {
    if (cluster_.foreign()) {
      FAIL() << "these tests restart the API server: unset "
                "WANDB_ACC_KUBECONFIG";
    }
  }

  support::Process StartApply() {
    return workspace_.Start({"apply", "-auto-approve", "-no-color"});
  }

  void AwaitCreated(const std::string& ns, const std::string& object) {
    const support::Outcome wait = cluster_.Kubectl(
        {"wait", object, "--namespace", ns, "--for=create", "--timeout=60s"});
    ASSERT_EQ(wait.exit_code, 0) << wait.out;
  }

  // What is configured is there, nothing is left to do, and it can be removed.
  void ExpectConverges(const std::string& body) {
    workspace_.Write(body);
    const support::Outcome again = workspace_.Apply();
    ASSERT_EQ(again.exit_code, 0) << again.out;
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
    const support::Outcome destroy = workspace_.Destroy();
    ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
  }
};

TEST_P(Resilience, AnApiServerThatRestartsInMidApplyIsWaitedFor) {
  const std::string body = OperatorBlock() + Instance();
  ApiProxy proxy(cluster_, {.hold = 4});
  workspace_.Write(body, proxy.ProviderBlock());
  support::Process apply = StartApply();
  ASSERT_TRUE(proxy.AwaitHeld(absl::Minutes(1)).ok());
  // An API server that dies between accepting a definition's names and
  // establishing it takes that up only at its resync, minutes later.
  const support::Outcome established =
      cluster_.Kubectl({"wait", "crd/weightsandbiases.apps.wandb.com",
                        "--for=condition=Established", "--timeout=60s"});
  ASSERT_EQ(established.exit_code, 0) << established.out;
  cluster_.StopApiServer();
  proxy.Release();
  // The write and at least one repetition of it.
  EXPECT_TRUE(proxy.AwaitLog("broken", 2, absl::Seconds(30)).ok());
  cluster_.StartApiServer();
  const support::Outcome outcome = apply.Finish(absl::Minutes(2));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  ExpectConverges(body);
}

TEST_P(Resilience, AnApiServerThatRestartsInMidWaitIsWaitedFor) {
  const std::string body = OperatorBlock() + Instance(kPending);
  const ApiProxy proxy(cluster_, {});
  workspace_.Write(body, proxy.ProviderBlock());
  support::Process apply = StartApply();
  // The operator is done: one that is interrupted while it deploys would deploy
  // once more, and bring back the annotation that is removed below.
  AwaitCreated("default", "deployment/wandb-app-bc");
  const support::Outcome deployed = cluster_.Kubectl(
      {"wait", "weightsandbiases/wandb", "--namespace=default",
       "--for=jsonpath={.status.phase}=Completed", "--timeout=60s"});
  ASSERT_EQ(deployed.exit_code, 0) << deployed.out;
  cluster_.StopApiServer();
  // Its watches ended, and they are tried again in vain.
  EXPECT_TRUE(proxy.AwaitLog("broken", 2, absl::Seconds(30)).ok());
  cluster_.StartApiServer();
  // Only now the pods may become ready.
  const support::Outcome patch = cluster_.Kubectl(
      {"patch", "deployment", "wandb-app-bc", "--namespace=default",
       "--type=json",
       "-p=[{\"op\":\"remove\",\"path\":\"/spec/template/metadata/annotations/"
       "wandb-test~1behaviour\"}]"});
  EXPECT_EQ(patch.exit_code, 0) << patch.out;
  const support::Outcome outcome = apply.Finish(absl::Minutes(2));
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true);
  ExpectConverges(body);
}

TEST_P(Resilience, AnApiServerThatStaysAwayFailsWithTheStateKept) {
  const std::string body =
      OperatorBlock("timeouts {\n create = \"8s\"\n}") + Instance();
  ApiProxy proxy(cluster_, {.hold = 5});
  workspace_.Write(body, proxy.ProviderBlock());
  support::Process apply = StartApply();
  ASSERT_TRUE(proxy.AwaitHeld(absl::Minutes(1)).ok());
  proxy.GoTo("gone");
  const support::Outcome outcome = apply.Finish(absl::Minutes(2));
  EXPECT_EQ(outcome.exit_code, 1);
  // Which server, and where that came from.
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("API server: https://127.0.0.1:"),
                                 HasSubstr("context \"api-proxy\"")));
  EXPECT_FALSE(workspace_.Attributes("wandb_operator.this").is_null());

  // A refresh that reaches nobody forgets nothing.
  const std::string before = workspace_.ReadFile("terraform.tfstate");
  const absl::Time start = absl::Now();
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_LT(absl::Now() - start, absl::Seconds(15));
  EXPECT_EQ(workspace_.ReadFile("terraform.tfstate"), before);

  proxy.GoTo("up");
  ExpectConverges(OperatorBlock() + Instance());
}

// Where a wait may be when Ctrl-C is pressed.
TEST_P(Resilience, CtrlCEndsEveryWaitWithinTwoSeconds) {
  struct Case {
    std::string name;
    std::string body;
    std::function<void()> before;   // Puts the cluster into the state.
    std::function<void()> waiting;  // Returns once the wait is on.
    std::vector<std::string> args;
    std::string kept;  // Address that must be in state afterwards.
    std::function<void()> after;
  };
  const std::vector<std::string> apply = {"apply", "-auto-approve",
                                          "-no-color"};
  const std::string never_ready =
      OperatorBlock("image = { tag = \"never-ready\" }");
  const std::vector<Case> cases = {
      {.name = "operator's rollout",
       .body = never_ready,
       .waiting =
           [&] {
             AwaitCreated("wandb", "deployment/wandb-controller-manager");
           },
       .args = apply,
       .kept = "wandb_operator.this"},
      {.name = "workloads of the instance",
       .body = OperatorBlock() + Instance(kPending),
       .waiting = [&] { AwaitCreated("default", "deployment/wandb-app-bc"); },
       .args = apply,
       .kept = "wandb_instance.this"},
      {.name = "finalizer of somebody else at destroy",
       .body = OperatorBlock() + Instance(),
       .before =
           [&] {
             ASSERT_EQ(workspace_.Apply().exit_code, 0);
             ASSERT_EQ(cluster_
                           .Kubectl({"patch", "weightsandbiases", "wandb",
                                     "--namespace=default", "--type=json",
                                     "-p=[{\"op\":\"add\",\"path\":\"/metadata/"
                                     "finalizers/-\",\"value\":\"example.com/"
                                     "hold\"}]"})
                           .exit_code,
                       0);
           },
       .waiting =
           [&] {
             const support::Outcome wait = cluster_.Kubectl(
                 {"wait", "weightsandbiases/wandb", "--namespace=default",
                  "--for=jsonpath={.metadata.deletionTimestamp}",
                  "--timeout=60s"});
             ASSERT_EQ(wait.exit_code, 0) << wait.out;
           },
       .args = {"destroy", "-auto-approve", "-no-color"},
       .kept = "wandb_instance.this",
       .after =
           [&] {
             cluster_.Kubectl({"patch", "weightsandbiases", "wandb",
                               "--namespace=default", "--type=merge",
                               "-p={\"metadata\":{\"finalizers\":null}}"});
           }},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    workspace_.Write(each.body);
    if (each.before) each.before();
    support::Process process = workspace_.Start(each.args);
    each.waiting();
    if (HasFatalFailure()) return;
    const absl::Time pressed = absl::Now();
    process.SignalGroup(SIGINT);
    const support::Outcome outcome = process.Finish(absl::Minutes(1));
    EXPECT_LT(absl::Now() - pressed, absl::Seconds(2)) << outcome.out;
    EXPECT_NE(outcome.exit_code, 0) << outcome.out;
    EXPECT_FALSE(workspace_.Attributes(each.kept).is_null()) << outcome.out;
    if (each.after) each.after();
    const support::Outcome destroy = workspace_.Destroy();
    ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
  }
}

TEST_P(Resilience, CtrlCEndsTheWaitForAMissingDefinition) {
  cluster_.Kubectl({"delete", "crd", "weightsandbiases.apps.wandb.com",
                    "--ignore-not-found"});
  const ApiProxy proxy(cluster_, {});
  workspace_.Write("resource \"wandb_instance\" \"this\" {}\n",
                   proxy.ProviderBlock());
  support::Process apply = StartApply();
  ASSERT_TRUE(proxy.AwaitLog("write", 1, absl::Minutes(1)).ok());
  const absl::Time pressed = absl::Now();
  apply.SignalGroup(SIGINT);
  const support::Outcome outcome = apply.Finish(absl::Minutes(1));
  EXPECT_LT(absl::Now() - pressed, absl::Seconds(2)) << outcome.out;
  EXPECT_NE(outcome.exit_code, 0);
  workspace_.Forget();  // Nothing was created.
}

TEST_P(Resilience, CtrlCEndsTheSearchForAServerThatIsDown) {
  const std::string body = OperatorBlock() + Instance();
  ApiProxy proxy(cluster_, {.hold = 4});
  workspace_.Write(body, proxy.ProviderBlock());
  support::Process apply = StartApply();
  ASSERT_TRUE(proxy.AwaitHeld(absl::Minutes(1)).ok());
  // An API server that dies between accepting a definition's names and
  // establishing it takes that up only at its resync, minutes later.
  const support::Outcome established =
      cluster_.Kubectl({"wait", "crd/weightsandbiases.apps.wandb.com",
                        "--for=condition=Established", "--timeout=60s"});
  ASSERT_EQ(established.exit_code, 0) << established.out;
  cluster_.StopApiServer();
  proxy.Release();
  EXPECT_TRUE(proxy.AwaitLog("broken", 2, absl::Seconds(30)).ok());
  const absl::Time pressed = absl::Now();
  apply.SignalGroup(SIGINT);
  const support::Outcome outcome = apply.Finish(absl::Minutes(1));
  EXPECT_LT(absl::Now() - pressed, absl::Seconds(2)) << outcome.out;
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_FALSE(workspace_.Attributes("wandb_operator.this").is_null());
  cluster_.StartApiServer();
  ExpectConverges(body);
}

INSTANTIATE_TEST_SUITE_P(Tools, Resilience, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
