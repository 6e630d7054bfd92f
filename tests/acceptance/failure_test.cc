// Waits that fail, processes that are killed, runs that are interrupted.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string InstanceBlock(const std::string& more) {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n"
      "  operator = wandb_operator.this.id\n",
      more, "\n}\n");
}

// The app's pods get this annotation, which decides what becomes of them.
std::string Behaviour(const std::string& behaviour) {
  return absl::StrCat(
      "  values = { app = { podAnnotations = { \"wandb-test/behaviour\" = \"",
      behaviour, "\" } } }\n");
}

class Failures : public Acceptance {
 protected:
  // Blocks until the API server has the object.
  void AwaitObject(const std::string& ns, const std::string& object) {
    const support::Outcome wait = cluster_.Kubectl(
        {"wait", object, "--namespace", ns, "--for=create", "--timeout=60s"});
    ASSERT_EQ(wait.exit_code, 0) << wait.out;
  }
};

TEST_P(Failures, AFailedWaitOnCreateSaysWhyAndTaintsAndReplacingWorks) {
  workspace_.Write(
      OperatorBlock() +
      InstanceBlock(Behaviour("image-pull") + "timeouts { create = \"6s\" }"));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out,
              AllOf(HasSubstr("wandb-app-bc"), HasSubstr("ImagePullBackOff"),
                    HasSubstr("untaint"), Not(HasSubstr("timeouts block"))));
  EXPECT_TRUE(workspace_.Tainted("wandb_instance.this"));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], false);

  workspace_.Write(OperatorBlock() + InstanceBlock(""));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_THAT(again.out, HasSubstr("1 added, 0 changed, 1 destroyed"));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true);
}

TEST_P(Failures, WithWarnTheNextApplyResumesTheWait) {
  const std::string settings =
      "wait_failure = \"warn\"\n timeouts {\n create = \"6s\"\n update = "
      "\"20s\"\n }";
  workspace_.Write(OperatorBlock() +
                   InstanceBlock(Behaviour("pending") + settings));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, HasSubstr("Warning: W&B is not running yet"));
  EXPECT_FALSE(workspace_.Tainted("wandb_instance.this"));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], false);
  std::string plan;
  EXPECT_EQ(workspace_.PlanExitCode(&plan), 2);
  EXPECT_THAT(plan, HasSubstr("ready"));

  workspace_.Write(OperatorBlock() + InstanceBlock(settings));
  const support::Outcome resumed = workspace_.Apply();
  EXPECT_EQ(resumed.exit_code, 0) << resumed.out;
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true);
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Failures, AnOperatorThatNeverStartsIsExplained) {
  workspace_.Write(OperatorBlock(
      "image = { tag = \"does-not-exist\" }\n timeouts { create = \"6s\" }"));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, AllOf(HasSubstr("not ready: 0 of 1 new pods ready"),
                               HasSubstr("ImagePullBackOff"),
                               Not(HasSubstr("timeouts block"))));
  EXPECT_TRUE(workspace_.Tainted("wandb_operator.this"));
  workspace_.Write(OperatorBlock());
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
}

TEST_P(Failures, AChartThatCannotBeRenderedFailsBeforeTheTimeout) {
  workspace_.Write(
      OperatorBlock() +
      InstanceBlock("chart = { url = \"https://broken.example.com\", name = "
                    "\"operator-wandb\", version = \"1.0.0\" }"));
  const absl::Time start = absl::Now();
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("Invalid Config"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(60));
  // The operator would never finish the deletion of what it never installed.
  workspace_.Write(OperatorBlock() + InstanceBlock(""));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_THAT(again.out, HasSubstr("finalizer was removed"));
}

// The operator would look again within the hour, and nothing is written that
// makes it: it is nudged.
TEST_P(Failures, AWaitThatIsResumedMakesTheOperatorTryAgain) {
  const std::string chart = absl::StrCat(workspace_.directory(), "/chart.tgz");
  workspace_.Write(OperatorBlock() +
                   InstanceBlock(absl::StrCat("wait_failure = \"warn\"\n"
                                              "chart = { path = \"/if-there",
                                              chart, "\" }")));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, HasSubstr("Invalid Config"));
  ASSERT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], false);
  std::ofstream(chart) << "there";
  const absl::Time start = absl::Now();
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true)
      << again.out;
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
}

// The instance is in a state of its own, so that nobody starts the operator
// again.
TEST_P(Failures, AStoppedOperatorIsNamedWithinAMinuteAndAtPlan) {
  Workspace other(GetParam());
  other.Write(OperatorBlock());
  ASSERT_EQ(other.Apply().exit_code, 0);
  ASSERT_EQ(cluster_
                .Kubectl({"scale", "deployment", "wandb-controller-manager",
                          "--namespace=wandb", "--replicas=0"})
                .exit_code,
            0);
  const auto body = [](int value) {
    return absl::StrCat(
        "resource \"wandb_instance\" \"this\" {\n  operator = "
        "\"wandb/wandb\"\n  wait_failure = \"warn\"\n  values = { a = ",
        value, " }\n}\n");
  };
  workspace_.Write(body(1));
  const absl::Time start = absl::Now();
  const support::Outcome apply = workspace_.Apply();
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_EQ(apply.exit_code, 0);  // As wait_failure says.
  EXPECT_THAT(
      apply.out,
      AllOf(HasSubstr("Warning: The W&B operator is not running"),
            HasSubstr("scaled to 0 replicas"), Not(HasSubstr("timeouts"))));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], false);

  workspace_.Write(body(2));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0);
  // By the refresh, so that the plan need not.
  EXPECT_THAT(plan.out, AllOf(HasSubstr("The W&B operator is not running."),
                              HasSubstr("scaled to 0 replicas"),
                              Not(HasSubstr("Warning: Instance"))));
  ASSERT_EQ(cluster_
                .Kubectl({"scale", "deployment", "wandb-controller-manager",
                          "--namespace=wandb", "--replicas=1"})
                .exit_code,
            0);
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true);
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Failures, AirgappedOnOneSideOnlyIsNamedWithinAMinute) {
  const auto body = [](const std::string& more) {
    return absl::StrCat(
        OperatorBlock(),
        InstanceBlock(absl::StrCat(
            "chart = { url = \"https://charts.example.com\", name = "
            "\"operator-wandb\", version = \"0.43.8\" }\n"
            "values = { global = { host = \"https://w.example.com\" } }\n",
            more)));
  };
  workspace_.Write(body("airgapped = true"));
  const absl::Time start = absl::Now();
  const support::Outcome apply = workspace_.Apply();
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(
      apply.out,
      AllOf(HasSubstr("The instance is air-gapped, and its W&B operator "
                      "is not"),
            HasSubstr("AIRGAPPED"), Not(HasSubstr("not running")),
            Not(HasSubstr("never ran")), Not(HasSubstr("timeouts"))));
  workspace_.Write(body(""));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
}

TEST_P(Failures, AnAirgappedOperatorMustBeSaidOfTheInstanceAtPlan) {
  Workspace other(GetParam());
  other.Write(OperatorBlock("airgapped = true"));
  ASSERT_EQ(other.Apply().exit_code, 0);
  const auto body = [](const std::string& more) {
    return absl::StrCat(
        "resource \"wandb_instance\" \"this\" {\n  operator = "
        "\"wandb/wandb\"\n  wait = false\n  chart = { url = "
        "\"https://charts.example.com\", name = \"operator-wandb\", version = "
        "\"0.43.8\" }\n",
        more, "\n}\n");
  };
  workspace_.Write(body("airgapped = true"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  workspace_.Write(body("airgapped = true\n values = { a = 1 }"));
  EXPECT_THAT(workspace_.Plan().out, Not(HasSubstr("Warning: Instance")));
  workspace_.Write(body("values = { a = 1 }"));
  EXPECT_THAT(workspace_.Plan().out,
              HasSubstr("Warning: Instance default/wandb: The W&B operator is "
                        "air-gapped"));
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Failures, AnInstanceThatIsDeletedWhileItIsWaitedForIsNotCreated) {
  const std::string body =
      OperatorBlock() + InstanceBlock(Behaviour("pending"));
  workspace_.Write(body);
  const absl::Time start = absl::Now();
  {
    support::Process apply =
        workspace_.Start({"apply", "-auto-approve", "-no-color"});
    AwaitObject("default", "deployment/wandb-app-bc");
    ASSERT_EQ(cluster_
                  .Kubectl({"delete", "weightsandbiases", "wandb",
                            "--namespace=default"})
                  .exit_code,
              0);
    const support::Outcome ended = apply.Finish(absl::Minutes(1));
    EXPECT_EQ(ended.exit_code, 1);
    EXPECT_THAT(Flat(ended.out),
                AllOf(testing::AnyOf(HasSubstr("was deleted while it was"),
                                     HasSubstr("is being deleted")),
                      HasSubstr("planned to be created"),
                      Not(HasSubstr("timeouts block"))));
  }
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  workspace_.Write(OperatorBlock() + InstanceBlock(""));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_THAT(again.out, HasSubstr("1 added, 0 changed, 0 destroyed"));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true);
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Failures, ADyingInstanceIsSaidAndMadeAnewOnceItIsGone) {
  workspace_.Write(OperatorBlock() + InstanceBlock(""));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const Json uid = workspace_.Attributes("wandb_instance.this")["uid"];
  const auto finalizers = [this](const std::string& patch) {
    return cluster_
        .Kubectl({"patch", "weightsandbiases", "wandb", "--namespace=default",
                  "--type=json", "--patch", patch})
        .exit_code;
  };
  ASSERT_EQ(finalizers(R"([{"op": "add", "path": "/metadata/finalizers/-",
                            "value": "example.com/hold"}])"),
            0);
  workspace_.Write(OperatorBlock());
  support::Outcome plan = workspace_.Plan();
  EXPECT_THAT(Flat(plan.out), AllOf(HasSubstr("will be held up"),
                                    HasSubstr("example.com/hold")));
  ASSERT_EQ(cluster_
                .Kubectl({"delete", "weightsandbiases", "wandb",
                          "--namespace=default", "--wait=false"})
                .exit_code,
            0);
  workspace_.Write(OperatorBlock() +
                   InstanceBlock("timeouts {\n update = \"4s\"\n }"));
  plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("Instance default/wandb is being deleted"),
                    HasSubstr("example.com/hold"), HasSubstr("1 to change")));
  const support::Outcome held = workspace_.Apply();
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_THAT(Flat(held.out),
              AllOf(HasSubstr("example.com/hold"), HasSubstr("kubectl get")));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], false);

  EXPECT_EQ(finalizers(R"([{"op": "remove", "path": "/metadata/finalizers"}])"),
            0);
  workspace_.Write(OperatorBlock() + InstanceBlock(""));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_NE(workspace_.Attributes("wandb_instance.this")["uid"], uid);
  EXPECT_EQ(workspace_.Attributes("wandb_instance.this")["ready"], true);
}

// Merging comes before everything else, also before an uninstall.
TEST_P(Failures, ADestroyOverAClashIsSaidAtPlanAndEndsAtTheFirstSign) {
  workspace_.Write(
      OperatorBlock() +
      InstanceBlock("  values = { app = { env = { A = \"1\" } } }\n"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const auto console = [this](const Json& values) {
    return cluster_
        .Kubectl(
            {"patch", "secret", "wandb-spec-user", "--namespace=default",
             "--type=merge",
             "-p=" + Json({{"data",
                            {{"values", absl::Base64Escape(values.dump())}}}})
                         .dump()})
        .exit_code;
  };
  ASSERT_EQ(console({{"app", {{"env", "x"}}}}), 0);
  const auto names_the_clash = [] {
    return AllOf(HasSubstr("cannot merge the specification of default/wandb"),
                 HasSubstr("app.env is a map in the custom resource and a "
                           "string in the user input"));
  };
  workspace_.Write(OperatorBlock());
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("will be held up"), names_the_clash()));
  const absl::Time start = absl::Now();
  const support::Outcome destroy = workspace_.Apply();
  EXPECT_EQ(destroy.exit_code, 1);
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_THAT(Flat(destroy.out),
              AllOf(names_the_clash(),
                    HasSubstr("kubectl edit weightsandbiases.apps.wandb.com "
                              "wandb --namespace=default"),
                    Not(HasSubstr("check that the operator runs"))));
  // The way out that it names.
  ASSERT_EQ(cluster_
                .Kubectl({"delete", "secrets", "wandb-spec-user",
                          "--namespace=default"})
                .exit_code,
            0);
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
}

// The operator lets such an instance go, and uninstalls nothing.
TEST_P(Failures, AnInstanceWhoseChartIsGoneIsDestroyed) {
  const std::string chart =
      "  airgapped = true\n"
      "  chart = { path = \"/charts/operator-wandb-0.43.8.tgz\" }\n";
  workspace_.Write(OperatorBlock("airgapped = true") + InstanceBlock(chart));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  ASSERT_EQ(
      cluster_
          .Kubectl({"patch", "weightsandbiases", "wandb", "--namespace=default",
                    "--type=merge", "-p={\"spec\":{\"chart\":null}}"})
          .exit_code,
      0);
  workspace_.Write(OperatorBlock("airgapped = true"));
  const absl::Time start = absl::Now();
  const support::Outcome destroy = workspace_.Apply();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
}

TEST_P(Failures, WithoutAnOperatorAndWithoutWaitingApplyWorks) {
  workspace_.Write(OperatorBlock("wait = false"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(workspace_.Destroy().exit_code, 0);  // The CRD stays.
  workspace_.Write(
      "resource \"wandb_instance\" \"this\" {\n  wait = false\n  values = { a "
      "= 1 }\n}\n");
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  std::string second;
  EXPECT_EQ(workspace_.PlanExitCode(&second), 0) << second;
}

TEST_P(Failures, AKilledProviderInMidCreateIsTakenUpByTheNextApply) {
  const std::string waiting =
      OperatorBlock("image = { tag = \"never-ready\" }");
  workspace_.Write(waiting);
  {
    support::Process apply =
        workspace_.Start({"apply", "-auto-approve", "-no-color"});
    AwaitObject("wandb", "deployment/wandb-controller-manager");
    const pid_t provider = ProviderOf(apply);
    ASSERT_GT(provider, 0);
    ASSERT_EQ(::kill(provider, SIGKILL), 0);
    EXPECT_NE(apply.Finish(absl::Minutes(1)).exit_code, 0);
  }
  // The same objects, without the wait that can't end.
  workspace_.Write(
      OperatorBlock("image = { tag = \"never-ready\" }\n wait = false"));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_THAT(again.out, HasSubstr("1 added"));
}

TEST_P(Failures, AKilledProviderWhileAnInstanceWaitsLosesNothing) {
  const std::string values = Behaviour("pending");
  workspace_.Write(OperatorBlock() + InstanceBlock(values));
  {
    support::Process apply =
        workspace_.Start({"apply", "-auto-approve", "-no-color"});
    AwaitObject("default", "weightsandbiases/wandb");
    AwaitObject("default", "deployment/wandb-app-bc");
    const pid_t provider = ProviderOf(apply);
    ASSERT_GT(provider, 0);
    ASSERT_EQ(::kill(provider, SIGKILL), 0);
    EXPECT_NE(apply.Finish(absl::Minutes(1)).exit_code, 0);
  }
  workspace_.Write(OperatorBlock() + InstanceBlock(values + "wait = false"));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Failures, CtrlCInAWaitEndsAtOnceWithTheStateSaved) {
  workspace_.Write(OperatorBlock() + InstanceBlock(Behaviour("pending")));
  support::Process apply =
      workspace_.Start({"apply", "-auto-approve", "-no-color"});
  AwaitObject("default", "deployment/wandb-app-bc");
  const absl::Time pressed = absl::Now();
  apply.SignalGroup(SIGINT);
  const support::Outcome outcome = apply.Finish(absl::Minutes(1));
  EXPECT_LT(absl::Now() - pressed, absl::Seconds(2)) << outcome.out;
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Interrupted while waiting"));
  EXPECT_TRUE(workspace_.Tainted("wandb_instance.this"));

  workspace_.Write(OperatorBlock() + InstanceBlock(""));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
}

// Nobody is left who could end it, or whom it could tell what it did.
TEST_P(Failures, AProviderEndsItsWritesSoonAfterItsClientIsGone) {
  for (const bool killed : {true, false}) {
    SCOPED_TRACE(killed ? "killed" : "a second Ctrl-C");
    ApiProxy proxy(cluster_, {.hold = 2});
    workspace_.Write(OperatorBlock(), proxy.ProviderBlock());
    support::Process apply =
        workspace_.Start({"apply", "-auto-approve", "-no-color"});
    ASSERT_TRUE(proxy.AwaitHeld(absl::Minutes(1)).ok());
    const pid_t provider = ProviderOf(apply);
    ASSERT_GT(provider, 0);
    pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, provider, 0)),
                 POLLIN, 0};
    ASSERT_GE(ended.fd, 0);
    if (killed) {
      apply.Signal(SIGKILL);
    } else {
      apply.SignalGroup(SIGINT);
      ASSERT_TRUE(apply.AwaitOutput("nterrupt", absl::Seconds(30)).ok());
      apply.SignalGroup(SIGINT);
    }
    EXPECT_NE(apply.Finish(absl::Minutes(1)).exit_code, 0);
    EXPECT_EQ(::poll(&ended, 1, 5000), 1);
    ::close(ended.fd);
    // What is written beside the one that was held, and nothing after that.
    EXPECT_THAT(proxy.Log("write"), Not(Contains(HasSubstr("bindings"))));
    workspace_.Write(OperatorBlock());
    const support::Outcome again = workspace_.Apply();
    EXPECT_EQ(again.exit_code, 0) << again.out;
    EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  }
}

TEST_P(Failures, AForeignObjectIsLeftAloneAndTheImportIsShown) {
  workspace_.Write(OperatorBlock());
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  cluster_.Create(
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n  values: {mine: 1}\n");
  workspace_.Write(OperatorBlock() + InstanceBlock("values = { a = 1 }"));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("import {"));
  const Json live = cluster_.GetObject("default", "weightsandbiases", "wandb");
  EXPECT_EQ(live["spec"]["values"], Json({{"mine", 1}}));
  cluster_.Kubectl(
      {"delete", "weightsandbiases", "wandb", "--namespace=default"});
}

TEST_P(Failures, AnotherAppliersFieldIsAConflictThatNamesIt) {
  workspace_.Write(OperatorBlock() + InstanceBlock("values = { a = 1 }"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  workspace_.WriteFile("theirs.yaml",
                       "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\n"
                       "metadata: {name: wandb, namespace: default}\n"
                       "spec: {values: {a: 2}}\n");
  const support::Outcome theirs = cluster_.Kubectl(
      {"apply", "--server-side", "--force-conflicts", "--field-manager=gitops",
       "-f", workspace_.directory() + "/theirs.yaml"});
  ASSERT_EQ(theirs.exit_code, 0) << theirs.out;
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out, HasSubstr("a is owned by \"gitops\" (Apply)"));
}

TEST_P(Failures, AHandEditOfAPathThatWasNeverOursIsNotOverruled) {
  workspace_.Write(OperatorBlock() + InstanceBlock("values = { a = 1 }"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(
      cluster_
          .Kubectl({"patch", "weightsandbiases", "wandb", "--namespace=default",
                    "--type=merge", "--field-manager=kubectl-edit",
                    "-p={\"spec\":{\"values\":{\"theirs\":2}}}"})
          .exit_code,
      0);
  workspace_.Write(OperatorBlock() +
                   InstanceBlock("values = { a = 1, theirs = 3 }"));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_THAT(apply.out,
              HasSubstr("theirs is owned by \"kubectl-edit\" (Update)"));
}

TEST_P(Failures, ANamespaceMadeForAnInstanceGoesWithIt) {
  workspace_.Write(OperatorBlock() +
                   InstanceBlock("namespace = \"own\"\n create_namespace = "
                                 "true\n"));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  const support::Outcome destroy = workspace_.Destroy();
  ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "own").is_null());
}

INSTANTIATE_TEST_SUITE_P(Tools, Failures, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
