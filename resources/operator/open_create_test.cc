// A create of which no answer comes: whatever it has made is found again.
#include "tests/support/losing_client.h"
#include "tests/support/operator_fixture.h"
#include "tests/support/operator_v2.h"

namespace resources {
namespace {

class OpenCreateTest : public OperatorTest {
 protected:
  OpenCreateTest() {
    session_ = std::make_shared<support::FakeSession>(losing_);
    resource_ = make_(session_);
  }

  const std::shared_ptr<support::LosingClient> losing_ =
      std::make_shared<support::LosingClient>();
};

TEST_F(OpenCreateTest, ADestroyFindsTheFirstObject) {
  // Else that would be the first object, or the namespace's neighbour.
  losing_->Put(support::DefinitionRef(), support::DefinitionOfV1());
  losing_->LoseApply(1);
  const tf::RawApply lost =
      Apply(Nothing(), Make({}), Plan(Nothing(), Make({})));
  EXPECT_TRUE(lost.diags.HasError());
  losing_->SetUnreachable(false);
  ASSERT_FALSE(losing_->Stored(kube::NamespaceRef("wandb")).is_null());
  ASSERT_FALSE(lost.state.IsNull());
  const tf::RawApply end = Change(lost.state, Nothing(), lost.private_data);
  EXPECT_FALSE(end.diags.HasError());
  EXPECT_TRUE(losing_->Stored(kube::NamespaceRef("wandb")).is_null());
}

}  // namespace
}  // namespace resources
