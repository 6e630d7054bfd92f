// The namespace that a wandb_instance makes for itself: whose it is, and that
// none is left behind.
#include "resources/namespace.h"
#include "resources/owner.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOwner[] = "WeightsAndBiases/team/wandb";

class OwnNamespaceTest : public InstanceTest {
 protected:
  OwnNamespaceTest() { client_->RequireNamespaces(true); }

  cty::Value Config(const char* name = "wandb", bool makes = true) const {
    return Make({{"name", Str(name)},
                 {"namespace", Str("team")},
                 {"create_namespace", Flag(makes)},
                 {"wait", Flag(false)},
                 {"values", Map({{"a", Int(1)}})}});
  }
  static kube::ObjectRef Instance() {
    return {"apps.wandb.com", "v1", "weightsandbiases", "team", "wandb"};
  }
  Json LiveNamespace() const {
    return client_->Stored(kube::NamespaceRef("team"));
  }
  // A destroy that got no further than the namespace.
  tf::RawApply DestroyWithoutNamespace(const tf::RawApply& created) {
    client_->FailAlways(kube::NamespaceRef("team"),
                        absl::PermissionDeniedError("no"));
    tf::RawApply failed =
        Change(created.state, Nothing(), created.private_data);
    client_->FailAlways(kube::NamespaceRef("team"), absl::OkStatus());
    return failed;
  }
};

TEST_F(OwnNamespaceTest, NamesItsInstanceAndGoesWithIt) {
  const tf::RawApply created = Change(Nothing(), Config());
  ASSERT_FALSE(created.diags.HasError()) << created.diags.items()[0].detail;
  EXPECT_EQ(OwnerOf(LiveNamespace()), kOwner);
  const tf::RawApply gone =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_THAT(gone.diags.items(), IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, OfAKilledRunIsTakenBackAndDeletedAtTheDestroy) {
  Change(Nothing(), Config());
  client_->Remove(Instance());
  NewProcess();
  const tf::RawApply created = Change(Nothing(), Config());
  ASSERT_FALSE(created.diags.HasError());
  Change(created.state, Nothing(), created.private_data);
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, OfAnotherOwnerIsUsedAndKept) {
  client_->RequireNamespaces(false);
  client_->Put(kube::DeploymentRef("team", "operator-controller-manager"),
               {{"kind", "Deployment"}});
  ASSERT_TRUE(EnsureNamespace({}, *client_, "team", "team/operator", true,
                              support::FakeSession::kManager)
                  .ok());
  const tf::RawApply created = Change(Nothing(), Config());
  ASSERT_FALSE(created.diags.HasError());
  const tf::RawApply gone =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_THAT(gone.diags.items(), IsEmpty());
  EXPECT_EQ(OwnerOf(LiveNamespace()), "team/operator");
}

TEST_F(OwnNamespaceTest, UpdateTakesNoNamespaceThatItDidNotMake) {
  Fields fields = Config().fields();
  fields["create_namespace"] = Flag(false);
  client_->Put(kube::NamespaceRef("team"), {{"kind", "Namespace"}});
  const tf::RawApply created = Change(Nothing(), Make(fields));
  const tf::RawApply updated =
      Change(created.state, Config(), created.private_data);
  ASSERT_FALSE(updated.diags.HasError());
  Change(updated.state, Nothing(), updated.private_data);
  EXPECT_FALSE(LiveNamespace().is_null());
}

// Core keeps no private data of an update in which the provider died.
TEST_F(OwnNamespaceTest, WhoseRecordIsLostIsKnownByItsOwner) {
  const tf::RawApply created = Change(Nothing(), Config());
  NewProcess();
  const tf::RawRead read = Read(created.state, Json::object());
  const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
  EXPECT_THAT(gone.diags.items(), IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, WhoseRecordIsLostIsNotForgottenWhereItCannotBeRead) {
  const tf::RawApply created = Change(Nothing(), Config());
  NewProcess();
  client_->FailAlways(kube::NamespaceRef("team"),
                      absl::UnavailableError("away"));
  const tf::RawApply failed = Change(created.state, Nothing(), Json::object());
  EXPECT_TRUE(failed.diags.HasError());
  EXPECT_FALSE(failed.state.IsNull());
  const tf::RawRead read = Read(created.state, Json::object());
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_EQ(read.state, created.state);
}

// Whether the instance is there or not.
TEST_F(OwnNamespaceTest, WhoseRecordIsLostKeepsTheStateForTheDestroy) {
  const tf::RawApply created = Change(Nothing(), Config());
  client_->Remove(Instance());
  NewProcess();
  const tf::RawRead read = Read(created.state, Json::object());
  ASSERT_FALSE(read.state.IsNull());
  Change(read.state, Nothing(), read.private_data);
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, RefusedCreateTakesItBack) {
  client_->FailAlways(Instance(), absl::PermissionDeniedError("no"));
  const tf::RawApply refused = Change(Nothing(), Config());
  EXPECT_TRUE(refused.diags.HasError());
  EXPECT_TRUE(refused.state.IsNull());
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, RefusedCreateKeepsOneThatWasThere) {
  Change(Nothing(), Config());
  client_->Remove(Instance());
  NewProcess();
  client_->FailAlways(Instance(), absl::PermissionDeniedError("no"));
  EXPECT_TRUE(Change(Nothing(), Config()).diags.HasError());
  EXPECT_FALSE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, CreateThatCannotTakeItBackKeepsItInTheState) {
  client_->FailAlways(Instance(), absl::PermissionDeniedError("no"));
  const tf::RawPlan plan = Plan(Nothing(), Config());
  client_->FailNext(absl::UnavailableError("gone"), "DISCOVER");
  const tf::RawApply refused = Apply(Nothing(), Config(), plan);
  EXPECT_TRUE(refused.diags.HasError());
  ASSERT_FALSE(refused.state.IsNull());
  client_->FailAlways(Instance(), absl::OkStatus());
  // What others make under the name since is not ours.
  client_->Put(Instance(), {{"kind", "WeightsAndBiases"}});
  const Json theirs = client_->Stored(Instance());
  NewProcess();
  const tf::RawRead read = Read(refused.state, refused.private_data);
  ASSERT_FALSE(read.state.IsNull());
  EXPECT_TRUE(read.state.At("uid").IsNull());
  const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
  EXPECT_FALSE(gone.diags.HasError());
  ASSERT_THAT(gone.diags.items(), SizeIs(1));
  EXPECT_EQ(gone.diags.items()[0].summary, "Namespace \"team\" was kept");
  EXPECT_EQ(client_->Stored(Instance()), theirs);
}

TEST_F(OwnNamespaceTest, DestroyThatFailedAtItIsFinishedByTheNext) {
  const tf::RawApply created = Change(Nothing(), Config());
  const tf::RawApply failed = DestroyWithoutNamespace(created);
  ASSERT_TRUE(failed.diags.HasError());
  EXPECT_THAT(failed.diags.items()[0].detail, HasSubstr("next destroy"));
  EXPECT_TRUE(client_->Stored(Instance()).is_null());
  NewProcess();
  const tf::RawRead read = Read(failed.state, failed.private_data);
  ASSERT_FALSE(read.state.IsNull());
  const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
  EXPECT_THAT(gone.diags.items(), IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, ApplyAfterADestroyThatFailedAtItMakesTheInstance) {
  const tf::RawApply created = Change(Nothing(), Config());
  const tf::RawApply failed = DestroyWithoutNamespace(created);
  NewProcess();
  const tf::RawRead read = Read(failed.state, failed.private_data);
  const tf::RawPlan plan = Plan(read.state, Config(), read.private_data);
  EXPECT_FALSE(plan.planned == read.state);
  const tf::RawApply again = Apply(read.state, Config(), plan);
  ASSERT_FALSE(again.diags.HasError()) << again.diags.items()[0].detail;
  EXPECT_EQ(again.state.At("uid"),
            Str(kube::UidOf(client_->Stored(Instance()))));
  EXPECT_EQ(Read(again.state, again.private_data).state, again.state);
  Change(again.state, Nothing(), again.private_data);
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, WhoseInstanceIsGoneKeepsTheStateForTheDestroy) {
  const tf::RawApply created = Change(Nothing(), Config());
  client_->Remove(Instance());
  const tf::RawRead read = Read(created.state, created.private_data);
  ASSERT_FALSE(read.state.IsNull());
  EXPECT_TRUE(read.state.At("uid").IsNull());
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].summary,
              HasSubstr("Only namespace \"team\" is left"));
  const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
  EXPECT_THAT(gone.diags.items(), IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

// A destroy that ran out of time there has to be gone on with.
TEST_F(OwnNamespaceTest, ThatIsStillBeingDeletedKeepsTheState) {
  const tf::RawApply created = Change(Nothing(), Config());
  client_->Remove(Instance());
  Json dying = LiveNamespace();
  dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  dying["metadata"]["finalizers"] = {"example.com/hold"};
  client_->Put(kube::NamespaceRef("team"), dying, "somebody");
  const tf::RawRead read = Read(created.state, created.private_data);
  ASSERT_FALSE(read.state.IsNull());
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].summary,
              HasSubstr("Namespace \"team\" is still being deleted"));
  EXPECT_THAT(read.diags.items()[0].detail, HasSubstr("example.com/hold"));
  // What another one of the name holds up is not ours.
  dying["metadata"]["uid"] = "another";
  client_->Remove(kube::NamespaceRef("team"));
  client_->Put(kube::NamespaceRef("team"), dying, "somebody");
  EXPECT_TRUE(Read(created.state, created.private_data).state.IsNull());
}

// As a rename with create_before_destroy does.
TEST_F(OwnNamespaceTest, WhoseMakerGoesFirstGoesWithTheLastThatMakesIt) {
  const tf::RawApply old = Change(Nothing(), Config("old"));
  const tf::RawApply other = Change(Nothing(), Config("other"));
  const tf::RawApply last = Change(Nothing(), Config("last"));
  const tf::RawApply gone = Change(old.state, Nothing(), old.private_data);
  ASSERT_THAT(gone.diags.items(), SizeIs(1));
  EXPECT_THAT(gone.diags.items()[0].detail,
              HasSubstr("Leave it: wandb_instance \"team/last\", "
                        "wandb_instance \"team/other\" need it. With "
                        "create_namespace = true, the last one deletes it"));
  const tf::RawApply next = Change(other.state, Nothing(), other.private_data);
  ASSERT_THAT(next.diags.items(), SizeIs(1));
  EXPECT_THAT(next.diags.items()[0].detail,
              HasSubstr("Leave it: wandb_instance \"team/last\" needs it."));
  EXPECT_THAT(Change(last.state, Nothing(), last.private_data).diags.items(),
              IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

// Creates that take a kept namespace back at the same time all have its record,
// and it names the last of them.
TEST_F(OwnNamespaceTest, WhoseRecordSeveralHaveGoesWithTheLastOfThem) {
  const tf::RawApply first = Change(Nothing(), Config());
  const tf::RawApply second = Change(Nothing(), Config("second"));
  const Json other = {
      {"metadata",
       {{"name", "team"},
        {"annotations",
         {{wandb::kOwnerAnnotation, "WeightsAndBiases/team/second"}}}}}};
  ASSERT_TRUE(client_
                  ->Apply({}, kube::NamespaceRef("team"), other,
                          {.field_manager = kDefaultFieldManager})
                  .ok());
  Json record = second.private_data;
  record[kCreatedNamespace] = kube::UidOf(LiveNamespace());
  EXPECT_THAT(Change(second.state, Nothing(), record).diags.items(), SizeIs(1));
  EXPECT_FALSE(LiveNamespace().is_null());
  EXPECT_THAT(Change(first.state, Nothing(), first.private_data).diags.items(),
              IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, WhoseMakerIsStillThereIsLeftToIt) {
  const tf::RawApply maker = Change(Nothing(), Config("maker"));
  const tf::RawApply guest = Change(Nothing(), Config("guest"));
  EXPECT_THAT(Change(guest.state, Nothing(), guest.private_data).diags.items(),
              IsEmpty());
  EXPECT_FALSE(LiveNamespace().is_null());
  EXPECT_THAT(Change(maker.state, Nothing(), maker.private_data).diags.items(),
              IsEmpty());
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, WhoseMakerIsGoneIsKeptByOneThatMakesNone) {
  const tf::RawApply maker = Change(Nothing(), Config("maker"));
  const tf::RawApply guest = Change(Nothing(), Config("guest", false));
  Change(maker.state, Nothing(), maker.private_data);
  EXPECT_THAT(Change(guest.state, Nothing(), guest.private_data).diags.items(),
              IsEmpty());
  EXPECT_FALSE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, WhoseMakerIsGoneKeepsTheStateOfTheLastForItsDestroy) {
  const tf::RawApply maker = Change(Nothing(), Config("maker"));
  const tf::RawApply last = Change(Nothing(), Config());
  Change(maker.state, Nothing(), maker.private_data);
  client_->Remove(Instance());
  const tf::RawRead read = Read(last.state, last.private_data);
  ASSERT_FALSE(read.state.IsNull());
  Change(read.state, Nothing(), read.private_data);
  EXPECT_TRUE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, WithOneMoreApplierStays) {
  const tf::RawApply created = Change(Nothing(), Config());
  ASSERT_TRUE(
      client_
          ->Apply({}, kube::NamespaceRef("team"),
                  {{"apiVersion", "v1"},
                   {"kind", "Namespace"},
                   {"metadata", {{"name", "team"}, {"labels", {{"a", "b"}}}}}},
                  {.field_manager = "gitops"})
          .ok());
  const tf::RawApply gone =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_FALSE(gone.diags.HasError());
  ASSERT_THAT(gone.diags.items(), SizeIs(1));
  EXPECT_THAT(gone.diags.items()[0].detail, HasSubstr("\"gitops\""));
  EXPECT_FALSE(LiveNamespace().is_null());
}

TEST_F(OwnNamespaceTest, RefreshSaysNothingWhereItIsGoneToo) {
  const tf::RawApply created = Change(Nothing(), Config());
  const tf::RawApply failed = DestroyWithoutNamespace(created);
  client_->Remove(kube::NamespaceRef("team"));
  for (const tf::RawApply& run : {created, failed}) {
    const tf::RawRead read = Read(run.state, run.private_data);
    EXPECT_TRUE(read.state.IsNull());
    EXPECT_THAT(read.diags.items(), IsEmpty());
  }
}

}  // namespace
}  // namespace resources
