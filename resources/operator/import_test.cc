// Taking over an operator that somebody else installed.
#include "kube/object_ref.h"
#include "tests/support/operator_fixture.h"
#include "tests/support/operator_v2.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class OperatorImportTest : public OperatorTest {
 protected:
  static kube::ObjectRef Account() {
    return {"", "v1", "serviceaccounts", "wandb", "wandb-manager"};
  }
  // Those objects of an operator whose kind is one of `kinds`, as kubectl would
  // make them: they name nobody.
  void PutBare(const std::vector<std::string>& kinds) const {
    const auto manifests = wandb::OperatorManifests({});
    for (const Json& manifest : *manifests) {
      if (std::find(kinds.begin(), kinds.end(), kube::KindOf(manifest)) !=
          kinds.end()) {
        client_->Put(*kube::RefOf(manifest), WithoutOwner(manifest), "kubectl");
      }
    }
  }
  void PutBareOperator() const {
    PutBare({"Namespace", "CustomResourceDefinition", "ServiceAccount",
             "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding",
             "Deployment"});
  }
  void Edit(const kube::ObjectRef& ref, const char* pointer,
            const Json& value) const {
    Json live = client_->Stored(ref);
    live[Json::json_pointer(pointer)] = value;
    client_->Put(ref, live, "kubectl");
  }
  // Destroys what was imported, and says whether `ref` survived that.
  bool Survives(const tf::RawRead& read, const kube::ObjectRef& ref) const {
    const tf::RawApply gone = Change(read.state, Nothing(), read.private_data);
    EXPECT_FALSE(gone.diags.HasError()) << Text(gone.diags);
    return !client_->Stored(ref).is_null();
  }
};

TEST_F(OperatorImportTest, ALoneServiceAccountIsNoOperator) {
  PutBare({"Namespace", "ServiceAccount"});
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("wandb/wandb"),
                    HasSubstr("Deployment \"wandb/wandb-controller-manager\""),
                    HasSubstr("does not exist")));
  EXPECT_TRUE(read.state.IsNull());
  EXPECT_FALSE(client_->Stored(Account()).is_null());
}

TEST_F(OperatorImportTest, ADeploymentThatRunsSomethingElseIsNoOperator) {
  PutBareOperator();
  Edit(Deployment(), "/spec/template/spec/containers",
       {{{"name", "nginx"}, {"image", "nginx:1"}}});
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("Deployment \"wandb/wandb-controller-manager\""),
                    HasSubstr("wandb/controller")));
  EXPECT_TRUE(read.state.IsNull());
}

TEST_F(OperatorImportTest, TheOwnerOfAnotherOperatorIsNamed) {
  ASSERT_FALSE(
      Change(Nothing(), Make({{"namespace", Str("wandb")}})).diags.HasError());
  Edit(Deployment(), "/metadata/annotations",
       {{wandb::kOwnerAnnotation, "ops/other"}});
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_THAT(Text(read.diags), HasSubstr("wandb_operator \"ops/other\""));
}

TEST_F(OperatorImportTest, WhatBelongsToTheDeploymentIsTaken) {
  PutBareOperator();
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_THAT(read.diags.items(), IsEmpty()) << Text(read.diags);
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data)
                .planned.At("objects")
                .fields()
                .size(),
            read.state.At("objects").fields().size());
  EXPECT_FALSE(Survives(read, Account()));
}

TEST_F(OperatorImportTest, AccountThatTheDeploymentDoesNotUseIsLeftAlone) {
  PutBareOperator();
  Edit(Deployment(), "/spec/template/spec/serviceAccountName", "own");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_TRUE(read.state.At("objects")
                  .At("ServiceAccount/wandb/wandb-manager")
                  .IsNull());
  EXPECT_TRUE(
      read.state.At("objects").At("ClusterRole/wandb-manager-role").IsNull());
  EXPECT_TRUE(Survives(read, Account()));
}

TEST_F(OperatorImportTest, RoleThatNothingBindsIsLeftAlone) {
  PutBareOperator();
  const kube::ObjectRef role = {"rbac.authorization.k8s.io", "v1",
                                "clusterroles", "", "wandb-manager-role"};
  client_->Remove({"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "",
                   "wandb-manager-rolebinding"});
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_TRUE(Survives(read, role));
}

// What an interrupted create left long ago can only be had by an import.
TEST_F(OperatorImportTest, ObjectsThatNameTheOperatorNeedNoDeployment) {
  ASSERT_FALSE(Change(Nothing(), Make({})).diags.HasError());
  client_->Remove(Deployment());
  const tf::RawRead read = Import("wandb/wandb");
  EXPECT_FALSE(read.diags.HasError()) << Text(read.diags);
  EXPECT_FALSE(read.state.IsNull());
}

TEST_F(OperatorImportTest, HelmReleaseThatWouldDeleteItIsNamed) {
  InstallByHelm("wandb");
  const tf::RawRead read = Import("wandb/wandb");
  ASSERT_THAT(read.diags.items(), SizeIs(1)) << Text(read.diags);
  EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(Text(read.diags),
              AllOf(HasSubstr("Helm release \"wandb/operator\""),
                    HasSubstr("helm uninstall operator"),
                    HasSubstr("delete secret -n wandb"),
                    HasSubstr("the operator"), Not(HasSubstr("the instance"))));
  // Said once, at the import.
  EXPECT_THAT(Read(read.state, read.private_data).diags.items(), IsEmpty());
}

}  // namespace
}  // namespace resources
