// An instance that somebody deletes, has deleted or made again: what plan,
// apply and refresh say of it, and that nothing is left behind.
#include "kube/deletion.h"

#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "resources/instance/finalizer.h"
#include "tests/support/deletion_fixture.h"
#include "tests/support/fake_replies.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// ---- While it is waited for ----

TEST_F(DeletionTest, ADestroyInVainQuotesTheOperatorsLog) {
  const tf::RawApply created =
      Change(Nothing(),
             Config({{"timeouts", Map({{"create", cty::Value::Null(kString)},
                                       {"update", cty::Value::Null(kString)},
                                       {"delete", Str("1s")}})}}));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  Json live = client_->Stored(Ref());
  live["metadata"]["finalizers"] = {"finalizer.app.wandb.com"};
  client_->Put(Ref(), live, "operator");
  PutSecret("wandb-spec-active", Json::object());
  PutRelease();
  PutUserInput({{"x", {{"clientSecret", "canary-user"}}}});
  client_->Put(
      kube::ObjectIn(kube::PodsIn("wandb"), "wandb-controller-manager-x-y"),
      {{"kind", "Pod"},
       {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}}});
  client_->SetLogs("wandb", "wandb-controller-manager-x-y",
                   R"({"level":"error","msg":"uninstall failed","error":)"
                   R"("canary-user: release: not found"})");
  const tf::RawApply call =
      Change(created.state, Nothing(), created.private_data);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(HasSubstr("operator log: uninstall failed: (sensitive): "
                              "release: not found\n"),
                    HasSubstr("check that the operator runs"),
                    Not(HasSubstr("canary"))));
}

// The operator has done its part: whoever is left is asked, and not it.
TEST_F(DeletionTest, ADestroyThatOthersHoldUpNamesThem) {
  const tf::RawApply created =
      Change(Nothing(),
             Config({{"timeouts", Map({{"create", cty::Value::Null(kString)},
                                       {"update", cty::Value::Null(kString)},
                                       {"delete", Str("1s")}})}}));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  Json live = client_->Stored(Ref());
  live["metadata"]["finalizers"] = {kHold};
  client_->Put(Ref(), live, "backup-tool");
  const std::string by = absl::StrCat(
      "  ", kHold, ", set by field manager \"backup-tool\" (Update)");
  EXPECT_THAT(
      Text(Plan(created.state, Nothing(), created.private_data).diags),
      AllOf(HasSubstr("Others hold it until they have"), HasSubstr(by)));
  const tf::RawApply call =
      Change(created.state, Nothing(), created.private_data);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(HasSubstr("is not there any more"), HasSubstr(by),
                    HasSubstr("Ask them; then destroy again."),
                    Not(HasSubstr("check that the operator runs"))));
}

// While its finalizer is there, why the operator does not come to it is said.
TEST_F(DeletionTest, ADestroyThatAStoppedOperatorHoldsUpSaysSo) {
  const tf::RawApply created =
      Change(Nothing(),
             Config({{"timeouts", Map({{"create", cty::Value::Null(kString)},
                                       {"update", cty::Value::Null(kString)},
                                       {"delete", Str("1s")}})}}));
  ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
  const kube::ObjectRef manager =
      kube::DeploymentRef("wandb", "wandb-controller-manager");
  Json deployment = client_->Stored(manager);
  deployment["spec"]["replicas"] = 0;
  client_->Put(manager, deployment);
  PutSecret("wandb-spec-active", Json::object());
  PutRelease();
  Json live = client_->Stored(Ref());
  live["metadata"]["finalizers"] = {"finalizer.app.wandb.com", kHold};
  client_->Put(Ref(), live, "operator");
  const tf::RawApply call =
      Change(created.state, Nothing(), created.private_data);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(HasSubstr("is scaled to 0 replicas"),
                    HasSubstr("These hold the instance, too:"),
                    Not(HasSubstr("is not there any more")),
                    Not(HasSubstr("check that the operator runs"))));
}

TEST_F(DeletionTest, ADeletedInstanceIsNoCompletedCreate) {
  for (const char* failure : {"error", "warn"}) {
    SCOPED_TRACE(failure);
    const cty::Value config =
        Config({{"wait", Flag(true)}, {"wait_failure", Str(failure)}});
    client_->ClearCalls();
    std::thread somebody([&] {
      EXPECT_TRUE(client_->AwaitCall("WATCH"));
      client_->Remove(Ref());
    });
    const tf::RawApply call = Change(Nothing(), config);
    somebody.join();
    ASSERT_TRUE(call.diags.HasError());
    EXPECT_THAT(call.diags.items()[0].summary,
                "Instance default/wandb was deleted while it was waited for");
    EXPECT_THAT(call.diags.items()[0].detail,
                HasSubstr("planned to be created"));
    EXPECT_EQ(call.state.At("ready"), Flag(false));
    // As core goes on: it refreshes, and makes it again.
    EXPECT_TRUE(Read(call.state, call.private_data).state.IsNull());
    // Or it deletes what is tainted, without a refresh.
    EXPECT_FALSE(Change(call.state, Nothing()).diags.HasError());
    const tf::RawApply again = Change(Nothing(), Config());
    EXPECT_FALSE(again.diags.HasError()) << Text(again.diags);
    Change(again.state, Nothing(), again.private_data);
  }
}

TEST_F(DeletionTest, ASuccessorIsNeitherReadyNorDeletedNorTaken) {
  std::thread somebody([&] {
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    Json other = client_->Stored(Ref());
    other["metadata"] = {{"uid", "other"}, {"labels", {{"a", "b"}}}};
    client_->Put(Ref(), other, "argocd");
  });
  const tf::RawApply call = Change(Nothing(), Config({{"wait", Flag(true)}}));
  somebody.join();
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(HasSubstr("replaced by another"), HasSubstr("\"argocd\"")));
  const Json theirs = client_->Stored(Ref());
  EXPECT_NE(call.state.At("uid"), Str(kube::UidOf(theirs)));
  EXPECT_FALSE(Change(call.state, Nothing()).diags.HasError());
  EXPECT_EQ(client_->Stored(Ref()), theirs);
}

// ---- At refresh ----

TEST_F(DeletionTest, ADyingInstanceIsSaidAndMadeAnewByTheNextApply) {
  for (const bool wait : {false, true}) {
    SCOPED_TRACE(wait);
    const tf::RawApply created = Created();
    Fields fields = created.state.fields();
    fields["ready"] = Flag(true);
    fields["wait"] = Flag(wait);
    const cty::Value state = InstanceTest::Make(fields);
    Kill();
    const tf::RawRead read = Read(state, created.private_data);
    ASSERT_FALSE(read.state.IsNull());
    EXPECT_EQ(read.state.At("ready"), Flag(false));
    EXPECT_THAT(
        Text(read.diags),
        AllOf(HasSubstr("Instance default/wandb is being deleted"),
              HasSubstr(kSince), HasSubstr(kHold), HasSubstr("next apply")));
    const cty::Value config = Config({{"wait", Flag(wait)},
                                      {"wait_failure", Str("warn")},
                                      {"timeouts", Nothing().At("timeouts")}});
    const tf::RawPlan plan = Plan(read.state, config, read.private_data);
    EXPECT_FALSE(plan.planned == read.state);
    EXPECT_TRUE(plan.planned.At("uid").IsUnknown());
    if (wait) {
      client_->Remove(Ref());
      continue;  // There is no operator that could make it ready.
    }
    client_->ClearCalls();
    std::thread finalizer([&] {
      EXPECT_TRUE(client_->AwaitCall("WATCH"));
      client_->Remove(Ref());
    });
    const tf::RawApply applied = Apply(read.state, config, plan);
    finalizer.join();
    ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
    const Json live = client_->Stored(Ref());
    EXPECT_FALSE(kube::IsTerminating(live));
    EXPECT_EQ(applied.state.At("uid"), Str(kube::UidOf(live)));
    EXPECT_NE(applied.state.At("uid"), created.state.At("uid"));
    const tf::RawRead after = Read(applied.state, applied.private_data);
    EXPECT_EQ(Plan(after.state, config, after.private_data).planned,
              after.state);
    Change(applied.state, Nothing(), applied.private_data);
  }
}

TEST_F(DeletionTest, AnUpdateOfAnInstanceThatDiesSinceThePlanSaysSo) {
  const tf::RawApply created = Created();
  const cty::Value config = Config({{"values", Map({{"a", Int(2)}})}});
  const tf::RawPlan plan = Plan(created.state, config, created.private_data);
  Kill();
  const tf::RawApply call = Apply(created.state, config, plan);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_EQ(call.state.At("ready"), Flag(false));
  EXPECT_THAT(Text(call.diags), AllOf(HasSubstr(kSince), HasSubstr(kHold)));
}

// ---- An operator that goes by the same plan ----

TEST_F(DeletionTest, ThePlanSaysThatTheOperatorGoesWithoutIt) {
  const tf::RawApply created = Created();
  session_->plan_notes().NoteOperatorGoes("ops/o", {"default/wandb"}, {});
  EXPECT_THAT(
      Text(Plan(created.state, Config(), created.private_data).diags),
      HasSubstr(
          "operator ops/o will fail while instance default/wandb exists"));
  EXPECT_THAT(
      Text(Plan(created.state, Nothing(), created.private_data).diags),
      AllOf(HasSubstr("instance default/wandb goes before operator ops/o"),
            HasSubstr("operator = wandb_operator.NAME.id")));
}

// ---- A create where the name is taken ----

TEST_F(DeletionTest, ACreateOverADyingObjectIsToldWhatItWaitsFor) {
  Created();
  Kill();
  NewProcess();
  const tf::RawPlan plan = PlanCreate(Base());
  EXPECT_THAT(
      Text(plan.diags),
      AllOf(HasSubstr("is being deleted"), HasSubstr(kSince), HasSubstr(kHold),
            HasSubstr("waits for its end"), Not(HasSubstr("import"))));
  client_->ClearCalls();
  std::thread finalizer([&] {
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    client_->Remove(Ref());
  });
  const tf::RawApply call = Apply(Nothing(), Config(), plan);
  finalizer.join();
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
}

TEST_F(DeletionTest, ACreateThatWaitsInVainNamesWhatHoldsTheOldOne) {
  Created();
  Kill();
  NewProcess();
  InstanceModel model = tf::Codec<InstanceModel>::Decode(Config());
  model.timeouts = Timeouts{.create = std::string("1s")};
  const cty::Value config = tf::Codec<InstanceModel>::Encode(model);
  const tf::RawApply call = Change(Nothing(), config);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags), AllOf(HasSubstr(kHold), HasSubstr(kSince),
                                      HasSubstr(kube::LookCommand(Ref())),
                                      Not(HasSubstr("raise the value"))));
  EXPECT_TRUE(call.state.IsNull());
}

TEST_F(DeletionTest, PlanAndApplyAgreeOnWhatACreateFinds) {
  const auto agrees = [&](const cty::Value& config, const char* says) {
    const tf::RawPlan plan = Plan(Nothing(), config);
    EXPECT_THAT(Text(plan.diags), HasSubstr(says));
    return Apply(Nothing(), config, plan).diags.HasError();
  };
  // What an interrupted create of this configuration left.
  Created();
  NewProcess();
  EXPECT_FALSE(agrees(Config(), "Apply will take over"));
  // Of another one.
  NewProcess();
  EXPECT_TRUE(
      agrees(Config({{"values", Map({{"a", Int(2)}})}}), "Apply will fail"));
  // Somebody else's.
  client_->Remove(Ref());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}}, "kubectl");
  NewProcess();
  EXPECT_TRUE(agrees(Config(), "Apply will fail"));
}

TEST_F(DeletionTest, WhatUnknownValuesDecideIsNotPromised) {
  Created();
  NewProcess();
  const tf::RawPlan plan =
      PlanCreate(Base({{"values", Map({{"a", UnknownStr()}})}}));
  EXPECT_THAT(Text(plan.diags), AllOf(HasSubstr("exists already"),
                                      Not(HasSubstr("Apply will fail"))));
}

// The state's own one goes first; another one of its name does not.
TEST_F(DeletionTest, OnlyTheObjectOfTheStateIsReplaced) {
  const tf::RawApply created = Created();
  NewProcess();
  Read(created.state, created.private_data);
  EXPECT_THAT(Plan(Nothing(), Config()).diags.items(), IsEmpty());
  client_->Remove(Ref());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}}, "argocd");
  Read(created.state, created.private_data);
  EXPECT_THAT(Text(Plan(Nothing(), Config()).diags),
              HasSubstr("Apply will fail"));
}

TEST_F(DeletionTest, ADyingNamespaceIsSaidAtPlan) {
  client_->Put(
      kube::NamespaceRef("default"),
      {{"kind", "Namespace"},
       {"metadata", {{"deletionTimestamp", kSince}, {"finalizers", {kHold}}}},
       {"spec", {{"finalizers", {"kubernetes"}}}}});
  Json details;
  details["causes"] = Json::array({{{"reason", "NamespaceTerminating"}}});
  client_->FailNext(
      support::Reply(
          "PATCH", Ref(), 403,
          support::StatusBody("Forbidden", "being terminated", details)),
      "APPLY");
  EXPECT_THAT(Text(PlanCreate(Base()).diags),
              AllOf(HasSubstr("Namespace \"default\" is being deleted"),
                    HasSubstr(kSince),
                    HasSubstr(absl::StrCat("the finalizer ", kHold, ";"))));
}

// ---- What may not be seen ----

TEST_F(DeletionTest, AnApplyThatMayNotSeeTheSecretsDoesNotTaint) {
  for (const char* name : {"wandb-spec-active", "wandb-spec-user"}) {
    for (const bool wait : {true, false}) {
      SCOPED_TRACE(absl::StrCat(name, wait));
      const kube::ObjectRef secret = kube::SecretRef("default", name);
      client_->FailAlways(secret, support::Reply("GET", secret, 403, ""));
      const cty::Value config = Config({{"wait", Flag(wait)}});
      const tf::RawApply call = Change(Nothing(), config);
      client_->FailAlways(secret, absl::OkStatus());
      EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
      EXPECT_EQ(call.state.At("ready"), Flag(false));
      if (wait || secret.name == "wandb-spec-user") {
        ASSERT_THAT(call.diags.items(), SizeIs(1)) << Text(call.diags);
        EXPECT_THAT(
            call.diags.items()[0].detail,
            AllOf(HasSubstr("in namespace \"default\""),
                  HasSubstr("resources: [secrets], resourceNames: "
                            "[wandb-spec-active, wandb-spec-user], verbs: "
                            "[get]"),
                  HasSubstr("The change was written")));
      }
      Change(call.state, Nothing(), call.private_data);
    }
  }
}

TEST_F(DeletionTest, AnUpdateThatMayNotSeeTheSecretsIsAnErrorAsAsked) {
  const tf::RawApply created = Created();
  const kube::ObjectRef secret =
      kube::SecretRef("default", "wandb-spec-active");
  client_->FailAlways(secret, support::Reply("GET", secret, 403, ""));
  const auto update = [&](const char* failure) {
    return Change(created.state,
                  Config({{"wait", Flag(true)},
                          {"wait_failure", Str(failure)},
                          {"values", Map({{"a", Int(2)}})}}),
                  created.private_data)
        .diags;
  };
  EXPECT_FALSE(update("warn").HasError());
  const tf::Diagnostics diags = update("error");
  ASSERT_TRUE(diags.HasError());
  EXPECT_EQ(diags.items()[0].summary,
            "Whether instance default/wandb is ready cannot be told");
}

// ---- The plan of a destroy, or of a replacement ----

TEST_F(DeletionTest, TheDestroyOfAnInstanceOfOursAloneIsSilent) {
  const tf::RawApply created = Created();
  EXPECT_THAT(
      Plan(created.state, Nothing(), created.private_data).diags.items(),
      IsEmpty());
}

TEST_F(DeletionTest, TheDestroyOfASharedInstanceNamesTheOthers) {
  const tf::RawApply created = Created();
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["theirs"] = 1;
  client_->Put(Ref(), live, "kubectl-edit");
  const tf::RawPlan plan = Plan(created.state, Nothing(), created.private_data);
  EXPECT_FALSE(plan.diags.HasError());
  EXPECT_THAT(Text(plan.diags), AllOf(HasSubstr("deletes what others have set"),
                                      HasSubstr("kubectl-edit (Update)"),
                                      HasSubstr(".spec.values.theirs")));
  // Of another object of the name nothing is deleted.
  client_->Remove(Ref());
  client_->Put(Ref(), live, "kubectl-edit");
  Fields fields = created.state.fields();
  fields["uid"] = Str("gone");
  EXPECT_THAT(Plan(InstanceTest::Make(fields), Nothing()).diags.items(),
              IsEmpty());
}

TEST_F(DeletionTest, TheReplacementOfASharedInstanceNamesTheOthers) {
  const tf::RawApply created = Created();
  const auto replace = [&](Fields change) {
    return Plan(created.state, Config(std::move(change)), created.private_data);
  };
  EXPECT_THAT(replace({{"name", Str("new")}}).diags.items(), IsEmpty());
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["theirs"] = 1;
  client_->Put(Ref(), live, "kubectl-edit");
  PutUserInput({{"console", {{"password", "canary"}}}});
  for (const Fields& change :
       {Fields{{"name", Str("new")}}, Fields{{"namespace", Str("new")}},
        Fields{{"name", UnknownStr()}}}) {
    const tf::RawPlan plan = replace(change);
    EXPECT_THAT(plan.requires_replace, SizeIs(1));
    EXPECT_FALSE(plan.diags.HasError());
    EXPECT_THAT(
        Text(plan.diags),
        AllOf(HasSubstr("The replacement of instance default/wandb deletes"),
              HasSubstr("kubectl-edit (Update)"),
              HasSubstr(".spec.values.theirs"),
              HasSubstr("System Console (Secret \"wandb-spec-user\"): console"),
              Not(HasSubstr("canary"))));
  }
  EXPECT_EQ(Text(replace({{"values", Map({{"a", Int(2)}})}}).diags), "");
}

// Core plans it as a create alone.
TEST_F(DeletionTest, TheReplacementOfATaintedSharedInstanceNamesTheOthers) {
  const tf::RawApply created = Created();
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["theirs"] = 1;
  live["metadata"]["finalizers"] = {kHold};
  client_->Put(Ref(), live, "kubectl-edit");
  NewProcess();
  Read(created.state, created.private_data);
  EXPECT_THAT(Text(Plan(Nothing(), Config()).diags),
              AllOf(HasSubstr("The replacement of instance default/wandb "
                              "deletes"),
                    HasSubstr("kubectl-edit (Update)"),
                    HasSubstr("will be held up"), HasSubstr(kHold)));
}

TEST_F(DeletionTest, ADestroyThatNobodyWillFinishIsSaid) {
  const tf::RawApply created = Created();
  const auto says = [&](const std::string& finalizer) {
    Json live = client_->Stored(Ref());
    live["metadata"]["finalizers"] = {finalizer};
    client_->Put(Ref(), live, "manager");
    return Text(Plan(created.state, Nothing(), created.private_data).diags);
  };
  EXPECT_EQ(says("finalizer.app.wandb.com"), "");
  EXPECT_THAT(says(kHold), AllOf(HasSubstr("held up"), HasSubstr(kHold)));
  client_->Remove(kube::DeploymentRef("wandb", "wandb-controller-manager"));
  EXPECT_THAT(says("finalizer.app.wandb.com"),
              AllOf(HasSubstr("held up"), HasSubstr("uninstalled W&B")));
  client_->SetUnreachable(true);
  EXPECT_EQ(Text(Plan(created.state, Nothing(), created.private_data).diags),
            "");
}

}  // namespace
}  // namespace resources
