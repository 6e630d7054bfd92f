// wandb_operator with crd.manage = false.
#include "resources/operator/unmanaged_definition.h"

#include "resources/operator/objects.h"
#include "tests/support/operator_plan_fixture.h"
#include "tests/support/operator_v2.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kKey[] =
    "CustomResourceDefinition/weightsandbiases.apps.wandb.com";

class UnmanagedDefinitionTest : public OperatorPlanTest {
 protected:
  static kube::ObjectRef Ref() { return support::DefinitionRef(); }
  cty::Value Crd(Fields fields) const {
    return cty::Value::ObjectOf(tf::Codec<CrdArguments>::type(),
                                std::move(fields));
  }
  Fields Unmanaged() const { return {{"crd", Crd({{"manage", Flag(false)}})}}; }
  // Of others.
  void Define() const {
    client_->Put(Ref(), support::DefinitionOfV1(), "helm");
    client_->ClearCalls();
  }
};

TEST_F(UnmanagedDefinitionTest, ACreateWithoutOneFailsBeforeItWrites) {
  const tf::RawPlan plan = PlanCreate(Unmanaged());
  const tf::Diagnostic warning = Warning(plan);
  EXPECT_THAT(warning.summary, HasSubstr("no custom resource definition"));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("Apply will fail unless it is there by then"),
                    HasSubstr("does not exist"), HasSubstr("depends_on")));
  const tf::RawApply refused = Apply(Nothing(), Make(Unmanaged()), plan);
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_EQ(refused.diags.items()[0].path, cty::Path("crd"));
  EXPECT_TRUE(refused.state.IsNull());
  for (const auto& call : client_->calls()) {
    EXPECT_TRUE(call.verb != "APPLY" || call.apply.dry_run);
  }
}

TEST_F(UnmanagedDefinitionTest, OneThatServesOtherVersionsOrGoesWillNotDo) {
  Json other = support::DefinitionOfV1();
  other["spec"]["versions"][0]["served"] = false;
  client_->Put(Ref(), other, "helm");
  EXPECT_THAT(Warning(PlanCreate(Unmanaged())).detail,
              HasSubstr("does not serve v1"));
  Json going = support::DefinitionOfV1();
  going["metadata"]["finalizers"] = {
      "customresourcecleanup.apiextensions.k8s.io"};
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  client_->Put(Ref(), going, "helm");
  EXPECT_THAT(Warning(PlanCreate(Unmanaged())).detail,
              HasSubstr("is being deleted"));
}

TEST_F(UnmanagedDefinitionTest, OneThatIsThereIsNeverWritten) {
  Define();
  const Json before = client_->Stored(Ref());
  const tf::RawApply created = Create(Unmanaged());
  EXPECT_TRUE(created.state.At("objects").At(kKey).IsNull());
  EXPECT_EQ(created.state.At("crd_versions"),
            cty::Value::List(kString, {Str("v1")}));
  Json edited = before;
  edited["spec"]["versions"].push_back({{"name", "v0"}, {"served", true}});
  client_->Put(Ref(), edited, "helm");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_EQ(read.state.At("crd_versions"),
            cty::Value::List(kString, {Str("v1"), Str("v0")}));
  EXPECT_EQ(Plan(read.state, Make(Unmanaged()), read.private_data).planned,
            read.state);
  client_->Put(Ref(), before, "helm");
  const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
  EXPECT_THAT(gone.diags.items(), IsEmpty());
  EXPECT_EQ(client_->Stored(Ref())["spec"], before["spec"]);
}

TEST_F(UnmanagedDefinitionTest, WhoMayNotReadItInstallsAllTheSame) {
  Define();
  Forbid(Ref(), "cannot get resource \"customresourcedefinitions\"");
  EXPECT_THAT(PlanCreate(Unmanaged()).diags.items(), IsEmpty());
  const tf::RawApply created = Create(Unmanaged());
  EXPECT_EQ(created.state.At("ready"), Flag(true));
  EXPECT_EQ(Read(created.state, created.private_data).state, created.state);
}

TEST_F(UnmanagedDefinitionTest, OurOwnIsLeftAndTakenUpAgain) {
  const tf::RawApply created = Create();
  const tf::RawApply left =
      Change(created.state, Make(Unmanaged()), created.private_data);
  ASSERT_FALSE(left.diags.HasError()) << Text(left.diags);
  EXPECT_TRUE(left.state.At("objects").At(kKey).IsNull());
  EXPECT_FALSE(client_->Stored(Ref()).is_null());
  EXPECT_EQ(Read(left.state, left.private_data).state, left.state);
  const tf::RawApply again = Change(left.state, Make({}), left.private_data);
  ASSERT_FALSE(again.diags.HasError()) << Text(again.diags);
  EXPECT_EQ(again.state, created.state);
  EXPECT_EQ(Read(again.state, again.private_data).state, again.state);
}

// The same of a namespace.
TEST_F(UnmanagedDefinitionTest, ANamespaceThatIsMadeNoMoreIsForgotten) {
  const tf::RawApply created = Create();
  const tf::RawApply left =
      Change(created.state, Make({{"create_namespace", Flag(false)}}),
             created.private_data);
  EXPECT_FALSE(left.diags.HasError()) << Text(left.diags);
  EXPECT_TRUE(left.state.At("objects").At("Namespace/wandb").IsNull());
}

TEST_F(UnmanagedDefinitionTest, WhatIsNotManagedCannotBeDeleted) {
  tf::Diagnostics diags;
  resource_->Validate(Make({{"crd", Crd({{"manage", Flag(false)},
                                         {"delete_on_destroy", Flag(true)}})}}),
                      diags);
  ASSERT_TRUE(diags.HasError());
  EXPECT_EQ(diags.items()[0].path, cty::Path("crd"));
}

TEST_F(UnmanagedDefinitionTest, WhileItIsUnknownTheObjectsAre) {
  const tf::RawApply created = Create();
  const Fields open = {
      {"crd", Crd({{"manage", cty::Value::Unknown(cty::Type::Bool())},
                   {"delete_on_destroy", Flag(false)}})}};
  const cty::Value planned =
      Plan(created.state, Make(open), created.private_data).planned;
  EXPECT_TRUE(planned.At("objects").IsUnknown());
  for (const bool manage : {true, false}) {
    const Fields known = {{"crd", Crd({{"manage", Flag(manage)},
                                       {"delete_on_destroy", Flag(false)}})}};
    EXPECT_THAT(
        tf::ReplanFaults(
            planned,
            Plan(created.state, Make(known), created.private_data).planned),
        IsEmpty())
        << manage;
  }
}

}  // namespace
}  // namespace resources
