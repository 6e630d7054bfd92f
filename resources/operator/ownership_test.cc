// Whose the objects are: what wandb_operator adopts, writes and deletes where
// others have objects of the same names.
#include <stdexcept>

#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "kube/managed_fields.h"
#include "resources/operator/objects.h"
#include "resources/owner.h"
#include "tests/support/operator_fixture.h"
#include "wandb/operator_manifests.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kDeploymentKey[] = "Deployment/wandb/wandb-controller-manager";

kube::ObjectRef ManagerRole() {
  return {"rbac.authorization.k8s.io", "v1", "clusterroles", "",
          "wandb-manager-role"};
}
kube::ObjectRef ManagerBinding() {
  return {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "",
          "wandb-manager-rolebinding"};
}

std::vector<Json> Manifests(wandb::OperatorSettings settings = {}) {
  return *wandb::OperatorManifests(settings);
}

class OwnershipTest : public OperatorTest {
 protected:
  cty::Value In(const std::string& ns, const std::string& name = "wandb") {
    return Make({{"namespace", Str(ns)}, {"name", Str(name)}});
  }
  // As another process would start.
  void StartAgain() { resource_ = NewOperatorResource(session_); }

  // Everything of an operator, by its key.
  std::map<std::string, Json> Live(wandb::OperatorSettings settings = {}) {
    std::map<std::string, Json> live;
    for (const Json& manifest : Manifests(settings)) {
      live[ObjectKey(manifest)] = client_->Stored(*kube::RefOf(manifest));
    }
    return live;
  }
  std::vector<std::string> Writes() const {
    std::vector<std::string> lines;
    for (const auto& call : client_->calls()) {
      if (call.verb == "GET" || call.verb == "LIST" || call.verb == "WATCH" ||
          call.apply.dry_run) {
        continue;
      }
      lines.push_back(absl::StrCat(call.verb, " ", kube::Describe(call.ref)));
    }
    return lines;
  }

  // What a version of the provider without owners has left.
  void ForgetOwners(wandb::OperatorSettings settings = {}) {
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
  client_->Put(ManagerBinding(),
               {{"kind", "ClusterRoleBinding"},
                {"subjects",
                 {{{"kind", "ServiceAccount"},
                   {"namespace", "ops"},
                   {"name", "wandb-manager"}}}}},
               "argocd");
  const tf::RawApply refused = Change(Nothing(), Make({}));
  EXPECT_THAT(
      Text(refused.diags),
      AllOf(
          HasSubstr("ClusterRole \"wandb-manager-role\": belongs to the "
                    "operator whose service account is \"ops/wandb-manager\""),
          HasSubstr("id = \"ops/wandb\"")));
  EXPECT_TRUE(refused.state.IsNull());
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
  EXPECT_THAT(Text(refused.diags), AllOf(HasSubstr("already exists"),
                                         HasSubstr("made by somebody else"),
                                         HasSubstr("id = \"wandb/wandb\"")));
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

TEST_F(OwnershipTest, ManagerOfTheSameNameAloneProvesNothing) {
  Change(Nothing(), Make({}));
  ForgetOwners();
  StartAgain();
  EXPECT_TRUE(Change(Nothing(), Make({})).diags.HasError());
}

// Core gives no private data to the delete of a tainted object.
TEST_F(OwnershipTest, TaintedOperatorIsDeletedByItsOwner) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  tf::RawApply call{
      .config = Nothing(), .prior = created.state, .planned = Nothing()};
  resource_->Apply({}, call);
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  for (const auto& [key, live] : Live()) {
    const bool stays = key.rfind("CustomResourceDefinition", 0) == 0;
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

// ---- Owners that come later ----

TEST_F(OwnershipTest, OperatorOfAnEarlierVersionGetsItsOwner) {
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
    const bool used = key.rfind("CustomResourceDefinition", 0) == 0;
    EXPECT_EQ(OwnerOf(live), used ? "" : "wandb/wandb") << key;
  }
  EXPECT_EQ(client_->Stored(Deployment())["spec"]["template"], pods);
  const tf::RawRead again = Read(updated.state, updated.private_data);
  EXPECT_EQ(again.state, updated.state);
  EXPECT_EQ(Plan(again.state, Make({}), again.private_data).planned,
            again.state);
}

TEST_F(OwnershipTest, ImportedOperatorGetsItsOwner) {
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

TEST_F(OwnershipTest, ImportOfOurOwnPlansNothing) {
  Change(Nothing(), Make({}));
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data).planned.At("objects"),
            read.state.At("objects"));
}

TEST_F(OwnershipTest, ImportTakesNothingThatBelongsToAnother) {
  Change(Nothing(), Make({}));
  EXPECT_TRUE(Import("other/wandb").state.IsNull());
  ForgetOwners();
  EXPECT_TRUE(Import("other/wandb").state.IsNull());
}

TEST_F(OwnershipTest, OwnerThatWasRemovedShowsAndComesBack) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  Json edited = client_->Stored(Deployment());
  edited["metadata"].erase("annotations");
  client_->Put(Deployment(), edited, "kubectl-annotate");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(read.state.At("objects").At(kDeploymentKey).AsString(),
              HasSubstr(wandb::kOwnerAnnotation));
  const tf::RawApply again = Change(read.state, Make({}), read.private_data);
  EXPECT_FALSE(again.diags.HasError()) << Text(again.diags);
  EXPECT_EQ(again.state, created.state);
  EXPECT_EQ(OwnerOf(client_->Stored(Deployment())), "wandb/wandb");
}

// Two states that create the same operator at the same time.
TEST_F(OwnershipTest, WhatAnotherApplyMakesMeanwhileIsWarnedOf) {
  const auto manifests = wandb::OperatorManifests({});
  const kube::ObjectRef account = {"", "v1", "serviceaccounts", "wandb",
                                   "wandb-manager"};
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

// ---- Rights that several have ----

Json AccountSubject(const std::string& ns, const std::string& name) {
  return {{"kind", "ServiceAccount"}, {"namespace", ns}, {"name", name}};
}

TEST_F(OwnershipTest, ABindingIsJudgedByAllOfItsSubjects) {
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

TEST_F(OwnershipTest, ABindingThatHasOurAccountIsNoOtherOperators) {
  client_->Put(ManagerRole(), {{"kind", "ClusterRole"}}, "kubectl");
  client_->Put(
      ManagerBinding(),
      {{"kind", "ClusterRoleBinding"},
       {"subjects", Json::array({AccountSubject("wandb", "wandb-manager"),
                                 AccountSubject("team", "robot")})}},
      "kubectl");
  EXPECT_THAT(
      Text(Change(Nothing(), Make({})).diags),
      AllOf(HasSubstr("gives rights to ServiceAccount \"team/robot\""),
            Not(HasSubstr("the operator whose service account")),
            HasSubstr("id = \"wandb/wandb\""), Not(HasSubstr("id = \"team"))));
}

TEST_F(OwnershipTest, AnImportLeavesRightsThatAnotherHasToo) {
  InstallByHelm("wandb");
  Json shared = client_->Stored(ManagerBinding());
  shared["subjects"].push_back(AccountSubject("ops", "x"));
  client_->Put(ManagerBinding(), shared, "kubectl");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_TRUE(read.state.At("objects")
                  .At("ClusterRoleBinding/wandb-manager-rolebinding")
                  .IsNull());
  EXPECT_TRUE(
      read.state.At("objects").At("ClusterRole/wandb-manager-role").IsNull());
  EXPECT_THAT(Text(read.diags),
              HasSubstr("gives rights to ServiceAccount \"ops/x\""));
}

TEST_F(OwnershipTest, ASecondSubjectKeepsItsRights) {
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
                  .state.At("objects")
                  .At("ClusterRoleBinding/wandb-manager-rolebinding")
                  .AsString(),
              HasSubstr("changed outside: .subjects"));
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

TEST_F(OwnershipTest, RightsAreNotTakenFromInstancesWithoutTheDeployment) {
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
TEST_F(OwnershipTest, AnOperatorThatIsBeingDeletedRunsNoInstances) {
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

// ---- Objects that come and go ----

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

// ---- Two operators, one namespace ----

TEST_F(OwnershipTest, NobodyIsToldToDeleteTheNamespaceOfAnotherOperator) {
  const tf::RawApply first = Change(Nothing(), Make({{"name", Str("f1")}}));
  ASSERT_FALSE(first.diags.HasError()) << Text(first.diags);
  ASSERT_FALSE(Change(Nothing(), Make({{"name", Str("f2")}})).diags.HasError());
  const tf::RawApply gone = Change(first.state, Nothing(), first.private_data);
  EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
  EXPECT_THAT(Text(gone.diags), AllOf(HasSubstr("wandb_operator \"wandb/f2\""),
                                      Not(HasSubstr("kubectl delete"))));
}

TEST_F(OwnershipTest, ARenamedOperatorGetsTheNamespaceThatWasKept) {
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
