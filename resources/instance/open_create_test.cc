// Creates of which no answer comes: whatever they have made is found again.
#include "tests/support/instance_fixture.h"
#include "tests/support/losing_client.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;

class OpenCreateTest : public InstanceTest {
 protected:
  OpenCreateTest() {
    session_ = std::make_shared<support::FakeSession>(losing_);
    resource_ = make_(session_);
  }

  cty::Value Config(bool create_namespace) const {
    return Make({{"wait", Flag(false)},
                 {"airgapped", Flag(true)},
                 {"create_namespace", Flag(create_namespace)},
                 {"namespace", Str("ns")},
                 {"values", Map({{"a", Int(1)}})}});
  }
  static kube::ObjectRef Instance() {
    return {"apps.wandb.com", "v1", "weightsandbiases", "ns", "wandb"};
  }
  Json Object() const { return losing_->Stored(Instance()); }
  Json Namespace() const { return losing_->Stored(kube::NamespaceRef("ns")); }

  // Of a create whose n-th write is lost; the next run may ask again.
  tf::RawApply Lost(int n, bool create_namespace) {
    losing_->LoseApply(n);
    const cty::Value config = Config(create_namespace);
    tf::RawApply call = Apply(Nothing(), config, Plan(Nothing(), config));
    EXPECT_TRUE(call.diags.HasError());
    losing_->SetUnreachable(false);
    return call;
  }

  const std::shared_ptr<support::LosingClient> losing_ =
      std::make_shared<support::LosingClient>();
};

TEST_F(OpenCreateTest, ADestroyFindsTheObject) {
  const tf::RawApply lost = Lost(1, false);
  ASSERT_FALSE(Object().is_null());
  ASSERT_FALSE(lost.state.IsNull());
  const tf::RawApply end = Change(lost.state, Nothing(), lost.private_data);
  EXPECT_FALSE(end.diags.HasError());
  EXPECT_TRUE(Object().is_null());
}

TEST_F(OpenCreateTest, ARefreshFindsTheObject) {
  const tf::RawApply lost = Lost(1, false);
  const tf::RawRead read = Read(lost.state, lost.private_data);
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_EQ(read.state.At("uid"), Str(kube::UidOf(Object())));
  EXPECT_FALSE(
      Change(read.state, Nothing(), read.private_data).diags.HasError());
  EXPECT_TRUE(Object().is_null());
}

TEST_F(OpenCreateTest, WhileNobodyAnswersTheStateStays) {
  const tf::RawApply lost = Lost(1, false);
  losing_->SetUnreachable(true);
  const tf::RawRead read = Read(lost.state, lost.private_data);
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_FALSE(read.state.IsNull());
  const tf::RawApply end = Change(lost.state, Nothing(), lost.private_data);
  EXPECT_TRUE(end.diags.HasError());
  EXPECT_FALSE(end.state.IsNull());
}

TEST_F(OpenCreateTest, WhatWasNotMadeIsForgotten) {
  const tf::RawApply lost = Lost(1, false);
  losing_->Remove(Instance());
  EXPECT_TRUE(Read(lost.state, lost.private_data).state.IsNull());
}

TEST_F(OpenCreateTest, AnotherObjectOfThatNameIsLeftAlone) {
  const tf::RawApply lost = Lost(1, false);
  losing_->Remove(Instance());
  losing_->Put(Instance(), {{"kind", "WeightsAndBiases"},
                            {"spec", {{"values", {{"a", 2}}}}}});
  EXPECT_TRUE(Read(lost.state, lost.private_data).state.IsNull());
  EXPECT_FALSE(
      Change(lost.state, Nothing(), lost.private_data).diags.HasError());
  EXPECT_FALSE(Object().is_null());
}

TEST_F(OpenCreateTest, ADestroyFindsTheNamespaceThatWasMadeFirst) {
  const tf::RawApply lost = Lost(1, true);
  ASSERT_FALSE(Namespace().is_null());
  ASSERT_FALSE(lost.state.IsNull());
  EXPECT_FALSE(
      Change(lost.state, Nothing(), lost.private_data).diags.HasError());
  EXPECT_TRUE(Namespace().is_null());
}

TEST_F(OpenCreateTest, ADestroyFindsTheObjectInItsNamespace) {
  const tf::RawApply lost = Lost(2, true);
  ASSERT_FALSE(Object().is_null());
  const tf::RawApply end = Change(lost.state, Nothing(), lost.private_data);
  EXPECT_FALSE(end.diags.HasError());
  ASSERT_FALSE(end.diags.items().empty());
  EXPECT_THAT(end.diags.items()[0].summary, HasSubstr("ns/wandb is deleted"));
  EXPECT_TRUE(Object().is_null());
  EXPECT_TRUE(Namespace().is_null());
}

TEST_F(OpenCreateTest, ANamespaceThatIsToStayStays) {
  const tf::RawApply made = Change(Nothing(), Config(true));
  const cty::Value config = Config(false);
  const tf::RawApply kept =
      Apply(made.state, config, Plan(made.state, config, made.private_data));
  EXPECT_FALSE(
      Change(kept.state, Nothing(), kept.private_data).diags.HasError());
  EXPECT_TRUE(Object().is_null());
  EXPECT_FALSE(Namespace().is_null());
}

}  // namespace
}  // namespace resources
