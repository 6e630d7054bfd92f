// When the wait of a wandb_instance ends for what no retry heals.
#include "resources/instance/hindrances.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HindrancesTest : public ReadinessTest {
 protected:
  HindrancesTest() {
    PutInstance();
    PutActive(Desired(model_).compiled.chart, Json::object());
    PutWorkload("wandb-app", 0);
  }

  void PutAppPod(Json status, Json spec = Json::object()) {
    client_->Put(kube::ObjectIn(kube::PodsIn("default"), "wandb-app-x"),
                 {{"kind", "Pod"},
                  {"metadata", {{"labels", {{"app", "wandb-app"}}}}},
                  {"spec", std::move(spec)},
                  {"status", std::move(status)}});
  }
  static Json Waiting(const char* reason, const char* message) {
    return {{"phase", "Pending"},
            {"containerStatuses",
             {{{"name", "app"},
               {"state",
                {{"waiting", {{"reason", reason}, {"message", message}}}}}}}}};
  }
};

TEST_F(HindrancesTest, AnInvalidImageNameEndsTheWaitEarly) {
  PutAppPod(Waiting("InvalidImageName", "couldn't parse image name \"A B\""));
  const Readiness readiness = Await(kQuick);
  EXPECT_FALSE(readiness.ready);
  EXPECT_TRUE(readiness.never_ran);
  EXPECT_EQ(readiness.summary,
            "W&B cannot start: the name of an image is invalid");
  EXPECT_THAT(readiness.details[0],
              AllOf(StartsWith("Pod \"wandb-app-x\": container app of "
                               "Deployment \"wandb-app\": InvalidImageName: "
                               "couldn't parse"),
                    HasSubstr("apply again")));
  EXPECT_THAT(Details(readiness), Not(HasSubstr("timeouts")));
}

TEST_F(HindrancesTest, AMissingSecretEndsTheWaitOnceItHasLastedAndIsNotShown) {
  model_.values = Map({{"apiToken", Str("canary-token")}});
  PutInstance();
  PutActive(Desired(model_).compiled.chart, Desired(model_).compiled.values);
  PutAppPod(Waiting("CreateContainerConfigError",
                    "secret \"canary-token\" not found"));
  const absl::Time start = absl::Now();
  const Readiness readiness = Await(kQuick);
  EXPECT_GE(absl::Now() - start, kQuick.with_something_missing);
  EXPECT_EQ(readiness.summary,
            "W&B cannot start: a Secret or ConfigMap that it needs is missing");
  EXPECT_THAT(readiness.details[0], HasSubstr("CreateContainerConfigError"));
  EXPECT_THAT(Details(readiness), Not(HasSubstr("canary")));
}

TEST_F(HindrancesTest, AQuotaEndsTheWaitEarly) {
  Json workload = client_->Stored(kube::DeploymentRef("default", "wandb-app"));
  workload["status"]["conditions"] = {
      {{"type", "ReplicaFailure"},
       {"status", "True"},
       {"message", "pods \"x\" is forbidden: exceeded quota: q"}}};
  client_->Put(kube::DeploymentRef("default", "wandb-app"), workload);
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary,
            "W&B cannot start: the API server refuses its pods");
  EXPECT_THAT(readiness.details[0],
              AllOf(StartsWith("Deployment \"wandb-app\""),
                    HasSubstr("exceeded quota: q")));
}

TEST_F(HindrancesTest, AClaimWithoutAStorageClassEndsTheWaitEarly) {
  client_->Put(
      {"", "v1", "persistentvolumeclaims", "default", "data"},
      {{"kind", "PersistentVolumeClaim"}, {"status", {{"phase", "Pending"}}}});
  PutAppPod(
      {{"phase", "Pending"}},
      {{"volumes", {{{"persistentVolumeClaim", {{"claimName", "data"}}}}}}});
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary,
            "W&B cannot start: a volume claim has no StorageClass");
  EXPECT_THAT(readiness.details[0], HasSubstr("has no default one"));
}

// What goes in time is waited out.
TEST_F(HindrancesTest, WhatIsSuppliedInTimeDoesNotEndTheWait) {
  PutAppPod(Waiting("CreateContainerConfigError", "secret \"s\" not found"));
  int looks = 0;
  Patience patience = kQuick;
  patience.with_something_missing = absl::Seconds(30);
  std::thread supplier([&] {
    for (; looks < 3; ++looks) absl::SleepFor(absl::Milliseconds(50));
    PutWorkload("wandb-app", 1);
  });
  const Readiness readiness = Await(patience);
  supplier.join();
  EXPECT_TRUE(readiness.ready) << Details(readiness);
}

// It has begun anew in between: that is no standing state.
TEST_F(HindrancesTest, EachHindranceHasATimeOfItsOwn) {
  StandingHindrances hindrances(
      *client_, {.look_again = absl::ZeroDuration(),
                 .with_something_missing = absl::Milliseconds(60)});
  Json workload = client_->Stored(kube::DeploymentRef("default", "wandb-app"));
  const auto look = [&] { return hindrances.Look({}, {workload}); };
  PutAppPod(Waiting("CreateContainerConfigError", "a"));
  EXPECT_FALSE(look().has_value());
  absl::SleepFor(absl::Milliseconds(80));
  PutAppPod(Waiting("ContainerCreating", ""));
  EXPECT_FALSE(look().has_value());
  PutAppPod(Waiting("CreateContainerConfigError", "a"));
  EXPECT_FALSE(look().has_value());
  absl::SleepFor(absl::Milliseconds(80));
  EXPECT_TRUE(look().has_value());
}

TEST_F(HindrancesTest, AnOperatorThatCannotStartEndsTheWaitEarly) {
  PutOperator([](Json& d) { d["status"]["availableReplicas"] = 0; });
  PutPod(Waiting("InvalidImageName", "why"));
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary,
            "The W&B operator cannot start: the name of an image is invalid");
}

// ---- Jobs ----

TEST_F(HindrancesTest, AFailedHookIsSaidBeforeTheOperatorsWords) {
  client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
  const auto put_job = [this](const char* name, Json metadata) {
    metadata["uid"] = absl::StrCat("u-", name);
    client_->Put({"batch", "v1", "jobs", "default", name},
                 {{"kind", "Job"},
                  {"metadata", std::move(metadata)},
                  {"spec", {{"selector", {{"matchLabels", {{"job", name}}}}}}},
                  {"status",
                   {{"conditions",
                     {{{"type", "Failed"},
                       {"status", "True"},
                       {"message", "has reached the backoff limit"}}}}}}});
  };
  put_job("wandb-migration",
          {{"annotations", {{"helm.sh/hook", "pre-upgrade"}}}});
  put_job("other-migration",
          {{"annotations", {{"helm.sh/hook", "pre-upgrade"}}}});
  put_job("wandb-backfill-1",
          {{"labels", {{"app.kubernetes.io/instance", "wandb"}}},
           {"ownerReferences", {{{"kind", "CronJob"}}}}});
  client_->Put(kube::ObjectIn(kube::PodsIn("default"), "wandb-migration-x"),
               *base::ParseJson(R"({"kind": "Pod",
                 "metadata": {"labels": {"job": "wandb-migration"}},
                 "status": {"phase": "Failed", "containerStatuses": [{
                   "name": "m", "state": {"terminated": {"exitCode": 3,
                   "reason": "Error"}}}]}})",
                                "test"));
  client_->SetLogs("default", "wandb-migration-x",
                   "db_password=canary\nno such table");
  const Readiness readiness = AwaitInVain();
  EXPECT_THAT(
      readiness.details[0],
      "Job \"wandb-migration\": the job failed: has reached the backoff limit");
  EXPECT_THAT(Details(readiness),
              AllOf(HasSubstr("container m: exited with status 3 (Error)"),
                    HasSubstr("\n    no such table"), Not(HasSubstr("canary")),
                    Not(HasSubstr("other-migration")),
                    Not(HasSubstr("backfill")), Not(HasSubstr("timeouts"))));
}

// ---- The phase ----

TEST_F(HindrancesTest, ThePhaseOfWhatIsReadyIsTheOneAtTheEnd) {
  PutWorkload("wandb-app", 1);
  Json live = client_->Stored(Ref());
  live["status"]["phase"] = "Loading";
  client_->Put(Ref(), live);
  std::thread operator_thread([&] {
    absl::SleepFor(absl::Milliseconds(60));
    live["status"]["phase"] = "Completed";
    client_->Put(Ref(), live);
  });
  Patience patience = kQuick;
  patience.with_old_phase = absl::Seconds(5);
  const Readiness readiness = Await(patience);
  operator_thread.join();
  EXPECT_TRUE(readiness.ready);
  EXPECT_EQ(readiness.phase, "Completed");
  // It never comes: the operator may have been stopped.
  live["status"]["phase"] = "Loading";
  client_->Put(Ref(), live);
  EXPECT_TRUE(Await(kQuick).ready);
}

}  // namespace
}  // namespace resources
