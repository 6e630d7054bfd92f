// What a destroy does with what the chart has Helm keep.
#include "tests/support/deletion_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class KeptTest : public DeletionTest {
 protected:
  static kube::ObjectRef Claim() {
    return {"", "v1", "persistentvolumeclaims", "default",
            "data-wandb-mysql-0"};
  }
  static kube::ObjectRef Kept(const std::string& suffix) {
    return kube::SecretRef("default", absl::StrCat("wandb-", suffix));
  }
  static Json OfRelease(const std::string& name) {
    return {{"kind", "Secret"},
            {"metadata",
             {{"annotations",
               {{"meta.helm.sh/release-name", name},
                {"meta.helm.sh/release-namespace", "default"}}}}},
            {"data", {{"password", "aHVudGVyMg=="}}}};
  }
  void PutKept() const {
    client_->Put(Kept("mysql"), OfRelease("wandb"));
    client_->Put(Claim(),
                 {{"kind", "PersistentVolumeClaim"},
                  {"metadata",
                   {{"labels", {{"app.kubernetes.io/instance", "wandb"}}}}}});
  }
  tf::RawApply Made(Fields more = {}) const {
    tf::RawApply call = Change(Nothing(), Config(std::move(more)));
    EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
    return call;
  }
  tf::RawApply Destroyed(const tf::RawApply& made) const {
    tf::RawPlan gone;
    gone.planned = Nothing();
    gone.private_data = made.private_data;
    return Apply(made.state, Nothing(), gone);
  }
};

TEST_F(KeptTest, IsNamedWithTheCommandThatDeletesIt) {
  PutKept();
  const tf::RawApply call = Destroyed(Made());
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_THAT(
      Text(call.diags),
      AllOf(HasSubstr("Instance default/wandb leaves data behind"),
            HasSubstr("kubectl delete -n default secret/wandb-mysql "
                      "persistentvolumeclaim/data-wandb-mysql-0"),
            HasSubstr("delete_kept = true"), Not(HasSubstr("hunter2"))));
  EXPECT_FALSE(client_->Stored(Kept("mysql")).is_null());
  EXPECT_FALSE(client_->Stored(Claim()).is_null());
}

TEST_F(KeptTest, GoesWhereTheStateSaysSo) {
  PutKept();
  const tf::RawApply call = Destroyed(Made({{"delete_kept", Flag(true)}}));
  EXPECT_THAT(call.diags.items(), IsEmpty()) << Text(call.diags);
  EXPECT_TRUE(client_->Stored(Kept("mysql")).is_null());
  EXPECT_TRUE(client_->Stored(Claim()).is_null());
}

TEST_F(KeptTest, ASecretOfTheSameNameThatHelmDidNotMakeStays) {
  client_->Put(Kept("license"), {{"kind", "Secret"}});
  client_->Put(Kept("mysql"), OfRelease("other"));
  const tf::RawApply call = Destroyed(Made({{"delete_kept", Flag(true)}}));
  EXPECT_THAT(call.diags.items(), IsEmpty()) << Text(call.diags);
  EXPECT_FALSE(client_->Stored(Kept("license")).is_null());
  EXPECT_FALSE(client_->Stored(Kept("mysql")).is_null());
}

TEST_F(KeptTest, StaysWhileHelmRemembersTheRelease) {
  PutKept();
  PutRelease();
  const tf::RawApply call = Destroyed(Made({{"delete_kept", Flag(true)}}));
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags), AllOf(HasSubstr("leaves is not deleted"),
                                      HasSubstr("release \"default/wandb\"")));
  EXPECT_FALSE(client_->Stored(Kept("mysql")).is_null());
}

TEST_F(KeptTest, StaysForAnotherInstanceThatHasTakenTheName) {
  PutKept();
  const tf::RawApply made = Made({{"delete_kept", Flag(true)}});
  client_->Remove(Ref());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}}, "kubectl");
  const tf::RawApply call = Destroyed(made);
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  EXPECT_FALSE(client_->Stored(Kept("mysql")).is_null());
  EXPECT_FALSE(client_->Stored(Claim()).is_null());
}

TEST_F(KeptTest, StaysWhereItCannotBeToldWhetherTheInstanceIsGone) {
  PutKept();
  const tf::RawApply made = Made({{"delete_kept", Flag(true)}});
  client_->OnWrite([this](const kube::ObjectRef& ref, const Json&) {
    if (ref == Ref()) {
      client_->FailAlways(Ref(), absl::PermissionDeniedError("not any more"));
    }
  });
  const tf::RawApply call = Destroyed(made);
  EXPECT_THAT(Text(call.diags),
              HasSubstr("There may be a weightsandbiases.apps.wandb.com"));
  EXPECT_FALSE(client_->Stored(Claim()).is_null());
}

TEST_F(KeptTest, OfAnEarlierInstanceStaysWhereACreateHasMadeNone) {
  PutKept();
  const tf::RawApply made = Made({{"delete_kept", Flag(true)}});
  client_->Remove(Ref());
  tf::RawApply none = made;
  Fields fields = made.state.fields();
  fields["uid"] = cty::Value::Null(kString);
  none.state = Make(std::move(fields));
  none.private_data = Json::object();
  Destroyed(none);
  EXPECT_FALSE(client_->Stored(Kept("mysql")).is_null());
  EXPECT_FALSE(client_->Stored(Claim()).is_null());
}

TEST_F(KeptTest, WhatMayNotBeDeletedIsNamedAndTheInstanceIsGone) {
  PutKept();
  const tf::RawApply made = Made({{"delete_kept", Flag(true)}});
  client_->FailAlways(Kept("mysql"), absl::PermissionDeniedError("no"));
  const tf::RawApply call = Destroyed(made);
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_THAT(Text(call.diags),
              HasSubstr("What instance default/wandb leaves cannot be looked "
                        "at"));
  EXPECT_TRUE(client_->Stored(Claim()).is_null());
}

}  // namespace
}  // namespace resources
