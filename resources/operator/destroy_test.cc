// What a destroy of wandb_operator takes away, and what holds it up.
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "resources/owner.h"
#include "tests/support/ownership_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using OperatorDestroyTest = OwnershipTest;

TEST_F(OperatorDestroyTest,
       RightsAreNotTakenFromInstancesWithoutTheDeployment) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"},
               {{"kind", "WeightsAndBiases"}});
  const Json ours = client_->Stored(Deployment());
  for (const bool made_again : {false, true}) {
    client_->Remove(Deployment());
    if (made_again) {
      Json again = ours;
      again["metadata"] = {{"labels", ours["metadata"]["labels"]}};
      client_->Put(Deployment(), again, "kubectl");
    }
    const auto before = Live();
    const tf::RawApply refused =
        Change(created.state, Nothing(), created.private_data);
    EXPECT_TRUE(refused.diags.HasError()) << made_again;
    EXPECT_THAT(Text(refused.diags), HasSubstr("ml/w"));
    EXPECT_EQ(Live(), before);
  }
}

// It still has pods, and nobody watches once they are gone.
TEST_F(OperatorDestroyTest, AnOperatorThatIsBeingDeletedRunsNoInstances) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"},
               {{"kind", "WeightsAndBiases"}});
  Json other = client_->Stored(Deployment());
  other["metadata"] = {{"labels", other["metadata"]["labels"]},
                       {"finalizers", {"example.com/hold"}},
                       {"deletionTimestamp", "2026-01-01T00:00:00Z"}};
  other["status"] = {{"observedGeneration", 99},
                     {"replicas", 1},
                     {"updatedReplicas", 1},
                     {"readyReplicas", 1},
                     {"availableReplicas", 1}};
  client_->Put(kube::DeploymentRef("ops", "ops-controller-manager"), other,
               "kubectl");
  const tf::RawApply refused =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_TRUE(refused.diags.HasError());
  other["metadata"].erase("deletionTimestamp");
  client_->Put(kube::DeploymentRef("ops", "ops-controller-manager"), other,
               "kubectl");
  EXPECT_FALSE(
      Change(created.state, Nothing(), created.private_data).diags.HasError());
}

// Says when something is about to be deleted.
class DeletingClient final : public support::FakeClient {
 public:
  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    if (before_delete) before_delete(ref);
    return FakeClient::Delete(ctx, ref, options);
  }
  std::function<void(const kube::ObjectRef&)> before_delete;
};

class DestroysTogetherTest : public OwnershipTest {
 protected:
  // Two operators that run, and an instance of both.
  DestroysTogetherTest() {
    PlayControllers(*cluster_);
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(cluster_));
    StartAgain();
    first_ = Change(Nothing(), In("wandb"));
    second_ = Change(Nothing(), In("ops", "wb"));
    cluster_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"},
                  {{"kind", "WeightsAndBiases"}});
    cluster_->ClearCalls();
  }
  tf::RawApply Destroy(const base::Context& ctx,
                       const tf::RawApply& created) const {
    tf::RawApply call{.config = Nothing(),
                      .prior = created.state,
                      .planned = Nothing(),
                      .private_data = created.private_data};
    resource_->Apply(ctx, call);
    return call;
  }

  const std::shared_ptr<DeletingClient> cluster_ =
      std::make_shared<DeletingClient>();
  tf::RawApply first_, second_;
};

TEST_F(DestroysTogetherTest, OneOfThemIsRefusedForTheInstances) {
  tf::RawApply of_second;
  std::thread thread;
  cluster_->before_delete = [&](const kube::ObjectRef& ref) {
    if (!(ref == Deployment()) || thread.joinable()) return;
    // The first one has found that the second one runs the instance. Now the
    // second one asks.
    auto done = std::make_shared<absl::Notification>();
    thread = std::thread([this, done, &of_second] {
      of_second = Destroy({}, second_);
      done->Notify();
    });
    done->WaitForNotificationWithTimeout(absl::Milliseconds(200));
  };
  const tf::RawApply of_first = Destroy({}, first_);
  ASSERT_TRUE(thread.joinable());
  thread.join();
  EXPECT_FALSE(of_first.diags.HasError()) << Text(of_first.diags);
  EXPECT_TRUE(of_second.diags.HasError());
  EXPECT_THAT(Text(of_second.diags), HasSubstr("ml/w"));
  EXPECT_FALSE(
      cluster_->Stored(kube::DeploymentRef("ops", "wb-controller-manager"))
          .is_null());
}

TEST_F(DestroysTogetherTest, ThePlanOfTheLastOneSaysWhatThatMeans) {
  const auto plan = [this](const tf::RawApply& created) {
    return Plan(created.state, Nothing(), created.private_data).diags;
  };
  EXPECT_THAT(plan(first_).items(), IsEmpty());
  const tf::Diagnostics both = plan(second_);
  EXPECT_FALSE(both.HasError());
  ASSERT_THAT(both.items(), SizeIs(1)) << Text(both);
  EXPECT_THAT(both.items()[0].summary, HasSubstr("Operator ops/wb"));
  EXPECT_THAT(both.items()[0].detail,
              AllOf(HasSubstr("\"wandb/wandb-controller-manager\""),
                    Not(HasSubstr("ops/wb-")), HasSubstr("ml/w")));
  // In another walk only one of them goes.
  session_->plan_notes().Clear();
  EXPECT_THAT(plan(second_).items(), IsEmpty());
}

TEST_F(DestroysTogetherTest, InstancesThatThisPlanDestroysAreLeftOutOfThat) {
  session_->plan_notes().NoteInstance("ml/w", PlanNotes::Plan::kGoes);
  for (const tf::RawApply& each : {first_, second_}) {
    const tf::RawPlan plan = Plan(each.state, Nothing(), each.private_data);
    EXPECT_THAT(plan.diags.items(), IsEmpty()) << Text(plan.diags);
  }
}

TEST_F(DestroysTogetherTest, OneThatWaitsForTheOtherCanBeStopped) {
  base::StopSource source;
  tf::RawApply of_second;
  bool asked = false;
  cluster_->before_delete = [&](const kube::ObjectRef& ref) {
    if (!(ref == Deployment()) || std::exchange(asked, true)) return;
    std::thread stopped(
        [&] { of_second = Destroy(source.context(), second_); });
    source.Stop();
    stopped.join();
  };
  EXPECT_FALSE(Destroy({}, first_).diags.HasError());
  ASSERT_TRUE(asked);
  EXPECT_THAT(Text(of_second.diags), HasSubstr("interrupted"));
  EXPECT_FALSE(of_second.state.IsNull());
}

// Gives the rights of the operator's role to another account, too.
void Share(support::FakeClient& cluster) {
  Json binding = cluster.Stored(ManagerBinding());
  binding["subjects"].push_back(AccountSubject("default", "other"));
  cluster.Put(ManagerBinding(), binding, "kubectl");
}

TEST_F(DestroysTogetherTest, WhatOthersBeginToUseWhileObjectsGoIsKept) {
  const kube::ObjectRef account = {"", "v1", "serviceaccounts", "wandb",
                                   "wandb-manager"};
  // While the Deployment goes; and after the last look, before the DELETE.
  for (const kube::ObjectRef& when : {Deployment(), ManagerBinding()}) {
    SCOPED_TRACE(kube::Describe(when));
    bool shared = false;
    // Others are deleted at the same time.
    cluster_->before_delete = [&](const kube::ObjectRef& ref) {
      if (ref == when && !std::exchange(shared, true)) Share(*cluster_);
    };
    const tf::RawApply gone = Destroy({}, first_);
    cluster_->before_delete = nullptr;
    EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
    EXPECT_THAT(Text(gone.diags),
                HasSubstr("ServiceAccount \"default/other\""));
    EXPECT_FALSE(cluster_->Stored(ManagerBinding()).is_null());
    EXPECT_FALSE(cluster_->Stored(ManagerRole()).is_null());
    EXPECT_TRUE(cluster_->Stored(account).is_null());
    cluster_->Remove(ManagerBinding());
    cluster_->Remove(ManagerRole());
    first_ = Change(Nothing(), In("wandb"));
    ASSERT_FALSE(first_.diags.HasError()) << Text(first_.diags);
  }
}

TEST_F(OperatorDestroyTest, NobodyIsToldToDeleteTheNamespaceOfAnotherOperator) {
  const tf::RawApply first = Change(Nothing(), Make({{"name", Str("f1")}}));
  ASSERT_FALSE(first.diags.HasError()) << Text(first.diags);
  ASSERT_FALSE(Change(Nothing(), Make({{"name", Str("f2")}})).diags.HasError());
  const tf::RawApply gone = Change(first.state, Nothing(), first.private_data);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_THAT(Text(gone.diags), AllOf(HasSubstr("wandb_operator \"wandb/f2\""),
                                      Not(HasSubstr("kubectl delete"))));
}

TEST_F(OperatorDestroyTest, ARenamedOperatorGetsTheNamespaceThatWasKept) {
  const kube::ObjectRef ns = kube::NamespaceRef("wandb");
  const kube::ObjectRef secret = kube::SecretRef("wandb", "mine");
  const tf::RawApply first = Change(Nothing(), Make({{"name", Str("f1")}}));
  Json live = client_->Stored(ns);
  live["metadata"]["creationTimestamp"] = "2024-01-01T00:00:00Z";
  client_->Put(ns, live, "clock");
  client_->Put(secret, {{"kind", "Secret"}});
  const tf::RawApply gone = Change(first.state, Nothing(), first.private_data);
  EXPECT_THAT(Text(gone.diags), AllOf(HasSubstr("Secret \"mine\""),
                                      Not(HasSubstr("kubectl delete"))));
  const tf::RawApply second = Change(Nothing(), Make({{"name", Str("f2")}}));
  ASSERT_FALSE(second.diags.HasError()) << Text(second.diags);
  EXPECT_EQ(OwnerOf(client_->Stored(ns)), "wandb/f2");
  client_->Remove(secret);
  Change(second.state, Nothing(), second.private_data);
  EXPECT_TRUE(client_->Stored(ns).is_null());
}

}  // namespace
}  // namespace resources
