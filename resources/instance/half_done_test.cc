// What is left after a create, an update or a destroy of wandb_instance that
// ended at its n-th write, for every n: the next plan shows it, and the next
// apply does it.
#include "tests/support/half_done.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "resources/owner.h"
#include "tests/support/faulty_client.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using support::HalfDoneFault;

class InstanceHalfDoneTest
    : public InstanceTest,
      public ::testing::WithParamInterface<HalfDoneFault> {
 protected:
  // A cluster of its own for the rest of the test.
  void NewCluster() {
    cluster_ = std::make_shared<support::FaultyClient>();
    cluster_->RequireNamespaces(true);
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(cluster_));
    StartAgain();
  }
  void StartAgain() { resource_ = NewInstanceResource(session_); }

  cty::Value Config(Fields values) const {
    return Make({{"namespace", Str("team")},
                 {"create_namespace", Flag(true)},
                 {"airgapped", Flag(true)},
                 {"wait", Flag(false)},
                 {"values", Map(std::move(values))}});
  }
  cty::Value Old() const {
    return Config({{"a", Map({{"b", Int(1)}})}, {"c", Int(1)}});
  }

  // Of the whole cluster, without what differs from run to run.
  Json Content() const {
    const Json instance = cluster_->Stored(
        {"apps.wandb.com", "v1", "weightsandbiases", "team", "wandb"});
    const Json ns = cluster_->Stored(kube::NamespaceRef("team"));
    return {{"spec", instance.is_null() ? Json() : instance["spec"]},
            {"owner", ns.is_null() ? Json() : Json(OwnerOf(ns))}};
  }

  std::shared_ptr<support::FaultyClient> cluster_;
};

TEST_P(InstanceHalfDoneTest, CreateIsGoneOnWith) {
  NewCluster();
  cluster_->FailWrite(0, GetParam().fault);
  ASSERT_FALSE(Change(Nothing(), Old()).diags.HasError());
  const Json wanted = Content();
  const int writes = cluster_->writes();
  ASSERT_EQ(writes, 2);
  for (int n = 1; n <= writes; ++n) {
    SCOPED_TRACE(n);
    NewCluster();
    cluster_->FailWrite(n, GetParam().fault);
    const tf::RawApply half = Change(Nothing(), Old());
    ASSERT_TRUE(half.diags.HasError());
    if (n == 2 && GetParam().fault == support::FaultyClient::Fault::kLost) {
      // It is there, and the state says so.
      EXPECT_FALSE(half.state.At("uid").IsNull());
    }
    cluster_->FailWrite(0, GetParam().fault);
    StartAgain();
    // Core marks it as tainted: it deletes it, without its private data, and
    // creates it anew.
    if (!GetParam().killed && half.state.IsKnown()) {
      EXPECT_FALSE(Change(half.state, Nothing()).diags.HasError());
    }
    const tf::RawApply done = Change(Nothing(), Old());
    ASSERT_FALSE(done.diags.HasError()) << done.diags.items()[0].detail;
    EXPECT_EQ(Content(), wanted);
    EXPECT_EQ(Read(done.state, done.private_data).state, done.state);
    Change(done.state, Nothing(), done.private_data);
    EXPECT_EQ(Content(), Json({{"spec", nullptr}, {"owner", nullptr}}));
  }
}

TEST_P(InstanceHalfDoneTest, UpdateIsGoneOnWith) {
  // A map that loses its last key is emptied by a write of its own.
  const cty::Value updates[] = {
      Config({{"a", Map({{"b", Int(2)}})}}),
      Config({{"a", Map({})}, {"c", Int(2)}}),
  };
  for (const cty::Value& update : updates) {
    NewCluster();
    tf::RawApply created = Change(Nothing(), Old());
    cluster_->FailWrite(0, GetParam().fault);
    ASSERT_FALSE(
        Change(created.state, update, created.private_data).diags.HasError());
    const Json wanted = Content();
    const int writes = cluster_->writes();
    ASSERT_GE(writes, 2);
    for (int n = 1; n <= writes; ++n) {
      SCOPED_TRACE(n);
      NewCluster();
      created = Change(Nothing(), Old());
      ASSERT_FALSE(created.diags.HasError());
      cluster_->FailWrite(n, GetParam().fault);
      const tf::RawApply half =
          Change(created.state, update, created.private_data);
      cluster_->FailWrite(0, GetParam().fault);
      const tf::RawApply& kept =
          GetParam().killed && half.diags.HasError() ? created : half;
      StartAgain();
      const tf::RawRead read = Read(kept.state, kept.private_data);
      const tf::RawPlan plan = Plan(read.state, update, read.private_data);
      if (Content() != wanted) {
        EXPECT_FALSE(plan.planned == read.state);
      }
      const tf::RawApply done = Apply(read.state, update, plan);
      EXPECT_FALSE(done.diags.HasError());
      EXPECT_EQ(Content(), wanted);
      EXPECT_EQ(Read(done.state, done.private_data).state, done.state);
    }
  }
}

TEST_P(InstanceHalfDoneTest, DestroyIsGoneOnWith) {
  NewCluster();
  tf::RawApply created = Change(Nothing(), Old());
  cluster_->FailWrite(0, GetParam().fault);
  ASSERT_FALSE(
      Change(created.state, Nothing(), created.private_data).diags.HasError());
  const Json wanted = Content();
  const int writes = cluster_->writes();
  ASSERT_EQ(writes, 2);
  for (int n = 1; n <= writes; ++n) {
    SCOPED_TRACE(n);
    NewCluster();
    created = Change(Nothing(), Old());
    cluster_->FailWrite(n, GetParam().fault);
    const tf::RawApply half =
        Change(created.state, Nothing(), created.private_data);
    ASSERT_TRUE(half.diags.HasError());
    ASSERT_TRUE(half.state.IsKnown());
    cluster_->FailWrite(0, GetParam().fault);
    const tf::RawApply& kept = GetParam().killed ? created : half;
    StartAgain();
    const tf::RawRead read = Read(kept.state, kept.private_data);
    if (read.state.IsNull()) {
      EXPECT_EQ(Content(), wanted);
      continue;
    }
    const tf::RawApply done = Change(read.state, Nothing(), read.private_data);
    EXPECT_FALSE(done.diags.HasError());
    EXPECT_EQ(Content(), wanted);
  }
}

// It deleted its own object, and stopped at the namespace.
TEST_P(InstanceHalfDoneTest, ADestroyThatGoesOnLeavesAnInstanceMadeSince) {
  if (GetParam().killed) return;  // Then the state knows the object still.
  NewCluster();
  const tf::RawApply created = Change(Nothing(), Old());
  cluster_->FailWrite(2, GetParam().fault);
  const tf::RawApply half =
      Change(created.state, Nothing(), created.private_data);
  ASSERT_TRUE(half.diags.HasError());
  cluster_->FailWrite(0, GetParam().fault);
  const tf::RawRead read = Read(half.state, half.private_data);
  if (read.state.IsNull()) return;
  // By another state, with the same configuration.
  StartAgain();
  ASSERT_FALSE(Change(Nothing(), Old()).diags.HasError());
  const Json theirs = Content();
  ASSERT_FALSE(theirs["spec"].is_null());
  Change(read.state, Nothing(), read.private_data);
  EXPECT_EQ(Content()["spec"], theirs["spec"]);
}

INSTANTIATE_TEST_SUITE_P(Faults, InstanceHalfDoneTest,
                         ::testing::ValuesIn(support::kHalfDoneFaults),
                         support::HalfDoneName);

}  // namespace
}  // namespace resources
