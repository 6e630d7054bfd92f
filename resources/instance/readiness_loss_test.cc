// The wait of a wandb_instance while the API server, the object or what runs of
// it goes away.
#include <atomic>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "resources/instance/workloads.h"
#include "tests/support/fake_replies.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Begins in the midst of a phase, outlasts several looks, and what the wait is
// for comes only after it.
TEST_F(ReadinessTest, AnOutageAtAnyPhaseIsWaitedFor) {
  const Compiled compiled = Desired(model_).compiled;
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
  PutActive(Desired(model_).compiled.chart, Json::object());
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
  const Compiled compiled = Desired(model_).compiled;
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
  PutActive(Desired(model_).compiled.chart, Json::object());
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
  const Compiled compiled = Desired(model_).compiled;
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
  PutActive(Desired(model_).compiled.chart, Json::object());
  PutWorkload("wandb-app", 0);
  Json stopped = client_->Stored(kube::DeploymentRef("default", "wandb-app"));
  stopped["spec"]["replicas"] = 0;
  stopped["status"] = {{"observedGeneration", 99}};
  client_->Put(kube::DeploymentRef("default", "wandb-app"), stopped);
  const Readiness readiness = Await(kEndless, absl::Seconds(20));
  EXPECT_FALSE(readiness.ready);
  EXPECT_THAT(Details(readiness), HasSubstr("scaled to 0 replicas"));
  EXPECT_FALSE(LookAtWorkloads({}, *client_, model_).ready);
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

}  // namespace
}  // namespace resources
