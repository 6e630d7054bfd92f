// An instance that somebody deletes, has deleted or made again: what plan,
// apply and refresh say of it, and that nothing is left behind.
#include "kube/deletion.h"

#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "resources/instance/finalizer.h"
#include "tests/support/fake_replies.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kSince[] = "2026-01-01T00:00:00Z";
constexpr char kHold[] = "example.com/hold";

class DeletionTest : public InstanceTest {
 protected:
  DeletionTest() { PutOperator(true); }

  static Fields Base(Fields more = {}) {
    more.emplace("airgapped", Flag(true));
    more.emplace("wait", Flag(false));
    more.emplace("values", Map({{"a", Int(1)}}));
    return more;
  }
  cty::Value Config(Fields more = {}) const {
    return Make(Base(std::move(more)));
  }
  tf::RawApply Created() const {
    tf::RawApply call = Change(Nothing(), Config());
    EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
    return call;
  }
  // As `kubectl delete` leaves what a finalizer holds.
  void Kill(const std::string& finalizer = kHold) const {
    Json dying = client_->Stored(Ref());
    dying["metadata"]["deletionTimestamp"] = kSince;
    dying["metadata"]["finalizers"] = {finalizer};
    client_->Put(Ref(), dying, "kubectl");
  }
  void PutSecret(const std::string& name, const Json& values) const {
    client_->Put(kube::SecretRef("default", name),
                 {{"kind", "Secret"},
                  {"data",
                   {{"chart", absl::Base64Escape("null")},
                    {"values", absl::Base64Escape(values.dump())}}}});
  }
  // As Helm keeps one of what the operator installs.
  static kube::ObjectRef Release() {
    return kube::SecretRef("default", "sh.helm.release.v1.wandb.v1");
  }
  void PutRelease() const {
    client_->Put(
        Release(),
        {{"kind", "Secret"},
         {"metadata", {{"labels", {{"owner", "helm"}, {"name", "wandb"}}}}}});
  }
  void PutUserInput(const Json& values) const {
    PutSecret("wandb-spec-user", values);
  }
  static std::string Text(const tf::Diagnostics& diags) {
    std::string text;
    for (const tf::Diagnostic& item : diags.items()) {
      absl::StrAppend(&text, item.summary, "\n", item.detail, "\n");
    }
    return text;
  }
};

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
              AllOf(HasSubstr("The operator has finished"), HasSubstr(by),
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
                    Not(HasSubstr("The operator has finished")),
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

// ---- Layers that the operator cannot merge ----

class ClashTest : public DeletionTest {
 protected:
  static constexpr char kFinalizer[] = "finalizer.app.wandb.com";

  // The operator has installed W&B, and the System Console has clashed with
  // `a` since.
  ClashTest() {
    PutSecret("wandb-spec-active", {{"a", 1}});
    PutRelease();
    PutUserInput({{"a", "canary"}});
  }
  void Hold() const {
    Json live = client_->Stored(Ref());
    live["metadata"]["finalizers"] = {kFinalizer};
    client_->Put(Ref(), live, "manager");
  }
  static InstanceModel ModelOf(const tf::RawApply& call) {
    return tf::Codec<InstanceModel>::Decode(call.state);
  }
  Operation OperationOf(base::Context ctx, tf::Diagnostics& diags) const {
    return {.ctx = std::move(ctx),
            .client = *client_,
            .session = *session_,
            .scrubber = scrubber_,
            .diags = diags};
  }
  static auto NamesTheClash() {
    return AllOf(HasSubstr("cannot merge the specification of default/wandb"),
                 HasSubstr("a is a number in the custom resource and a string "
                           "in the user input of the System Console"),
                 Not(HasSubstr("canary")));
  }
  tf::RawApply DestroyWithinASecond(const tf::RawApply& made) const {
    InstanceModel model = ModelOf(made);
    model.timeouts = Timeouts{.del = std::string("1s")};
    return Change(tf::Codec<InstanceModel>::Encode(model), Nothing());
  }
  tf::RawApply MadeOverTheClash() const {
    const tf::RawApply call =
        Change(Nothing(), Config({{"wait", Flag(false)}}));
    Hold();
    return call;
  }

  const wandb::Scrubber scrubber_;
};

TEST_F(ClashTest, ThePlanOfADestroyNamesTheClash) {
  const tf::RawApply made = MadeOverTheClash();
  const auto plan = [&] {
    return Text(Plan(made.state, Nothing(), made.private_data).diags);
  };
  EXPECT_THAT(plan(), AllOf(HasSubstr("will be held up"), NamesTheClash(),
                            HasSubstr("before the instance is destroyed")));
  // Nothing holds it, or what holds it goes: nothing was installed.
  Json live = client_->Stored(Ref());
  live["metadata"].erase("finalizers");
  client_->Put(Ref(), live, "manager");
  EXPECT_THAT(plan(), Not(HasSubstr("held up")));
  Hold();
  client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
  client_->Remove(Release());
  EXPECT_THAT(plan(), Not(HasSubstr("held up")));
}

TEST_F(ClashTest, ThePlanOfADestroyNamesUserInputThatCannotBeRead) {
  const tf::RawApply made = MadeOverTheClash();
  client_->Put(kube::SecretRef("default", "wandb-spec-user"),
               {{"kind", "Secret"},
                {"data", {{"chart", "bnVsbA=="}, {"values", "Y2FuYXJ5"}}}});
  EXPECT_THAT(Text(Plan(made.state, Nothing(), made.private_data).diags),
              AllOf(HasSubstr("cannot read the user input of default/wandb"),
                    HasSubstr("wandb-spec-user"), Not(HasSubstr("canary"))));
}

TEST_F(ClashTest, TheDestroyEndsAtTheFirstSign) {
  const tf::RawApply made = MadeOverTheClash();
  Kill(kFinalizer);
  tf::Diagnostics diags;
  const absl::Time start = absl::Now();
  const Desired state(ModelOf(made));
  const Operation op =
      OperationOf(base::Context().WithTimeout(absl::Seconds(20)), diags);
  const absl::Status status =
      AwaitUninstalled(op, state, absl::Milliseconds(20));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_TRUE(IsUninstallFault(status)) << status;
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(NamesTheClash(),
            HasSubstr("kubectl edit weightsandbiases.apps.wandb.com wandb "
                      "--namespace=default"),
            HasSubstr("kubectl delete secrets wandb-spec-user "
                      "--namespace=default")));
  EXPECT_EQ(ExplainHeld(op, state, status).find("check that the operator runs"),
            std::string::npos);
}

TEST_F(ClashTest, AClashThatIsMendedMeanwhileEndsNothing) {
  const tf::RawApply made = MadeOverTheClash();
  Kill(kFinalizer);
  PutUserInput(Json::object());
  tf::Diagnostics diags;
  const absl::Status status = AwaitUninstalled(
      OperationOf(base::Context().WithTimeout(absl::Milliseconds(200)), diags),
      Desired(ModelOf(made)), absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(ClashTest, ADestroyThatRunsOutOfTimeNamesTheClash) {
  const tf::RawApply call = DestroyWithinASecond(MadeOverTheClash());
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(NamesTheClash(), HasSubstr("kubectl edit"),
                    Not(HasSubstr("check that the operator runs"))));
}

// ---- A release that Helm has no record of any more ----

class ForgottenTest : public ClashTest {
 protected:
  ForgottenTest() {
    PutUserInput(Json::object());
    client_->Remove(Release());
  }
  // What the operator says of it, each minute.
  void PutLog() const {
    const char* const pod = "wandb-controller-manager-x-y";
    client_->Put(kube::ObjectIn(kube::PodsIn("wandb"), pod),
                 {{"kind", "Pod"},
                  {"metadata",
                   {{"labels", {{"control-plane", "controller-manager"}}}}}});
    client_->SetLogs("wandb", pod,
                     R"({"level":"error","msg":"Failed to cleanup )"
                     R"(deployment.","error":"uninstall: Release not )"
                     R"(loaded: wandb: release: not found"})");
  }
  static auto NamesTheCause() {
    return AllOf(
        HasSubstr("The Helm release of default/wandb is gone"),
        HasSubstr("no Secret sh.helm.release.v1.wandb.* is left in namespace "
                  "\"default\""),
        HasSubstr("kubectl patch weightsandbiases.apps.wandb.com wandb "
                  "--namespace=default --type=merge --patch='{\"metadata\":"
                  "{\"finalizers\":[]}}'"),
        HasSubstr("--selector=app.kubernetes.io/instance=wandb"));
  }
  absl::Status Wait(const tf::RawApply& made, absl::Duration time) {
    tf::Diagnostics diags;
    return AwaitUninstalled(
        OperationOf(base::Context().WithTimeout(time), diags),
        Desired(ModelOf(made)), absl::Milliseconds(20));
  }
};

TEST_F(ForgottenTest, ThePlanOfADestroyNamesIt) {
  const tf::RawApply made = MadeOverTheClash();
  const auto plan = [&] {
    return Text(Plan(made.state, Nothing(), made.private_data).diags);
  };
  EXPECT_THAT(plan(), AllOf(HasSubstr("will be held up"), NamesTheCause()));
  PutRelease();
  EXPECT_THAT(plan(), Not(HasSubstr("held up")));
}

TEST_F(ForgottenTest, TheDestroyEndsOnceTheOperatorHasFoundNothing) {
  const tf::RawApply made = MadeOverTheClash();
  Kill(kFinalizer);
  // It may yet install it anew, with a release.
  EXPECT_TRUE(absl::IsDeadlineExceeded(Wait(made, absl::Milliseconds(200))));
  PutLog();
  const absl::Status status = Wait(made, absl::Seconds(20));
  EXPECT_TRUE(IsUninstallFault(status)) << status;
  EXPECT_THAT(std::string(status.message()), NamesTheCause());
}

TEST_F(ForgottenTest, ADestroyThatRunsOutOfTimeNamesIt) {
  const tf::RawApply call = DestroyWithinASecond(MadeOverTheClash());
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(NamesTheCause(), Not(HasSubstr("check that the operator "
                                                   "runs"))));
}

}  // namespace
}  // namespace resources
