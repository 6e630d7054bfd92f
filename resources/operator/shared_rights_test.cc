// Roles and bindings that give rights to others beside the operator.
#include "resources/owner.h"
#include "tests/support/ownership_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using SharedRightsTest = OwnershipTest;

TEST_F(SharedRightsTest, ABindingIsJudgedByAllOfItsSubjects) {
  client_->Put(ManagerRole(), {{"kind", "ClusterRole"}}, "argocd");
  client_->Put(
      ManagerBinding(),
      {{"kind", "ClusterRoleBinding"},
       {"subjects", Json::array({AccountSubject("team", "robot"),
                                 AccountSubject("ops", "wandb-manager")})}},
      "argocd");
  EXPECT_THAT(Text(Change(Nothing(), Make({})).diags),
              AllOf(HasSubstr("the operator whose service account is "
                              "\"team/robot\""),
                    HasSubstr("gives rights to ServiceAccount \"team/robot\", "
                              "ServiceAccount \"ops/wandb-manager\"")));
}

TEST_F(SharedRightsTest, ABindingThatHasOurAccountIsNoOtherOperators) {
  client_->Put(ManagerRole(), {{"kind", "ClusterRole"}}, "kubectl");
  client_->Put(
      ManagerBinding(),
      {{"kind", "ClusterRoleBinding"},
       {"subjects", Json::array({AccountSubject("wandb", "wandb-manager"),
                                 AccountSubject("team", "robot")})}},
      "kubectl");
  EXPECT_THAT(Text(Change(Nothing(), Make({})).diags),
              AllOf(HasSubstr("gives rights to ServiceAccount \"team/robot\""),
                    Not(HasSubstr("the operator whose service account")),
                    HasSubstr("loses them"), Not(HasSubstr("import {"))));
}

TEST_F(SharedRightsTest, AnImportTakesRightsThatAnotherHasTooAndKeepsThem) {
  for (const bool by_helm : {true, false}) {
    SCOPED_TRACE(by_helm);
    InstallByHelm("wandb");
    if (!by_helm) {
      for (const Json& manifest : Manifests()) {
        Json bare = client_->Stored(*kube::RefOf(manifest));
        bare["metadata"].erase("annotations");
        client_->Put(*kube::RefOf(manifest), bare, "kubectl-create");
      }
    }
    Json shared = client_->Stored(ManagerBinding());
    shared["subjects"].push_back(AccountSubject("ops", "x"));
    client_->Put(ManagerBinding(), shared, "kubectl-edit");
    const tf::RawRead read = Import("wandb/wandb");
    ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
    EXPECT_THAT(Text(read.diags),
                AllOf(HasSubstr("ClusterRoleBinding "
                                "\"wandb-manager-rolebinding\": "
                                "ServiceAccount \"ops/x\""),
                      HasSubstr("They keep them"),
                      Not(HasSubstr("if nobody needs them"))));
    for (const char* key : {"ClusterRoleBinding/wandb-manager-rolebinding",
                            "ClusterRole/wandb-manager-role"}) {
      EXPECT_TRUE(read.state.At("objects").At(key).IsKnown()) << key;
    }
    const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
    EXPECT_THAT(plan.diags.items(), IsEmpty()) << Text(plan.diags);
    const tf::RawApply applied = Apply(read.state, Make({}), plan);
    EXPECT_THAT(applied.diags.items(), IsEmpty()) << Text(applied.diags);
    EXPECT_EQ(client_->Stored(ManagerBinding())["subjects"],
              shared["subjects"]);
    EXPECT_EQ(OwnerOf(client_->Stored(ManagerBinding())), "wandb/wandb");
    const tf::RawRead again = Read(applied.state, applied.private_data);
    EXPECT_EQ(again.state, applied.state);
    Change(again.state, Nothing(), again.private_data);
    EXPECT_EQ(client_->Stored(ManagerBinding())["subjects"],
              shared["subjects"]);
    client_->Remove(ManagerBinding());
    client_->Remove(ManagerRole());
  }
}

TEST_F(SharedRightsTest, AnImportLeavesRightsThatOnlyOthersHave) {
  InstallByHelm("wandb");
  Json other = client_->Stored(ManagerBinding());
  other["subjects"] = Json::array({AccountSubject("ops", "x")});
  client_->Put(ManagerBinding(), other, "kubectl-edit");
  const tf::RawRead read = Import("wandb/wandb");
  for (const char* key : {"ClusterRoleBinding/wandb-manager-rolebinding",
                          "ClusterRole/wandb-manager-role"}) {
    EXPECT_TRUE(read.state.At("objects").At(key).IsNull()) << key;
  }
  EXPECT_THAT(Text(read.diags),
              HasSubstr("gives rights to ServiceAccount \"ops/x\""));
}

TEST_F(SharedRightsTest, ASecondSubjectKeepsItsRights) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  Json shared = client_->Stored(ManagerBinding());
  shared["subjects"].push_back(AccountSubject("ops", "wandb-manager"));
  client_->Put(ManagerBinding(), shared, "kubectl-edit");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_EQ(read.state, created.state);
  // An update for another reason writes the binding, too.
  const tf::RawApply updated =
      Change(read.state, Make({{"airgapped", Flag(true)}}), read.private_data);
  ASSERT_FALSE(updated.diags.HasError()) << Text(updated.diags);
  EXPECT_EQ(client_->Stored(ManagerBinding())["subjects"], shared["subjects"]);
  const tf::RawRead again = Read(updated.state, updated.private_data);
  EXPECT_EQ(again.state, updated.state);
  // Once it is taken away, ours alone is what was wanted.
  Json alone = client_->Stored(ManagerBinding());
  alone["subjects"].erase(1);
  client_->Put(ManagerBinding(), alone, "kubectl-edit");
  EXPECT_EQ(Read(updated.state, updated.private_data).state, updated.state);
  // That ours is missing shows.
  alone["subjects"] = Json::array({AccountSubject("ops", "wandb-manager")});
  client_->Put(ManagerBinding(), alone, "kubectl-edit");
  EXPECT_THAT(Read(updated.state, updated.private_data)
                  .state.At("changes")
                  .At("ClusterRoleBinding/wandb-manager-rolebinding")
                  .AsString(),
              HasSubstr("subjects"));
  client_->Put(ManagerBinding(), shared, "kubectl-edit");
  const tf::RawApply gone =
      Change(updated.state, Nothing(), updated.private_data);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_FALSE(client_->Stored(ManagerBinding()).is_null());
  EXPECT_FALSE(client_->Stored(ManagerRole()).is_null());
  EXPECT_TRUE(client_->Stored(Deployment()).is_null());
  EXPECT_THAT(Text(gone.diags),
              AllOf(HasSubstr("was kept"),
                    HasSubstr("ServiceAccount \"ops/wandb-manager\"")));
}

// An apply looks at all objects first, and may wait for long before it comes to
// the binding.
TEST_F(SharedRightsTest, ASubjectThatIsAddedDuringAnApplyKeepsItsRights) {
  for (const char* manager : {"kubectl-edit", support::FakeSession::kManager}) {
    for (const char* wait_at : {"serviceaccounts", "clusterroles"}) {
      SCOPED_TRACE(absl::StrCat(manager, " ", wait_at));
      const tf::RawApply created = Change(Nothing(), Make({}));
      ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
      const tf::RawPlan plan =
          Plan(created.state, Make({{"airgapped", Flag(true)}}),
               created.private_data);
      Json shared;
      client_->OnWrite([&](const kube::ObjectRef& ref, const Json&) {
        if (ref.resource != wait_at || !shared.is_null()) return;
        PlayControllers(*client_);
        shared = client_->Stored(ManagerBinding());
        shared["subjects"].push_back(AccountSubject("ops", "x"));
        client_->Put(ManagerBinding(), shared, manager);
      });
      const tf::RawApply updated =
          Apply(created.state, Make({{"airgapped", Flag(true)}}), plan);
      EXPECT_FALSE(updated.diags.HasError()) << Text(updated.diags);
      ASSERT_FALSE(shared.is_null());
      EXPECT_EQ(client_->Stored(ManagerBinding())["subjects"],
                shared["subjects"]);
      const tf::RawRead read = Read(updated.state, updated.private_data);
      EXPECT_EQ(read.state, updated.state);
      client_->Put(
          ManagerBinding(),
          [&] {
            Json alone = client_->Stored(ManagerBinding());
            alone["subjects"].erase(1);
            return alone;
          }(),
          "kubectl-edit");
      ASSERT_FALSE(Change(updated.state, Nothing(), updated.private_data)
                       .diags.HasError());
    }
  }
}

}  // namespace
}  // namespace resources
