// The definition of the custom resource that an operator has made, and keeps.
#include "resources/operator/crd_upgrade.h"

#include "resources/operator/objects.h"
#include "tests/support/operator_plan_fixture.h"
#include "tests/support/operator_v2.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kKey[] =
    "CustomResourceDefinition/weightsandbiases.apps.wandb.com";

Json& SchemaOf(Json& crd, int version = 0) {
  return crd["spec"]["versions"][version]["schema"]["openAPIV3Schema"];
}

// With one version more, as which objects are stored unless v1 is it.
Json WithOldVersion(Json crd, bool stores_v1) {
  Json old = crd["spec"]["versions"][0];
  old["name"] = "v1beta1";
  old["storage"] = !stores_v1;
  crd["spec"]["versions"][0]["storage"] = stores_v1;
  crd["spec"]["versions"].push_back(std::move(old));
  crd["status"]["storedVersions"] = {"v1beta1", "v1"};
  return crd;
}

TEST(CrdUpgradeTest, VersionsAndPathsOfTheSchemaAreTold) {
  Json live = wandb::OperatorCrd();
  Json& properties = SchemaOf(live)["properties"];
  properties["spec"]["properties"]["old"] = {{"type", "string"}};
  properties["spec"]["properties"].erase("chart");
  properties["spec"]["properties"]["values"]["type"] = "string";
  properties["status"]["description"] = "Of another wording.";
  live["spec"]["versions"].push_back({{"name", "v1beta1"}, {"served", true}});
  const CrdUpgrade upgrade = UpgradeOf(live, wandb::OperatorCrd());
  EXPECT_THAT(upgrade.served_now, ElementsAre("v1", "v1beta1"));
  EXPECT_THAT(upgrade.served_then, ElementsAre("v1"));
  EXPECT_THAT(upgrade.stored_lost, IsEmpty());
  EXPECT_THAT(upgrade.added, ElementsAre("v1 .spec.chart"));
  EXPECT_THAT(upgrade.removed, ElementsAre("v1 .spec.old"));
  EXPECT_THAT(upgrade.changed, ElementsAre("v1 .spec.values"));
  EXPECT_EQ(Describe(upgrade),
            "It serves v1, v1beta1 now, and then v1. Paths of its schema: 1 "
            "added (v1 .spec.chart); 1 removed (v1 .spec.old); 1 changed (v1 "
            ".spec.values). What an instance has at a path that is removed is "
            "lost with the next write to that instance.");
}

TEST(CrdUpgradeTest, ManyPathsAreCounted) {
  Json wanted = wandb::OperatorCrd();
  for (int i = 0; i < 9; ++i) {
    SchemaOf(
        wanted)["properties"]["spec"]["properties"][absl::StrCat("k", i)] = {
        {"type", "array"}, {"items", Json::object()}};
  }
  const std::string text = Describe(UpgradeOf(wandb::OperatorCrd(), wanted));
  EXPECT_THAT(text, AllOf(HasSubstr("goes on to serve v1."),
                          HasSubstr("18 added (v1 .spec.k0, v1 .spec.k0[], "),
                          HasSubstr(", ...)"), Not(HasSubstr(".k3"))));
}

TEST(CrdUpgradeTest, AStoredVersionThatWouldGoIsFound) {
  EXPECT_THAT(UpgradeOf(WithOldVersion(wandb::OperatorCrd(), true),
                        wandb::OperatorCrd())
                  .stored_lost,
              ElementsAre("v1beta1"));
}

class DefinitionTest : public OperatorPlanTest {
 protected:
  static kube::ObjectRef Ref() { return support::DefinitionRef(); }
  Json Live() const { return client_->Stored(Ref()); }
  void Edit(const std::function<void(Json&)>& edit,
            const std::string& manager = "kubectl-edit") const {
    Json live = Live();
    edit(live);
    client_->Put(Ref(), live, manager);
    client_->ClearCalls();
  }
  // As a version of the provider had made it that knew less.
  void MakeOlder() const {
    Edit([](Json& live) {
      SchemaOf(live)["properties"]["spec"]["properties"].erase("chart");
    });
  }
  bool IsWritten() const {
    for (const auto& call : client_->calls()) {
      if (call.verb == "APPLY" && call.ref == Ref() && !call.apply.dry_run) {
        return true;
      }
    }
    return false;
  }
  bool HasChart() const {
    Json live = Live();
    return SchemaOf(live)["properties"]["spec"]["properties"].contains("chart");
  }
  cty::Value Crd(Fields fields) const {
    return cty::Value::ObjectOf(tf::Codec<CrdArguments>::type(),
                                std::move(fields));
  }
};

TEST_F(DefinitionTest, OurOwnIsUpgradedAndThePlanSaysHow) {
  const tf::RawApply created = Create();
  MakeOlder();
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(read.state.At("objects").At(kKey).AsString(),
              HasSubstr("changed outside"));
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  const tf::Diagnostic warning = Warning(plan);
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("Apply will change CustomResourceDefinition"),
                    HasSubstr("weightsandbiases.apps.wandb.com")));
  EXPECT_THAT(warning.detail, AllOf(HasSubstr("goes on to serve v1"),
                                    HasSubstr("1 added (v1 .spec.chart)"),
                                    HasSubstr("crd = { manage = false }")));
  EXPECT_TRUE(plan.planned.At("crd_versions").IsUnknown());
  const tf::RawApply applied = Apply(read.state, Make({}), plan);
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  EXPECT_TRUE(HasChart());
  EXPECT_EQ(applied.state.At("crd_versions"),
            cty::Value::List(kString, {Str("v1")}));
  const tf::RawRead again = Read(applied.state, applied.private_data);
  EXPECT_EQ(again.state, applied.state);
  EXPECT_EQ(Plan(again.state, Make({}), again.private_data).planned,
            again.state);
}

TEST_F(DefinitionTest, WhatIsAsItShallBeIsNotWritten) {
  const tf::RawApply created = Create();
  const tf::RawApply updated = Change(
      created.state, Make({{"airgapped", Flag(true)}}), created.private_data);
  ASSERT_FALSE(updated.diags.HasError()) << Text(updated.diags);
  EXPECT_EQ(updated.state.At("crd_versions"), created.state.At("crd_versions"));
  EXPECT_FALSE(IsWritten());
}

// A destroy leaves it, and a later version of the provider creates again.
TEST_F(DefinitionTest, OneThatAnEarlierDestroyLeftIsUpgradedByACreate) {
  const tf::RawApply created = Create();
  Change(created.state, Nothing(), created.private_data);
  MakeOlder();
  NewProcess();
  const tf::RawPlan plan = Plan(Nothing(), Make({}));
  EXPECT_THAT(Warning(plan).summary, HasSubstr("Apply will change"));
  const tf::RawApply again = Apply(Nothing(), Make({}), plan);
  ASSERT_FALSE(again.diags.HasError()) << Text(again.diags);
  EXPECT_TRUE(HasChart());
  EXPECT_EQ(Read(again.state, again.private_data).state, again.state);
}

TEST_F(DefinitionTest, WhatOthersMadeIsUsedAsItIs) {
  for (const char* owner : {"", "other/wandb"}) {
    Json theirs = support::DefinitionOfV1();
    SchemaOf(theirs)["properties"]["spec"]["properties"].erase("chart");
    if (*owner != '\0') {
      theirs["metadata"]["annotations"][wandb::kOwnerAnnotation] = owner;
    }
    client_->Put(Ref(), theirs, "helm");
    const tf::RawApply created = Create();
    const tf::RawRead read = Read(created.state, created.private_data);
    EXPECT_EQ(read.state, created.state);
    const tf::RawApply updated = Change(
        read.state, Make({{"airgapped", Flag(true)}}), read.private_data);
    EXPECT_THAT(updated.diags.items(), IsEmpty()) << Text(updated.diags);
    EXPECT_FALSE(HasChart());
    Change(updated.state, Nothing(), updated.private_data);
    EXPECT_FALSE(Live().is_null());
  }
}

// An annotation by hand hands it over.
TEST_F(DefinitionTest, OneThatSomebodyGivesUsIsKeptFromThenOn) {
  client_->Put(Ref(), support::DefinitionOfV1(), "helm");
  const tf::RawApply created = Create();
  const auto give = [](Json& live) {
    live["metadata"]["annotations"][wandb::kOwnerAnnotation] = "wandb/wandb";
  };
  Edit(give, "kubectl-annotate");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_EQ(read.state, created.state);
  MakeOlder();
  const tf::RawRead later = Read(read.state, read.private_data);
  ASSERT_FALSE(
      Change(later.state, Make({}), later.private_data).diags.HasError());
  EXPECT_TRUE(HasChart());
}

TEST_F(DefinitionTest, AVersionMoreThatOthersServeIsNoDifference) {
  const tf::RawApply created = Create();
  Edit([](Json& live) { live = WithOldVersion(live, true); });
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_EQ(read.state.At("objects"), created.state.At("objects"));
  EXPECT_EQ(read.state.At("crd_versions"),
            cty::Value::List(kString, {Str("v1"), Str("v1beta1")}));
  const tf::RawApply updated =
      Change(read.state, Make({{"airgapped", Flag(true)}}), read.private_data);
  EXPECT_FALSE(updated.diags.HasError()) << Text(updated.diags);
  EXPECT_FALSE(IsWritten());
}

TEST_F(DefinitionTest, AStoredVersionIsNeverDropped) {
  const tf::RawApply created = Create();
  Edit([](Json& live) { live = WithOldVersion(live, false); });
  const Json before = Live();
  const tf::RawRead read = Read(created.state, created.private_data);
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  ASSERT_TRUE(plan.diags.HasError());
  EXPECT_THAT(Text(plan.diags),
              AllOf(HasSubstr("Cannot upgrade CustomResourceDefinition"),
                    HasSubstr("stored as v1beta1 (status.storedVersions)"),
                    HasSubstr("serves v1, v1beta1 now, and then v1."),
                    HasSubstr("let v1, and not v1beta1, have storage: true"),
                    HasSubstr("kubectl replace -f -"),
                    HasSubstr("'{\"status\":{\"storedVersions\":[\"v1\"]}}'"),
                    HasSubstr("crd = { manage = false }")));
  // Who has not planned it against this cluster meets it at the apply, before
  // anything is written.
  client_->SetUnreachable(true);
  const tf::RawPlan blind =
      Plan(read.state, Make({{"airgapped", Flag(true)}}), read.private_data);
  client_->SetUnreachable(false);
  const Json deployment = client_->Stored(Deployment());
  const tf::RawApply refused =
      Apply(read.state, Make({{"airgapped", Flag(true)}}), blind);
  EXPECT_THAT(Text(refused.diags), HasSubstr("Cannot upgrade"));
  EXPECT_EQ(Live(), before);
  EXPECT_EQ(client_->Stored(Deployment()), deployment);
  // The way out.
  const tf::RawApply left =
      Change(read.state, Make({{"crd", Crd({{"manage", Flag(false)}})}}),
             read.private_data);
  EXPECT_FALSE(left.diags.HasError()) << Text(left.diags);
  EXPECT_EQ(Live(), before);
}

TEST_F(DefinitionTest, WhatAnotherManagerAppliesIsToldAtPlan) {
  const tf::RawApply created = Create();
  Json body = wandb::OperatorCrd();
  body["spec"]["scope"] = "Cluster";
  ASSERT_TRUE(
      client_
          ->Apply({}, Ref(), body, {.field_manager = "argocd", .force = true})
          .ok());
  const tf::RawRead read = Read(created.state, created.private_data);
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_THAT(Text(plan.diags),
              AllOf(HasSubstr("Apply will fail"),
                    HasSubstr("CustomResourceDefinition "
                              "\"weightsandbiases.apps.wandb.com\" .spec.scope "
                              "is owned by \"argocd\" (Apply)"),
                    HasSubstr("force_conflicts = true")));
}

// It outlives the operator, of which nothing else is left.
TEST_F(DefinitionTest, AloneItIsNoOperator) {
  const tf::RawApply created = Create();
  const auto manifests = wandb::OperatorManifests({});
  for (const Json& manifest : *manifests) {
    if (!IsDefinition(manifest)) client_->Remove(*kube::RefOf(manifest));
  }
  EXPECT_TRUE(Read(created.state, created.private_data).state.IsNull());
}

TEST_F(DefinitionTest, AStateOfAnEarlierVersionPlansNothing) {
  const tf::RawApply created = Create();
  Fields fields = created.state.fields();
  Json stored = {};
  for (const auto& [name, value] : fields) {
    if (name != "crd") stored[name] = nullptr;
  }
  fields["crd"] = cty::Value::Null(tf::Codec<CrdArguments>::type());
  const cty::Value state =
      tf::FillAbsent(resource_->schema(), Make(fields), stored);
  EXPECT_EQ(state, created.state);
}

}  // namespace
}  // namespace resources
