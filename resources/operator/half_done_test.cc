// What is left after a create, an update or a destroy that ended at its n-th
// write, for every n: the next plan shows it, and the next apply does it.
#include "tests/support/half_done.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/status.h"
#include "resources/operator/objects.h"
#include "tests/support/faulty_client.h"
#include "tests/support/operator_fixture.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;
using Fault = support::FaultyClient::Fault;

constexpr char kPem[] =
    "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
constexpr char kOtherPem[] =
    "-----BEGIN CERTIFICATE-----\nMBBB\n-----END CERTIFICATE-----\n";

class HalfDoneTest
    : public OperatorTest,
      public ::testing::WithParamInterface<support::HalfDoneFault> {
 protected:
  static Fault fault() { return GetParam().fault; }
  static bool killed() { return GetParam().killed; }

  // A cluster of its own for the rest of the test.
  void NewCluster() {
    cluster_ = std::make_shared<support::FaultyClient>();
    PlayControllers(*cluster_);
    session_ = std::make_shared<support::FakeSession>(
        std::shared_ptr<kube::Client>(cluster_));
    StartAgain();
  }
  void StartAgain() { resource_ = NewOperatorResource(session_); }

  cty::Value Config(const char* tag, const char* pem) const {
    Fields fields = {{"image", Image({{"tag", Str(tag)}})}};
    if (pem != nullptr) {
      fields["custom_ca_certs"] = cty::Value::List(kString, {Str(pem)});
    }
    return Make(std::move(fields));
  }
  cty::Value Old() const { return Config("1", kPem); }

  // Of the whole cluster, without what differs from run to run.
  std::map<std::string, Json> Content() const {
    std::map<std::string, Json> content;
    const auto manifests =
        wandb::OperatorManifests({.custom_ca_certs = {kPem}});
    for (const Json& manifest : *manifests) {
      Json live = cluster_->Stored(*kube::RefOf(manifest));
      if (live.is_null()) continue;
      for (const char* key : {"uid", "resourceVersion", "generation",
                              "creationTimestamp", "managedFields"}) {
        live["metadata"].erase(key);
      }
      live.erase("status");
      content[ObjectKey(manifest)] = std::move(live);
    }
    return content;
  }

  std::shared_ptr<support::FaultyClient> cluster_;
};

TEST_P(HalfDoneTest, UpdateIsGoneOnWith) {
  const std::vector<cty::Value> updates = {Config("2", kOtherPem),
                                           Config("2", nullptr)};
  for (size_t u = 0; u < updates.size(); ++u) {
    NewCluster();
    tf::RawApply created = Change(Nothing(), Old());
    cluster_->FailWrite(0, fault());
    const tf::RawApply whole =
        Change(created.state, updates[u], created.private_data);
    ASSERT_FALSE(whole.diags.HasError());
    const auto wanted = Content();
    const int writes = cluster_->writes();
    ASSERT_GT(writes, 5);
    for (int n = 1; n <= writes; ++n) {
      SCOPED_TRACE(absl::StrCat("update ", u, ", write ", n));
      NewCluster();
      created = Change(Nothing(), Old());
      ASSERT_FALSE(created.diags.HasError());
      cluster_->FailWrite(n, fault());
      const tf::RawApply half =
          Change(created.state, updates[u], created.private_data);
      ASSERT_TRUE(half.diags.HasError());
      cluster_->FailWrite(0, fault());
      const tf::RawApply& kept = killed() ? created : half;
      StartAgain();
      const tf::RawRead read = Read(kept.state, kept.private_data);
      const tf::RawPlan plan = Plan(read.state, updates[u], read.private_data);
      if (Content() != wanted) {
        EXPECT_FALSE(plan.planned.At("objects") == read.state.At("objects"));
      }
      const tf::RawApply done =
          Change(read.state, updates[u], read.private_data);
      EXPECT_FALSE(done.diags.HasError());
      EXPECT_EQ(Content(), wanted);
      EXPECT_EQ(done.state, whole.state);
      const tf::RawRead last = Read(done.state, done.private_data);
      EXPECT_EQ(last.state, done.state);
    }
  }
}

TEST_P(HalfDoneTest, CreateIsGoneOnWith) {
  NewCluster();
  cluster_->FailWrite(0, fault());
  const tf::RawApply whole = Change(Nothing(), Old());
  const auto wanted = Content();
  const int writes = cluster_->writes();
  for (int n = 1; n <= writes; ++n) {
    SCOPED_TRACE(n);
    NewCluster();
    cluster_->FailWrite(n, fault());
    const tf::RawApply half = Change(Nothing(), Old());
    ASSERT_TRUE(half.diags.HasError());
    cluster_->FailWrite(0, fault());
    StartAgain();
    // Core marks it as tainted: it deletes it, without its private data, and
    // creates it anew.
    if (!killed() && half.state.IsKnown()) {
      const tf::RawApply gone = Change(half.state, Nothing());
      EXPECT_FALSE(gone.diags.HasError());
    }
    const tf::RawApply done = Change(Nothing(), Old());
    ASSERT_FALSE(done.diags.HasError()) << done.diags.items()[0].detail;
    EXPECT_EQ(Content(), wanted);
    EXPECT_EQ(done.state, whole.state);
  }
}

TEST_P(HalfDoneTest, DestroyIsGoneOnWith) {
  NewCluster();
  tf::RawApply created = Change(Nothing(), Old());
  cluster_->FailWrite(0, fault());
  ASSERT_FALSE(
      Change(created.state, Nothing(), created.private_data).diags.HasError());
  const auto wanted = Content();
  const int writes = cluster_->writes();
  ASSERT_GT(writes, 5);
  for (int n = 1; n <= writes; ++n) {
    SCOPED_TRACE(n);
    NewCluster();
    created = Change(Nothing(), Old());
    cluster_->FailWrite(n, fault());
    const tf::RawApply half =
        Change(created.state, Nothing(), created.private_data);
    ASSERT_TRUE(half.diags.HasError());
    ASSERT_TRUE(half.state.IsKnown());
    cluster_->FailWrite(0, fault());
    const tf::RawApply& kept = killed() ? created : half;
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

INSTANTIATE_TEST_SUITE_P(Faults, HalfDoneTest,
                         ::testing::ValuesIn(support::kHalfDoneFaults),
                         support::HalfDoneName);

}  // namespace
}  // namespace resources
