// Objects that get their owner after they were made: those of an earlier
// version of this provider, of other tools, and those from which somebody took
// it.
#include "resources/operator/objects.h"
#include "resources/owner.h"
#include "tests/support/ownership_fixture.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using ::testing::IsEmpty;

constexpr char kDeploymentKey[] = "Deployment/wandb/wandb-controller-manager";

class EarlierOwnersTest : public OwnershipTest {
 protected:
  // What a version of the provider without owners has left.
  void ForgetOwners(const wandb::OperatorSettings& settings = {}) {
    for (const Json& manifest : Manifests(settings)) {
      const auto applied =
          client_->Apply({}, *kube::RefOf(manifest), WithoutOwner(manifest),
                         {.field_manager = support::FakeSession::kManager});
      ASSERT_TRUE(applied.ok()) << applied.status();
      ASSERT_EQ(OwnerOf(applied->object), "");
    }
  }
  cty::Value StateWithoutOwners(const cty::Value& state) {
    Fields objects;
    for (const Json& manifest : Manifests()) {
      objects[ObjectKey(manifest)] = Str(ObjectDigest(WithoutOwner(manifest)));
    }
    Fields fields = state.fields();
    fields["objects"] = cty::Value::Map(kString, std::move(objects));
    return Make(std::move(fields));
  }
};

TEST_F(EarlierOwnersTest, ManagerOfTheSameNameAloneProvesNothing) {
  Change(Nothing(), Make({}));
  ForgetOwners();
  StartAgain();
  EXPECT_TRUE(Change(Nothing(), Make({})).diags.HasError());
}

TEST_F(EarlierOwnersTest, OperatorOfAnEarlierVersionGetsItsOwner) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  ForgetOwners();
  const cty::Value old_state = StateWithoutOwners(created.state);
  const tf::RawRead read = Read(old_state, created.private_data);
  // Nothing was changed outside, and refresh does not say so.
  EXPECT_EQ(read.state, old_state);
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_FALSE(plan.planned.At("objects").At(kDeploymentKey) ==
               read.state.At("objects").At(kDeploymentKey));
  const Json pods = client_->Stored(Deployment())["spec"]["template"];
  const tf::RawApply updated = Change(read.state, Make({}), read.private_data);
  ASSERT_FALSE(updated.diags.HasError()) << Text(updated.diags);
  EXPECT_THAT(updated.diags.items(), IsEmpty());
  for (const auto& [key, live] : Live()) {
    const bool used = key.starts_with("CustomResourceDefinition");
    EXPECT_EQ(OwnerOf(live), used ? "" : "wandb/wandb") << key;
  }
  EXPECT_EQ(client_->Stored(Deployment())["spec"]["template"], pods);
  const tf::RawRead again = Read(updated.state, updated.private_data);
  EXPECT_EQ(again.state, updated.state);
  EXPECT_EQ(Plan(again.state, Make({}), again.private_data).planned,
            again.state);
}

TEST_F(EarlierOwnersTest, ImportedOperatorGetsItsOwner) {
  InstallByHelm("wandb");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_TRUE(read.state.IsKnown());
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_FALSE(plan.planned.At("objects").At(kDeploymentKey) ==
               read.state.At("objects").At(kDeploymentKey));
  const tf::RawApply updated = Change(read.state, Make({}), read.private_data);
  ASSERT_FALSE(updated.diags.HasError()) << Text(updated.diags);
  EXPECT_EQ(OwnerOf(client_->Stored(Deployment())), "wandb/wandb");
  const tf::RawRead again = Read(updated.state, updated.private_data);
  EXPECT_EQ(Plan(again.state, Make({}), again.private_data).planned,
            again.state);
}

TEST_F(EarlierOwnersTest, ImportOfOurOwnPlansNothing) {
  Change(Nothing(), Make({}));
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data).planned.At("objects"),
            read.state.At("objects"));
}

TEST_F(EarlierOwnersTest, ImportTakesNothingThatBelongsToAnother) {
  Change(Nothing(), Make({}));
  EXPECT_TRUE(Import("other/wandb").state.IsNull());
  ForgetOwners();
  EXPECT_TRUE(Import("other/wandb").state.IsNull());
}

TEST_F(EarlierOwnersTest, OwnerThatWasRemovedShowsAndComesBack) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  Json edited = client_->Stored(Deployment());
  edited["metadata"].erase("annotations");
  client_->Put(Deployment(), edited, "kubectl-annotate");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_EQ(read.state.At("changes").At(kDeploymentKey),
            Str("metadata.annotations[\"terraform.wandb.ai/owner\"] removed"));
  const tf::RawApply again = Change(read.state, Make({}), read.private_data);
  EXPECT_FALSE(again.diags.HasError()) << Text(again.diags);
  EXPECT_EQ(again.state, created.state);
  EXPECT_EQ(OwnerOf(client_->Stored(Deployment())), "wandb/wandb");
}

}  // namespace
}  // namespace resources
