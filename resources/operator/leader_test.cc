// What is said of a manager that waits for its turn.
#include "resources/leader.h"

#include "absl/time/clock.h"
#include "tests/support/fake_replies.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char kOwnPod[] = "wandb-controller-manager-6c5d4b7f9-x7k2p";

class LeaderTest : public OperatorTest {
 protected:
  static kube::ObjectRef Lease() {
    return {"coordination.k8s.io",     "v1",   "leases", "wandb",
            "3009dfa6.apps.wandb.com", "Lease"};
  }
  static std::string At(absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
  }
  void PutLease(const std::string& holder, absl::Duration renewed_ago) {
    client_->Put(Lease(), {{"kind", "Lease"},
                           {"spec",
                            {{"holderIdentity", holder},
                             {"leaseDurationSeconds", 15},
                             {"acquireTime", "2026-01-02T03:04:05.000000Z"},
                             {"renewTime", At(now_ - renewed_ago)}}}});
  }
  void PutPod(const std::string& name) {
    client_->Put(kube::ObjectIn(kube::PodsIn("wandb"), name),
                 {{"kind", "Pod"}});
  }
  // Available since then.
  Json PutDeployment(absl::Duration ago,
                     const char* argument = "--leader-elect") {
    Json deployment = {{"kind", "Deployment"},
                       {"spec",
                        {{"template",
                          {{"spec",
                            {{"containers",
                              {{{"name", "manager"},
                                {"args", Json::array({argument})}}}}}}}}}},
                       {"status",
                        {{"conditions",
                          {{{"type", "Available"},
                            {"status", "True"},
                            {"lastTransitionTime", At(now_ - ago)}}}}}}};
    client_->Put(Deployment(), deployment);
    return client_->Stored(Deployment());
  }
  LeaderLook Look(const Json& deployment) {
    return LookAtLeader({}, *client_, deployment, now_);
  }

  const absl::Time now_ = absl::Now();
};

TEST_F(LeaderTest, NoLeaseAndOneOfItsOwnSayNothing) {
  const Json deployment = PutDeployment(absl::Hours(1));
  EXPECT_EQ(Look(deployment).held, "");
  PutLease("", absl::Hours(1));  // Given back.
  EXPECT_EQ(Look(deployment).held, "");
  PutPod(kOwnPod);
  PutLease(absl::StrCat(kOwnPod, "_0a1b"), absl::Hours(1));
  EXPECT_EQ(Look(deployment).held, "");
}

TEST_F(LeaderTest, AnotherOperatorOfTheNamespaceIsNamed) {
  const Json deployment = PutDeployment(absl::ZeroDuration());
  PutPod("other-controller-manager-5d9c8b7f6-abcde");
  PutLease("other-controller-manager-5d9c8b7f6-abcde_0a1b", absl::Seconds(2));
  EXPECT_THAT(
      Look(deployment).held,
      AllOf(HasSubstr("Lease \"wandb/3009dfa6.apps.wandb.com\" is held by "
                      "other-controller-manager-5d9c8b7f6-abcde_0a1b since "
                      "2026-01-02T03:04:05.000000Z"),
            HasSubstr("not of Deployment \"wandb/wandb-controller-manager\""),
            HasSubstr("uninstall one of them")));
  // Names that begin alike are not the same.
  PutPod("wandb-controller-manager-two-5d9c8b7f6-abcde");
  PutLease("wandb-controller-manager-two-5d9c8b7f6-abcde_1", absl::Seconds(2));
  EXPECT_THAT(Look(deployment).held, HasSubstr("uninstall one of them"));
}

TEST_F(LeaderTest, AManagerElsewhereIsNamed) {
  const Json deployment = PutDeployment(absl::ZeroDuration());
  PutLease("laptop_0a1b", absl::Seconds(2));
  EXPECT_THAT(Look(deployment).held,
              AllOf(HasSubstr("held by laptop_0a1b"), HasSubstr("stop it")));
}

TEST_F(LeaderTest, AHolderThatHasGoneCountsOnceNobodyTakesItsPlace) {
  const std::string gone = absl::StrCat(kOwnPod, "_0a1b");
  PutLease(gone, absl::Seconds(10));  // It has not run out yet.
  EXPECT_EQ(Look(PutDeployment(absl::Hours(1))).held, "");
  PutLease(gone, absl::Hours(1));  // The manager has only just come.
  EXPECT_EQ(Look(PutDeployment(absl::Seconds(5))).held, "");
  EXPECT_THAT(Look(PutDeployment(absl::Hours(1))).held,
              AllOf(HasSubstr("by nobody any more"),
                    HasSubstr("kubectl delete lease -n wandb "
                              "3009dfa6.apps.wandb.com")));
}

TEST_F(LeaderTest, WithoutElectionNobodyIsAsked) {
  PutLease("laptop_0a1b", absl::Seconds(2));
  const Json deployment = PutDeployment(absl::Hours(1), "--leader-elect=false");
  client_->ClearCalls();
  EXPECT_EQ(Look(deployment).held, "");
  EXPECT_TRUE(client_->calls().empty());
}

TEST_F(LeaderTest, AMissingRightIsALineAndOtherFailuresAreNone) {
  const Json deployment = PutDeployment(absl::Hours(1));
  client_->FailAlways(Lease(), support::Reply("GET", Lease(), 403, ""));
  const LeaderLook look = Look(deployment);
  EXPECT_EQ(look.held, "");
  EXPECT_THAT(look.unseen, HasSubstr("leases"));
  client_->FailAlways(Lease(), support::Reply("GET", Lease(), 500, ""));
  EXPECT_EQ(Look(deployment).unseen, "");
}

TEST_F(LeaderTest, AnApplyOfAnOperatorThatDoesNotActWarns) {
  PutLease("laptop_0a1b", absl::Seconds(2));
  const tf::RawApply applied = Change(Nothing(), Make({}));
  EXPECT_FALSE(applied.diags.HasError());
  EXPECT_THAT(Text(applied.diags),
              AllOf(HasSubstr("Operator wandb/wandb runs, and does not act"),
                    HasSubstr("laptop_0a1b")));
  EXPECT_EQ(applied.state.At("ready"), Flag(true));
  client_->FailAlways(Lease(), support::Reply("GET", Lease(), 403, ""));
  const tf::RawApply next = Change(applied.state, Make({{"debug", Flag(true)}}),
                                   applied.private_data);
  EXPECT_THAT(Text(next.diags), Not(HasSubstr("leases")));
}

}  // namespace
}  // namespace resources
