// Whose the objects are: what wandb_operator adopts, writes and deletes where
// others have objects of the same names.
#include <stdexcept>

#include "absl/time/clock.h"
#include "resources/owner.h"
#include "tests/support/operator_v2.h"
#include "tests/support/ownership_fixture.h"
#include "wandb/operator/manifests.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(OwnershipTest, EveryObjectSaysWhoMadeIt) {
  const tf::RawApply created = Change(Nothing(), In("ops", "wb"));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  for (const auto& [key, live] : Live({.name = "wb", .ns = "ops"})) {
    EXPECT_EQ(OwnerOf(live), "ops/wb") << key;
  }
}

TEST_F(OwnershipTest, SecondOperatorOfTheNameIsRefusedBeforeAnyWrite) {
  ASSERT_FALSE(Change(Nothing(), Make({})).diags.HasError());
  const auto before = Live();
  for (const bool other_process : {false, true}) {
    if (other_process) StartAgain();
    client_->ClearCalls();
    const tf::RawApply second = Change(Nothing(), In("other"));
    ASSERT_TRUE(second.diags.HasError());
    EXPECT_THAT(Text(second.diags),
                AllOf(HasSubstr("ClusterRole \"wandb-manager-role\": belongs "
                                "to wandb_operator \"wandb/wandb\""),
                      HasSubstr("ClusterRoleBinding"),
                      HasSubstr("id = \"wandb/wandb\""),
                      Not(HasSubstr("other/wandb"))));
    EXPECT_TRUE(second.state.IsNull());
    EXPECT_THAT(Writes(), IsEmpty());
    EXPECT_TRUE(client_->Stored(kube::NamespaceRef("other")).is_null());
  }
  EXPECT_EQ(Live(), before);
}

TEST_F(OwnershipTest, OperatorThatABindingIsForIsNamed) {
  client_->Put(ManagerRole(), {{"kind", "ClusterRole"}}, "argocd");
  client_->Put(
      ManagerBinding(),
      {{"kind", "ClusterRoleBinding"},
       {"subjects", Json::array({AccountSubject("ops", "wandb-manager")})}},
      "argocd");
  const std::string owner =
      "ClusterRole \"wandb-manager-role\": belongs to the operator whose "
      "service account is \"ops/wandb-manager\"";
  const tf::RawApply refused = Change(Nothing(), Make({}));
  EXPECT_TRUE(refused.state.IsNull());
  EXPECT_THAT(Text(refused.diags),
              AllOf(HasSubstr(owner), HasSubstr("No operator runs"),
                    HasSubstr("name = \"...\""), HasSubstr("theirs to give up"),
                    Not(HasSubstr("delete")), Not(HasSubstr("import {"))));
  PutOperator("ops");
  EXPECT_THAT(
      Text(Change(Nothing(), Make({})).diags),
      AllOf(HasSubstr(owner), HasSubstr("id = \"ops/wandb\""),
            HasSubstr("name = \"...\""), Not(HasSubstr("delete these"))));
}

// Only an operator can be imported: the next step must not end at an error.
TEST_F(OwnershipTest, NoImportIsOfferedOfAnOperatorThatIsNotThere) {
  for (const bool by_name : {false, true}) {
    client_->Put(ManagerRole(),
                 {{"kind", "ClusterRole"}, {"rules", Json::array()}}, "argocd");
    if (by_name) {
      Json live = client_->Stored(ManagerRole());
      live["metadata"]["annotations"][wandb::kOwnerAnnotation] = "ops/wandb";
      client_->Put(ManagerRole(), live, "argocd");
    }
    const std::string text = Text(Change(Nothing(), Make({})).diags);
    EXPECT_THAT(text, AllOf(HasSubstr("ClusterRole \"wandb-manager-role\""),
                            HasSubstr("name = \"...\"")));
    // An import takes what names its operator.
    EXPECT_EQ(text.find("id = \"ops/wandb\"") != std::string::npos, by_name);
    EXPECT_EQ(text.find("field manager \"argocd\"") == std::string::npos,
              by_name);
    EXPECT_EQ(text.find("delete these") == std::string::npos, by_name);
  }
}

// What an object is needed for is not seen in it.
TEST_F(OwnershipTest, DeletionComesLastAndWithWhatItBreaks) {
  client_->Put(ManagerRole(),
               {{"kind", "ClusterRole"}, {"rules", Json::array()}}, "kubectl");
  std::string text = Text(Change(Nothing(), Make({})).diags);
  EXPECT_LT(text.find("name = \"...\""), text.find("delete these objects"));
  EXPECT_THAT(text, AllOf(HasSubstr("Only if nobody needs them, delete"),
                          HasSubstr("whoever has rights by a role or binding "
                                    "loses them"),
                          Not(HasSubstr("the pods of"))));
  // Beside what somebody looks after.
  client_->Put(Deployment(), {{"kind", "Deployment"},
                              {"metadata",
                               {{"annotations",
                                 {{"meta.helm.sh/release-name", "x"},
                                  {"meta.helm.sh/release-namespace", "y"}}}}}});
  text = Text(Change(Nothing(), Make({})).diags);
  EXPECT_LT(text.find("theirs to give up"),
            text.find("delete those that somebody else made"));
  EXPECT_THAT(text, Not(HasSubstr("the pods of")));
}

TEST_F(OwnershipTest, HelmReleaseIsNamed) {
  InstallByHelm("helm-ns");
  const tf::RawApply refused = Change(Nothing(), Make({}));
  EXPECT_THAT(Text(refused.diags),
              AllOf(HasSubstr("Helm release \"operator\" in namespace "
                              "\"helm-ns\""),
                    HasSubstr("id = \"helm-ns/wandb\"")));
}

TEST_F(OwnershipTest, ForeignDeploymentIsLeftAlone) {
  client_->Put(Deployment(), {{"kind", "Deployment"},
                              {"metadata", {{"labels", {{"by", "hand"}}}}}});
  client_->ClearCalls();
  const tf::RawApply refused = Change(Nothing(), Make({}));
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_THAT(
      Text(refused.diags),
      AllOf(HasSubstr("already exists"), HasSubstr("made by somebody else"),
            HasSubstr("name = \"...\""), Not(HasSubstr("import {"))));
  EXPECT_THAT(Writes(), IsEmpty());
  EXPECT_TRUE(refused.state.IsNull());
}

TEST_F(OwnershipTest, OperatorsOfTwoNamesLiveSideBySide) {
  const tf::RawApply first = Change(Nothing(), Make({}));
  const tf::RawApply second = Change(Nothing(), In("ops", "wb"));
  ASSERT_FALSE(second.diags.HasError()) << Text(second.diags);
  const auto before = Live();
  const tf::RawApply gone =
      Change(second.state, Nothing(), second.private_data);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_THAT(gone.diags.items(), IsEmpty()) << Text(gone.diags);
  EXPECT_EQ(Live(), before);
  const tf::RawRead read = Read(first.state, first.private_data);
  EXPECT_EQ(read.state, first.state);
  EXPECT_TRUE(client_
                  ->Stored({"rbac.authorization.k8s.io", "v1", "clusterroles",
                            "", "wb-manager-role"})
                  .is_null());
}

TEST_F(OwnershipTest, TwoResourcesOfOneIdInOneRunAreRefused) {
  const tf::RawApply first = Change(Nothing(), Make({}));
  ASSERT_FALSE(first.diags.HasError());
  client_->ClearCalls();
  const tf::RawApply second = Change(Nothing(), Make({}));
  EXPECT_THAT(Text(second.diags),
              HasSubstr("Two operators are called wandb/wandb"));
  EXPECT_TRUE(second.state.IsNull());
  EXPECT_THAT(Writes(), IsEmpty());
  // A replacement deletes first.
  ASSERT_FALSE(
      Change(first.state, Nothing(), first.private_data).diags.HasError());
  EXPECT_FALSE(Change(Nothing(), Make({})).diags.HasError());
}

TEST_F(OwnershipTest, ACreateThatEndsByAnExceptionDoesNotKeepItsId) {
  client_->OnWrite([](const kube::ObjectRef&, const base::Json&) {
    throw std::runtime_error("broken");
  });
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Text(Change(Nothing(), Make({})).diags), HasSubstr("broken"));
  }
}

TEST_F(OwnershipTest, InterruptedCreateIsGoneOnWithAndSaidSo) {
  Change(Nothing(), Make({}));
  client_->Remove(Deployment());
  StartAgain();  // Nothing of it came into a state.
  client_->ClearCalls();
  const tf::RawApply again = Change(Nothing(), Make({}));
  ASSERT_FALSE(again.diags.HasError()) << Text(again.diags);
  EXPECT_THAT(Text(again.diags),
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\", made"),
                    HasSubstr("state rm"), Not(HasSubstr("Deployment"))));
  EXPECT_THAT(Writes(),
              Contains("APPLY Deployment \"wandb/wandb-controller-manager\""));
  EXPECT_THAT(Writes(), Not(Contains(HasSubstr("ClusterRole"))));
  const tf::RawRead read = Read(again.state, again.private_data);
  EXPECT_EQ(read.state, again.state);
}

TEST_F(OwnershipTest, OperatorOfAnotherStateIsNotTakenOver) {
  Change(Nothing(), Make({}));
  for (const Json& manifest : Manifests()) {
    const kube::ObjectRef ref = *kube::RefOf(manifest);
    Json old = client_->Stored(ref);
    old["metadata"]["creationTimestamp"] =
        absl::FormatTime(absl::RFC3339_sec, absl::Now() - absl::Minutes(61),
                         absl::UTCTimeZone());
    client_->Put(ref, old);
  }
  const auto before = Live();
  StartAgain();
  const tf::RawApply second = Change(Nothing(), Make({}));
  ASSERT_TRUE(second.diags.HasError());
  EXPECT_THAT(Text(second.diags),
              AllOf(HasSubstr("another state or another resource"),
                    HasSubstr("id = \"wandb/wandb\"")));
  EXPECT_TRUE(second.state.IsNull());
  EXPECT_EQ(Live(), before);
}

// Core gives no private data to the delete of a tainted object.
TEST_F(OwnershipTest, TaintedOperatorIsDeletedByItsOwner) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  tf::RawApply call{
      .config = Nothing(), .prior = created.state, .planned = Nothing()};
  resource_->Apply({}, call);
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  for (const auto& [key, live] : Live()) {
    const bool stays = key.starts_with("CustomResourceDefinition");
    EXPECT_EQ(live.is_null(), !stays) << key;
  }
}

TEST_F(OwnershipTest, TaintedOperatorTakesNothingAwayFromAnother) {
  Change(Nothing(), Make({}));
  client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "default", "w"},
               {{"kind", "WeightsAndBiases"}});
  const auto before = Live();
  // A create that got as far as its state, although it made nothing.
  const cty::Value state = Make({{"namespace", Str("other")},
                                 {"name", Str("wandb")},
                                 {"id", Str("other/wandb")},
                                 {"objects", cty::Value::Map(kString, {})}});
  tf::RawApply call{.config = Nothing(), .prior = state, .planned = Nothing()};
  resource_->Apply({}, call);
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_THAT(Text(call.diags),
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\" was kept"),
                    HasSubstr("belongs to wandb_operator \"wandb/wandb\"")));
  EXPECT_EQ(Live(), before);
}

TEST_F(OwnershipTest, UpdateLeavesAloneWhatSomebodyElseHasUnderTheName) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->Remove(ManagerRole());
  client_->Put(ManagerRole(), {{"kind", "ClusterRole"}}, "kubectl");
  const Json theirs = client_->Stored(ManagerRole());
  client_->ClearCalls();
  const tf::RawApply refused =
      Change(created.state, Make({{"image", Image({{"tag", Str("9")}})}}),
             created.private_data);
  EXPECT_THAT(Text(refused.diags), HasSubstr("was deleted and made again"));
  EXPECT_THAT(Writes(), IsEmpty());
  EXPECT_EQ(refused.state, created.state);
  EXPECT_EQ(client_->Stored(ManagerRole()), theirs);
}

TEST_F(OwnershipTest, WhatIsMadeAnewWhileAnUpdateRunsIsNamedWithItsOwner) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->OnWrite([this](const kube::ObjectRef& ref, const Json&) {
    // Beside which nothing is written then.
    if (ref.resource != "namespaces") return;
    PlayControllers(*client_);  // No more of this.
    client_->Remove(ManagerRole());
    client_->Put(ManagerRole(),
                 {{"kind", "ClusterRole"},
                  {"metadata",
                   {{"annotations",
                     {{"meta.helm.sh/release-name", "operator"},
                      {"meta.helm.sh/release-namespace", "wandb"}}}}}},
                 "helm");
  });
  const tf::RawApply refused =
      Change(created.state, Make({{"image", Image({{"tag", Str("9")}})}}),
             created.private_data);
  EXPECT_THAT(
      Text(refused.diags),
      AllOf(HasSubstr("This belongs to Helm release \"operator\""),
            HasSubstr("ClusterRole \"wandb-manager-role\" was deleted "
                      "and made again"),
            HasSubstr("destroy = false"), Not(HasSubstr("elete the "))));
}

// An import into a resource that is in the state is refused by core.
TEST_F(OwnershipTest, WhoHasTheIdInItsStateIsToldToForgetItFirst) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  Json live = client_->Stored(ManagerRole());
  live["metadata"]["uid"] = "another";
  live["metadata"]["creationTimestamp"] = "2024-01-01T00:00:00Z";
  client_->Put(ManagerRole(), live, "kubectl");
  EXPECT_THAT(
      Text(Read(created.state, created.private_data).diags),
      AllOf(HasSubstr("id = \"wandb/wandb\""), HasSubstr("tofu state rm")));
}

// Two states that create the same operator at the same time.
TEST_F(OwnershipTest, WhatAnotherApplyMakesMeanwhileIsWarnedOf) {
  const auto manifests = wandb::OperatorManifests({});
  const kube::ObjectRef account = {"", "v1", "serviceaccounts", "wandb",
                                   "wandb-manager"};
  // Written beside the namespace, it would never be established.
  client_->Put(support::DefinitionRef(), support::DefinitionOfV1());
  client_->OnWrite([&](const kube::ObjectRef& ref, const Json&) {
    if (ref.resource != "namespaces") return;
    PlayControllers(*client_);  // No more of this.
    for (const Json& manifest : *manifests) {
      if (!(*kube::RefOf(manifest) == account)) continue;
      EXPECT_TRUE(client_
                      ->Apply({}, account, manifest,
                              {.field_manager = session_->field_manager()})
                      .ok());
    }
  });
  const tf::RawApply created = Change(Nothing(), Make({{"wait", Flag(false)}}));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  EXPECT_THAT(Text(created.diags),
              AllOf(HasSubstr("existed in part or in whole"),
                    HasSubstr("ServiceAccount \"wandb/wandb-manager\"")));
}

TEST_F(OwnershipTest, ConfigMapThatIsNoLongerWantedIsDeletedIfItIsOurs) {
  const std::string pem =
      "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
  const cty::Value with =
      Make({{"custom_ca_certs", cty::Value::List(kString, {Str(pem)})}});
  const kube::ObjectRef certs =
      kube::ConfigMapRef("wandb", "operator-wandb-ca-certs");
  const tf::RawApply created = Change(Nothing(), with);
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  ASSERT_FALSE(client_->Stored(certs).is_null());
  const tf::RawApply without =
      Change(created.state, Make({}), created.private_data);
  EXPECT_FALSE(without.diags.HasError());
  EXPECT_TRUE(client_->Stored(certs).is_null());

  const tf::RawApply back = Change(without.state, with, without.private_data);
  ASSERT_FALSE(back.diags.HasError()) << Text(back.diags);
  client_->Remove(certs);
  client_->Put(certs, {{"kind", "ConfigMap"}}, "kubectl");
  EXPECT_FALSE(
      Change(back.state, Make({}), back.private_data).diags.HasError());
  EXPECT_FALSE(client_->Stored(certs).is_null());
}

}  // namespace
}  // namespace resources
