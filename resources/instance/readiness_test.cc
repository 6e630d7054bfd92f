// What the wait of a wandb_instance says, and when it ends.
#include "resources/instance/readiness.h"

#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/status.h"
#include "resources/instance/operator_look.h"
#include "tests/support/fake_replies.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const kube::ObjectRef kDeployment =
    kube::DeploymentRef("wandb", "wandb-controller-manager");

// Looks often and decides soon, so that tests are quick.
constexpr Patience kQuick = {.look_again = absl::Milliseconds(20),
                             .with_operator = absl::Milliseconds(60),
                             .without_operator = absl::Milliseconds(60)};
// Never decides.
constexpr Patience kEndless = {.look_again = absl::Milliseconds(20),
                               .with_operator = absl::Hours(1),
                               .without_operator = absl::Hours(1)};

class ReadinessTest : public InstanceTest {
 protected:
  ReadinessTest() {
    model_.name = std::string("wandb");
    model_.ns = std::string("default");
    model_.operator_id = std::string("wandb/wandb");
    model_.airgapped = false;
    model_.chart = ChartModel{.url = std::string("https://charts.test"),
                              .name = std::string("operator-wandb"),
                              .version = std::string("0.43.8")};
    PutOperator({});
  }

  // A Deployment of the operator that is rolled out, with changes.
  void PutOperator(const std::function<void(Json&)>& change) {
    Json deployment = *base::ParseJson(R"({
      "kind": "Deployment",
      "metadata": {"generation": 1,
                   "labels": {"control-plane": "controller-manager"}},
      "spec": {"replicas": 1,
        "selector": {"matchLabels": {"control-plane": "controller-manager"}},
        "template": {"spec": {"containers": [{"name": "manager",
          "image": "wandb/controller:1.22.0", "args": ["--leader-elect"],
          "env": [{"name": "AIRGAPPED", "value": "false"}]}]}}},
      "status": {"observedGeneration": 99, "replicas": 1, "updatedReplicas": 1,
                 "availableReplicas": 1}})",
                                       "test");
    if (change) change(deployment);
    client_->Put(kDeployment, deployment);
  }

  static Json& ContainerOf(Json& deployment) {
    return deployment["spec"]["template"]["spec"]["containers"][0];
  }

  // The operator's pod, with `status`.
  void PutPod(Json status) {
    client_->Put(
        kube::ObjectIn(kube::PodsIn("wandb"), "wandb-controller-manager-x-y"),
        {{"kind", "Pod"},
         {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
         {"status", std::move(status)}});
  }

  void PutInstance() {
    const Compiled compiled = Compile(model_);
    client_->Put(
        Ref(),
        {{"kind", "WeightsAndBiases"},
         {"spec", {{"chart", compiled.chart}, {"values", compiled.values}}}});
  }

  // As the operator stores what it has applied.
  void PutActive(const Json& chart, const Json& values) {
    client_->Put(kube::SecretRef("default", "wandb-spec-active"),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape(chart.dump())},
                    {"values", absl::Base64Escape(values.dump())}}}});
  }

  void PutWorkload(const std::string& name, int ready) {
    client_->Put(
        kube::DeploymentRef("default", name),
        {{"kind", "Deployment"},
         {"metadata",
          {{"labels",
            {{"app.kubernetes.io/managed-by", "Helm"},
             {"app.kubernetes.io/instance", "wandb"}}}}},
         {"spec",
          {{"replicas", 1}, {"selector", {{"matchLabels", {{"app", name}}}}}}},
         {"status",
          {{"observedGeneration", 99},
           {"replicas", 1},
           {"updatedReplicas", 1},
           {"readyReplicas", ready},
           {"availableReplicas", ready}}}});
  }

  Readiness Await(const Patience& patience,
                  absl::Duration timeout = absl::Minutes(1)) {
    return AwaitInstance(
        base::Context().WithTimeout(timeout), *client_, model_, Compile(model_),
        {.uid = kube::UidOf(client_->Stored(Ref())), .time = absl::UnixEpoch()},
        patience);
  }
  // Until the wait's own time is up.
  Readiness AwaitInVain() { return Await(kEndless, absl::Milliseconds(200)); }

  static std::string Details(const Readiness& readiness) {
    return absl::StrJoin(readiness.details, "\n");
  }

  InstanceModel model_;
};

// ---- An operator that does not run it ----

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
  PutActive(Compile(model_).chart, Json::object());
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
  PutActive(Compile(model_).chart, Json::object());
  PutWorkload("wandb-app", 1);
  const tf::RawApply ready = apply("1m");
  EXPECT_FALSE(ready.diags.HasError());
  EXPECT_EQ(ready.state.At("ready"), Flag(true));
  EXPECT_THAT(misnamed(ready), expected);
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
  const Compiled compiled = Compile(model_);
  PutActive(compiled.chart, Json::object());
  PutWorkload("wandb-app", 1);
  EXPECT_TRUE(Await(kQuick).ready);
}

TEST_F(ReadinessTest, AnOperatorThatIsBeingInstalledIsGivenItsTime) {
  PutInstance();
  const Compiled compiled = Compile(model_);
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

// ---- An API server that goes away ----

// Begins in the midst of a phase, outlasts several looks, and what the wait is
// for comes only after it.
TEST_F(ReadinessTest, AnOutageAtAnyPhaseIsWaitedFor) {
  const Compiled compiled = Compile(model_);
  const auto starting = [](Json& d) { d["status"]["availableReplicas"] = 0; };
  const struct {
    const char* phase;
    std::function<void()> before;
    std::function<void()> after;
  } kCases[] = {
      {"operator", [&] { PutOperator(starting); }, [&] { PutOperator({}); }},
      {"specification",
       [&] {
         client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
       },
       [&] { PutActive(compiled.chart, Json::object()); }},
      {"workloads", [&] { PutWorkload("wandb-app", 0); },
       [&] { PutWorkload("wandb-app", 1); }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.phase);
    PutInstance();
    PutOperator({});
    PutActive(compiled.chart, Json::object());
    PutWorkload("wandb-app", 1);
    c.before();
    client_->ClearCalls();
    std::thread outage([&] {
      EXPECT_TRUE(client_->AwaitCall("WATCH"));
      client_->SetUnreachable(true);
      client_->ClearCalls();
      EXPECT_TRUE(client_->AwaitCall(""));
      client_->SetUnreachable(false);
      c.after();
    });
    const Readiness readiness = Await(kEndless);
    outage.join();
    EXPECT_TRUE(readiness.ready) << readiness.summary << Details(readiness);
  }
}

TEST_F(ReadinessTest, AFailedRequestForALayerIsRepeated) {
  PutInstance();
  PutActive(Compile(model_).chart, Json::object());
  PutWorkload("wandb-app", 1);
  for (const char* secret : {"wandb-spec-user", "wandb-latest-cached-release",
                             "wandb-spec-active"}) {
    SCOPED_TRACE(secret);
    const kube::ObjectRef ref = kube::SecretRef("default", secret);
    client_->FailAlways(ref, support::Reply("GET", ref, 500, "boom"));
    client_->ClearCalls();
    std::thread mend([&] {
      EXPECT_TRUE(client_->AwaitCall("GET", secret));
      client_->FailAlways(ref, absl::OkStatus());
    });
    EXPECT_TRUE(Await(kEndless).ready);
    mend.join();
  }
}

// ---- An object that goes away ----

// At any phase, whatever happens to it; even where that is all that the wait
// was for.
TEST_F(ReadinessTest, AnObjectThatGoesAwayEndsTheWaitAndIsNeverReady) {
  const Compiled compiled = Compile(model_);
  const struct {
    const char* phase;
    std::function<void()> before;
    std::function<void()> after;
  } kPhases[] = {
      {"operator",
       [&] {
         PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
       },
       [] {}},
      {"specification",
       [&] {
         client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
       },
       [] {}},
      {"workloads", [&] { PutWorkload("wandb-app", 0); }, [] {}},
      {"the end", [&] { PutWorkload("wandb-app", 0); },
       [&] { PutWorkload("wandb-app", 1); }},
      {"its workloads, too", [&] { PutWorkload("wandb-app", 0); },
       [&] { client_->Remove(kube::DeploymentRef("default", "wandb-app")); }},
  };
  const struct {
    std::function<void()> happens;
    const char* says;
    const char* detail;
  } kFates[] = {
      {[&] { client_->Remove(Ref()); }, "was deleted", "audit log"},
      {[&] {
         Json dying = client_->Stored(Ref());
         dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
         dying["metadata"]["finalizers"] = {"example.com/hold"};
         client_->Put(Ref(), dying);
       },
       "is being deleted",
       "since 2026-01-01T00:00:00Z, and held by the finalizer "
       "example.com/hold"},
      {[&] {
         Json other = client_->Stored(Ref());
         other["metadata"] = {{"uid", "other"}, {"labels", {{"a", "b"}}}};
         client_->Put(Ref(), other, "argocd");
       },
       "was replaced by another", "by field manager \"argocd\""},
  };
  for (const auto& phase : kPhases) {
    for (const auto& fate : kFates) {
      SCOPED_TRACE(absl::StrCat(phase.phase, ": ", fate.says));
      client_->Remove(Ref());
      PutInstance();
      PutOperator({});
      PutActive(compiled.chart, Json::object());
      phase.before();
      client_->ClearCalls();
      std::thread somebody([&] {
        EXPECT_TRUE(client_->AwaitCall("WATCH"));
        fate.happens();
        phase.after();
      });
      const Readiness readiness = Await(kEndless, absl::Seconds(20));
      somebody.join();
      EXPECT_FALSE(readiness.ready);
      EXPECT_TRUE(readiness.lost);
      EXPECT_THAT(readiness.summary,
                  AllOf(HasSubstr("default/wandb"), HasSubstr(fate.says)));
      EXPECT_THAT(Details(readiness), HasSubstr(fate.detail));
    }
  }
}

TEST_F(ReadinessTest, WhatCeasesToRunWhileOthersAreAwaitedIsAwaitedAgain) {
  const kube::ObjectRef stateful = {"apps", "v1", "statefulsets", "default",
                                    "wandb-redis"};
  const auto put_stateful = [&](int ready) {
    client_->Put(
        stateful,
        {{"kind", "StatefulSet"},
         {"metadata",
          {{"labels",
            {{"app.kubernetes.io/managed-by", "Helm"},
             {"app.kubernetes.io/instance", "wandb"}}}}},
         {"spec",
          {{"replicas", 1}, {"selector", {{"matchLabels", {{"a", "r"}}}}}}},
         {"status",
          {{"observedGeneration", 99},
           {"replicas", 1},
           {"updatedReplicas", 1},
           {"readyReplicas", ready},
           {"availableReplicas", ready}}}});
  };
  PutInstance();
  PutActive(Compile(model_).chart, Json::object());
  PutWorkload("wandb-app", 1);
  put_stateful(0);
  client_->ClearCalls();
  std::atomic<bool> runs_again = false;
  std::thread somebody([&] {
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    PutWorkload("wandb-app", 0);
    client_->ClearCalls();
    put_stateful(1);
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    runs_again = true;
    PutWorkload("wandb-app", 1);
  });
  const Readiness readiness = Await(kEndless, absl::Seconds(20));
  EXPECT_TRUE(runs_again);
  EXPECT_TRUE(readiness.ready) << readiness.summary;
  somebody.join();
}

TEST_F(ReadinessTest, ASpecificationThatIsChangedMeanwhileIsAwaitedToo) {
  const Compiled compiled = Compile(model_);
  PutInstance();
  PutActive(compiled.chart, Json::object());
  PutWorkload("wandb-app", 0);
  client_->ClearCalls();
  std::atomic<bool> applied = false;
  std::thread somebody([&] {
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    Json changed = client_->Stored(Ref());
    changed["spec"]["values"] = {{"other", 1}};
    client_->Put(Ref(), changed, "kubectl");
    client_->ClearCalls();
    PutWorkload("wandb-app", 1);
    EXPECT_TRUE(client_->AwaitCall("GET", "wandb-spec-active"));
    applied = true;
    PutActive(compiled.chart, {{"other", 1}});
  });
  const Readiness readiness = Await(kEndless, absl::Seconds(20));
  EXPECT_TRUE(applied);
  EXPECT_TRUE(readiness.ready) << readiness.summary;
  somebody.join();
}

TEST_F(ReadinessTest, NothingRunsWhereAllIsScaledToZero) {
  PutInstance();
  PutActive(Compile(model_).chart, Json::object());
  PutWorkload("wandb-app", 0);
  Json stopped = client_->Stored(kube::DeploymentRef("default", "wandb-app"));
  stopped["spec"]["replicas"] = 0;
  stopped["status"] = {{"observedGeneration", 99}};
  client_->Put(kube::DeploymentRef("default", "wandb-app"), stopped);
  const Readiness readiness = Await(kEndless, absl::Seconds(20));
  EXPECT_FALSE(readiness.ready);
  EXPECT_THAT(Details(readiness), HasSubstr("scaled to 0 replicas"));
  EXPECT_FALSE(WorkloadsReady({}, *client_, model_));
}

TEST_F(ReadinessTest, ADefinitionThatGoesAwayTakesTheObjectAlong) {
  PutInstance();
  std::thread somebody([&] {
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    client_->FailAlways(
        {"apps.wandb.com", "v1", "weightsandbiases", "default", ""},
        support::Reply("GET", Ref(), 404, "404 page not found"));
    client_->FailAlways(
        Ref(), support::Reply("GET", Ref(), 404, "404 page not found"));
    client_->Remove(Ref());
  });
  const Readiness readiness = Await(kEndless, absl::Seconds(20));
  somebody.join();
  EXPECT_TRUE(readiness.lost) << readiness.summary << Details(readiness);
}

TEST_F(ReadinessTest, AnOperatorThatIsBeingDeletedDoesNotRunIt) {
  PutInstance();
  PutOperator([](Json& d) {
    d["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    d["metadata"]["finalizers"] = {"foregroundDeletion"};
  });
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary, "The W&B operator is not running");
  EXPECT_THAT(Details(readiness),
              HasSubstr("held by the finalizer foregroundDeletion"));
}

// ---- What may not be seen ----

TEST_F(ReadinessTest, WhoMayNotReadWhatTellsItIsToldThatAndNothingElse) {
  PutInstance();
  PutActive(Compile(model_).chart, Json::object());
  PutWorkload("wandb-app", 1);
  const kube::ObjectRef kHidden[] = {
      kube::SecretRef("default", "wandb-spec-active"),
      kube::SecretRef("default", "wandb-spec-user"),
      kube::SecretRef("default", "wandb-latest-cached-release"),
      kube::DeploymentRef("default", ""),
      {"apps", "v1", "daemonsets", "default", ""},
  };
  for (const kube::ObjectRef& hidden : kHidden) {
    SCOPED_TRACE(kube::Describe(hidden));
    client_->FailAlways(hidden, support::Reply("GET", hidden, 403, ""));
    const Readiness readiness = Await(kEndless);
    client_->FailAlways(hidden, absl::OkStatus());
    EXPECT_FALSE(readiness.ready);
    EXPECT_EQ(readiness.summary,
              "Whether instance default/wandb is ready cannot be told");
    const auto right = kube::MissingRight(readiness.unseen);
    ASSERT_TRUE(right.has_value());
    EXPECT_EQ(right->resource, hidden.resource);
    EXPECT_EQ(right->ns, "default");
    EXPECT_EQ(right->verb, hidden.name.empty() ? "list" : "get");
  }
  EXPECT_TRUE(Await(kEndless).ready);
}

// ---- What the report says ----

TEST_F(ReadinessTest, AFailedWaitOfTheOperatorStartsWithThePodsReason) {
  PutInstance();
  PutOperator([](Json& d) {  // The old pod still runs.
    d["status"] = {{"observedGeneration", 99},
                   {"replicas", 2},
                   {"updatedReplicas", 1},
                   {"availableReplicas", 1}};
  });
  PutPod(*base::ParseJson(R"({"containerStatuses": [{"name": "manager",
      "state": {"waiting": {"reason": "ImagePullBackOff"}}}]})",
                          "test"));
  const Readiness readiness = AwaitInVain();
  EXPECT_EQ(readiness.summary,
            "The W&B operator is not running: 0 of 1 new pods ready");
  EXPECT_THAT(readiness.details[0], HasSubstr("ImagePullBackOff"));
  EXPECT_THAT(Details(readiness), Not(HasSubstr("timeouts")));
  EXPECT_TRUE(readiness.never_ran);
}

TEST_F(ReadinessTest, MoreTimeIsAdvisedOnlyWhereNothingElseIsWrong) {
  PutInstance();
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  PutPod({{"phase", "Pending"}});
  EXPECT_THAT(Details(AwaitInVain()), HasSubstr("timeouts"));
}

TEST_F(ReadinessTest, TheOperatorsLogGoesFirstWithoutItsTraces) {
  PutInstance();
  PutPod({{"phase", "Running"}});
  client_->SetLogs(
      "wandb", "wandb-controller-manager-x-y",
      R"({"level":"info","msg":"Desired spec","name":"wandb","namespace":"default","spec":{"a":1}})"
      "\nno JSON\n"
      R"({"level":"error","ts":"2026-11-25T10:00:00Z","msg":"Reconciler error","name":"wandb","namespace":"default","error":"type not match","stacktrace":"main.go:1"})"
      "\n"
      R"({"level":"error","ts":"2026-11-25T10:00:01Z","msg":"Reconciler error","name":"other","namespace":"default","error":"theirs"})"
      "\n");
  const Readiness readiness = AwaitInVain();
  EXPECT_THAT(
      readiness.details,
      ElementsAre("operator log: 2026-11-25T10:00:00Z: Reconciler error: type "
                  "not match",
                  "The operator has applied no specification yet.",
                  "The operator reports phase \"\"."));
}

TEST_F(ReadinessTest, ALogThatCannotBeReadIsOneLineBehindTheReason) {
  model_.chart = {};
  PutInstance();
  Json live = client_->Stored(Ref());
  live["status"]["phase"] = "Invalid Config";
  client_->Put(Ref(), live);
  client_->Put({"", "v1", "events", "default", "e"},
               {{"kind", "Event"},
                {"reason", "ApplyFailed"},
                {"lastTimestamp", "2026-01-01T00:00:00Z"},
                {"involvedObject", {{"name", "wandb"}}}});
  PutPod({{"phase", "Running"}});
  const kube::ObjectRef pod =
      kube::ObjectIn(kube::PodsIn("wandb"), "wandb-controller-manager-x-y");
  client_->FailAlways(pod, support::Reply("GET", pod, 403, ""));
  const Readiness readiness = Await(kEndless);
  ASSERT_FALSE(readiness.details.empty());
  EXPECT_THAT(readiness.details.front(), StartsWith("No layer names a chart"));
  EXPECT_EQ(readiness.details.back(),
            "The log of pod wandb-controller-manager-x-y cannot be read: the "
            "right to get pods in namespace \"wandb\" is missing.");
}

TEST_F(ReadinessTest, AnErrorThatQuotesTheSpecificationKeepsItsMessage) {
  PutInstance();
  PutPod({{"phase", "Running"}});
  client_->SetLogs(
      "wandb", "wandb-controller-manager-x-y",
      R"({"level":"error","msg":"cannot apply","error":"bad \"spec\": {s3cr3t}"})");
  const Readiness readiness = AwaitInVain();
  EXPECT_EQ(readiness.details[0], "operator log: cannot apply");
  EXPECT_THAT(Details(readiness), Not(HasSubstr("s3cr3t")));
}

// What other layers and managers configured, too.
class SecretsOfOthersTest : public ReadinessTest {
 protected:
  SecretsOfOthersTest() {
    client_->Put(Ref(), {{"kind", "WeightsAndBiases"},
                         {"spec",
                          {{"values", {{"x", {{"apiToken", "canary-other"}}}}},
                           {"chart", {{"password", "canary-chart"}}}}}});
    PutLayer("wandb-spec-user", {{"x", {{"clientSecret", "canary-user"}}}});
    PutLayer("wandb-latest-cached-release",
             {{"x", {{"dsn", "u:canary-dsn@tcp(db)/x"}}}});
  }

  void PutLayer(const std::string& name, const Json& values) {
    client_->Put(kube::SecretRef("default", name),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape("null")},
                    {"values", absl::Base64Escape(values.dump())}}}});
  }
};

TEST_F(SecretsOfOthersTest, AreNotInTheDifferenceThatIsShortened) {
  PutActive({{"url", "https://charts.test"}, {"name", "operator-wandb"}},
            {{"note", absl::StrCat(std::string(70, 'n'), " canary-user")}});
  EXPECT_THAT(Details(AwaitInVain()),
              AllOf(HasSubstr("values.note is nnn"), Not(HasSubstr(" can"))));
}

constexpr char kLeak[] =
    "canary-other, canary-chart, canary-user, canary-dsn and "
    "db_password=canary-form are wrong";

TEST_F(SecretsOfOthersTest, AreNotInWhatIsQuotedOfTheOperatorsLog) {
  PutPod({{"phase", "Running"}});
  client_->SetLogs(
      "wandb", "wandb-controller-manager-x-y",
      Json({{"level", "error"}, {"msg", "no"}, {"error", kLeak}}).dump());
  EXPECT_THAT(Details(AwaitInVain()),
              AllOf(HasSubstr("operator log: no: (sensitive), (sensitive)"),
                    Not(HasSubstr("canary"))));
}

TEST_F(SecretsOfOthersTest, AreNotInWhatPodsAndEventsSay) {
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  Json status = *base::ParseJson(R"({"containerStatuses": [{"name": "manager",
      "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}]})",
                                 "test");
  status["containerStatuses"][0]["state"]["terminated"]["message"] = kLeak;
  PutPod(std::move(status));
  client_->Put({"", "v1", "events", "wandb", "e"},
               {{"kind", "Event"},
                {"type", "Warning"},
                {"involvedObject",
                 {{"kind", "Pod"}, {"name", "wandb-controller-manager-x-y"}}},
                {"reason", "Failed"},
                {"message", absl::StrCat("event: ", kLeak)}});
  EXPECT_THAT(Details(AwaitInVain()),
              AllOf(HasSubstr("exited with status 1 (Error: (sensitive)"),
                    HasSubstr("Failed: event: (sensitive), (sensitive)"),
                    Not(HasSubstr("canary"))));
}

TEST_F(ReadinessTest, TheChartVersionsWantedAndFoundAreNamed) {
  PutInstance();
  PutActive({{"url", "https://charts.test"},
             {"name", "operator-wandb"},
             {"version", "0.43.7"}},
            Json::object());
  EXPECT_THAT(
      AwaitInVain().details,
      Contains(HasSubstr("chart.version is 0.43.7, and should be 0.43.8")));
}

TEST_F(ReadinessTest, WorkloadsThatRanAreNotSafeToReplace) {
  PutInstance();
  PutActive(Compile(model_).chart, Json::object());
  PutWorkload("wandb-app", 0);
  const Readiness none = AwaitInVain();
  EXPECT_EQ(none.summary, "W&B is not running yet");
  EXPECT_TRUE(none.never_ran);
  PutWorkload("wandb-mysql", 1);
  EXPECT_FALSE(AwaitInVain().never_ran);
  client_->FailAlways(kube::DeploymentRef("default", ""),
                      support::Reply("GET", kDeployment, 403, ""));
  EXPECT_FALSE(AwaitInVain().never_ran);
}

// ---- At plan ----

class OperatorAtPlanTest : public ReadinessTest {
 protected:
  // "warning: summary" of the plan of an update that changes one value.
  std::vector<std::string> Says(Fields more = {}) {
    Fields fields = {{"operator", Str("wandb/wandb")},
                     {"values", Map({{"a", Int(1)}})}};
    for (const auto& [name, value] : more) fields[name] = value;
    const Applied applied = Ready(fields);
    fields["values"] = Map({{"a", Int(2)}});
    const tf::RawPlan plan =
        Plan(applied.state, Make(fields), applied.private_data);
    return Lines(plan.diags);
  }
  static std::vector<std::string> Lines(const tf::Diagnostics& diags) {
    std::vector<std::string> said;
    for (const tf::Diagnostic& diag : diags.items()) {
      said.push_back(absl::StrCat(
          diag.severity == tf::Severity::kError ? "error: " : "warning: ",
          diag.summary));
    }
    return said;
  }
};

TEST_F(OperatorAtPlanTest, AnUpdateIsWarnedOfAnOperatorThatDoesNotRun) {
  EXPECT_THAT(Says(), ElementsAre());
  PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
  EXPECT_THAT(Says(), ElementsAre("warning: Instance default/wandb: The W&B "
                                  "operator is not running"));
  client_->Remove(kDeployment);
  EXPECT_THAT(Says(), ElementsAre("warning: Instance default/wandb: The W&B "
                                  "operator is not running"));
  client_->FailAlways(kDeployment, support::Reply("GET", kDeployment, 403, ""));
  EXPECT_THAT(Says(), ElementsAre());
}

// The wait asks for the operator whatever the update writes, and a value that
// is not known yet says nothing of the operator.
TEST_F(OperatorAtPlanTest, AnyUpdateThatWaitsIsWarnedOfAMissingOperator) {
  const Fields fields = {{"operator", Str("wandb/wandb")},
                         {"values", Map({{"a", Int(1)}})}};
  const Applied applied = Ready(fields);
  client_->Remove(kDeployment);
  const std::pair<const char*, cty::Value> kChanges[] = {
      {"values", Map({{"a", UnknownStr()}})},
      {"values", Map({{"a", cty::Value::Unknown(cty::Type::Dynamic())}})},
      {"labels", cty::Value::Map(kString, {{"team", Str("ml")}})}};
  for (const auto& [name, value] : kChanges) {
    Fields changed = fields;
    changed[name] = value;
    EXPECT_THAT(
        Lines(Plan(applied.state, Make(changed), applied.private_data).diags),
        ElementsAre("warning: Instance default/wandb: The W&B operator "
                    "is not running"))
        << name;
  }
  // Nobody waits for it, and nothing is for it.
  Fields idle = fields;
  idle["wait"] = Flag(false);
  const Applied unwaited = Ready(idle);
  idle["labels"] = cty::Value::Map(kString, {{"team", Str("ml")}});
  EXPECT_THAT(
      Lines(Plan(unwaited.state, Make(idle), unwaited.private_data).diags),
      ElementsAre());
}

// With its definition the operator takes the instances along: what is then
// planned is a create.
TEST_F(OperatorAtPlanTest, AnInstanceThatWentWithItsOperatorIsNotSilent) {
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  client_->Remove(kDeployment);
  EXPECT_THAT(Lines(Plan(Nothing(), applied.config).diags), ElementsAre());
  EXPECT_TRUE(Read(applied.state, applied.private_data).state.IsNull());
  const tf::RawPlan plan = Plan(Nothing(), applied.config);
  ASSERT_THAT(Lines(plan.diags),
              ElementsAre("warning: Instance default/wandb: The W&B operator "
                          "is not running"));
  EXPECT_THAT(plan.diags.items()[0].detail,
              HasSubstr("unless the same apply changes it"));
}

TEST_F(OperatorAtPlanTest, AirgappedOnOneSideOnlyIsSaid) {
  EXPECT_THAT(Says({{"airgapped", Flag(true)}}),
              ElementsAre(HasSubstr("warning: Instance default/wandb: The "
                                    "instance is air-gapped")));
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  EXPECT_THAT(Says({{"airgapped", Flag(true)}}), ElementsAre());
  EXPECT_THAT(Says(),
              ElementsAre(HasSubstr("error: Instance default/wandb: The W&B "
                                    "operator is air-gapped")));
  // Without `operator`, another one may be meant.
  EXPECT_THAT(Says({{"operator", cty::Value::Null(kString)}}),
              ElementsAre(StartsWith("warning: ")));
}

// The operator may be changed by the same apply.
TEST_F(OperatorAtPlanTest, LeavingAirgappedIsNoError) {
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  const Fields fields = {{"operator", Str("wandb/wandb")},
                         {"airgapped", Flag(true)}};
  const Applied applied = Ready(fields);
  const tf::RawPlan plan =
      Plan(applied.state, Make({{"operator", Str("wandb/wandb")}}),
           applied.private_data);
  EXPECT_THAT(Lines(plan.diags), ElementsAre(StartsWith("warning: ")));
}

TEST_F(OperatorAtPlanTest, AMisspeltOperatorIsCorrected) {
  const auto warning = [](const tf::Diagnostics& diags) {
    std::vector<std::string> said;
    for (const tf::Diagnostic& diag : diags.items()) {
      EXPECT_EQ(diag.severity, tf::Severity::kWarning);
      said.push_back(absl::StrCat(diag.summary, ": ", diag.detail));
    }
    return said;
  };
  const auto expected = ElementsAre(
      AllOf(StartsWith("Instance default/wandb: There is no operator "
                       "wandb/wand: "),
            HasSubstr("wandb/wandb (Deployment "
                      "\"wandb/wandb-controller-manager\") runs this "
                      "instance: correct `operator`: operator = "
                      "\"wandb/wandb\"."),
            HasSubstr("Unless the same apply installs wandb/wand")));
  const Fields wrong = {{"operator", Str("wandb/wand")}};
  EXPECT_THAT(warning(PlanCreate(wrong).diags), expected);
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  EXPECT_THAT(
      warning(Plan(applied.state, Make(wrong), applied.private_data).diags),
      expected);
  // Made otherwise, so that no id stands for it.
  kube::ObjectRef other = kDeployment;
  other.name = "release-manager";
  Json deployment = client_->Stored(kDeployment);
  deployment["metadata"]["name"] = other.name;
  client_->Remove(kDeployment);
  client_->Put(other, deployment);
  EXPECT_THAT(warning(PlanCreate(wrong).diags),
              ElementsAre(HasSubstr("runs this instance: leave `operator` "
                                    "out.")));
  // None runs it: this apply may bring the one that is meant.
  client_->Remove(other);
  NewProcess();  // One that has seen no instance of the name.
  EXPECT_THAT(warning(PlanCreate(wrong).diags), ElementsAre());
}

TEST_F(OperatorAtPlanTest, APlanWithoutChangesDoesNotAsk) {
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  client_->ClearCalls();
  Plan(applied.state, applied.config, applied.private_data);
  EXPECT_THAT(client_->CallLines(), ElementsAre());
}

TEST_F(OperatorAtPlanTest, OfACreateLeavesWhatTheApplyMayBring) {
  const auto says = [&] {
    tf::Diagnostics diags;
    ReportOperator(LookAtOperator({}, *client_, model_), model_, std::nullopt,
                   /*fresh=*/true, diags);
    return Lines(diags);
  };
  EXPECT_THAT(says(), ElementsAre());
  client_->Remove(kDeployment);
  EXPECT_THAT(says(), ElementsAre());
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  EXPECT_THAT(says(), ElementsAre(StartsWith("error: ")));
}

}  // namespace
}  // namespace resources
