// An instance that is being deleted, and that the operator never uninstalls.
#include "kube/deletion.h"
#include "resources/instance/finalizer.h"
#include "tests/support/deletion_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

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
  tf::RawApply DestroyWithinASecond(const cty::Value& state) const {
    InstanceModel model = tf::Codec<InstanceModel>::Decode(state);
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
  const tf::RawApply call = DestroyWithinASecond(MadeOverTheClash().state);
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
        HasSubstr("--selector=app.kubernetes.io/managed-by=Helm"));
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
  const tf::RawApply call = DestroyWithinASecond(MadeOverTheClash().state);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(Text(call.diags),
              AllOf(NamesTheCause(), Not(HasSubstr("check that the operator "
                                                   "runs"))));
}

// ---- Where the finalizer is to be removed ----

class StuckFinalizerTest : public ClashTest {
 protected:
  // What a destroy of `made` ends with that has a second.
  tf::RawApply Destroy(const tf::RawApply& made,
                       StuckFinalizer choice = StuckFinalizer::kRemove) const {
    InstanceModel model = ModelOf(made);
    model.on_stuck_finalizer = choice;
    return DestroyWithinASecond(tf::Codec<InstanceModel>::Encode(model));
  }
};

TEST_F(StuckFinalizerTest, ItGoesWhenTheTimeIsUp) {
  const tf::RawApply call = Destroy(MadeOverTheClash());
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
  EXPECT_TRUE(call.state.IsNull());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(
      Text(call.diags),
      AllOf(HasSubstr("finalizer was taken from weightsandbiases"),
            HasSubstr("on_stuck_finalizer = \"remove\""), NamesTheClash(),
            HasSubstr("--selector=app.kubernetes.io/managed-by=Helm"),
            HasSubstr("--selector=owner=helm,name=wandb")));
}

TEST_F(StuckFinalizerTest, ItStaysUnlessThatIsAskedFor) {
  const tf::RawApply call = Destroy(MadeOverTheClash(), StuckFinalizer::kError);
  EXPECT_TRUE(call.diags.HasError());
  EXPECT_FALSE(client_->Stored(Ref()).is_null());
}

TEST_F(StuckFinalizerTest, OthersFinalizersStayAndAreNamed) {
  const tf::RawApply made = MadeOverTheClash();
  Json live = client_->Stored(Ref());
  live["metadata"]["finalizers"] = {kFinalizer, kHold};
  client_->Put(Ref(), live, "somebody");
  tf::Diagnostics diags;
  InstanceModel model = ModelOf(made);
  model.on_stuck_finalizer = StuckFinalizer::kRemove;
  ASSERT_TRUE(client_->Delete({}, Ref(), {}).ok());
  const absl::Time start = absl::Now();
  const absl::Status status =
      RemoveIfStuck(OperationOf({}, diags), Desired(model),
                    kube::NoteHeld(absl::DeadlineExceededError("late"), Ref(),
                                   client_->Stored(Ref())),
                    "why");
  // There was time for them: nothing is awaited once more.
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
  EXPECT_TRUE(kube::IsHeld(status));
  EXPECT_EQ(client_->Stored(Ref())["metadata"]["finalizers"], Json({kHold}));
  EXPECT_THAT(Text(diags), HasSubstr("why"));
}

// What an apply would wait for is that very destroy.
TEST_F(StuckFinalizerTest, ItIsAskedForOfADestroyThatIsStuck) {
  const tf::RawApply made = MadeOverTheClash();
  ASSERT_TRUE(client_->Delete({}, Ref(), {}).ok());
  const tf::RawRead read = Read(made.state, made.private_data);
  const auto plan_of = [&](const cty::Value& config) {
    return Plan(read.state, config, read.private_data);
  };
  const cty::Value config =
      Config({{"wait", Flag(false)}, {"on_stuck_finalizer", Str("remove")}});
  const tf::RawPlan plan = plan_of(config);
  EXPECT_FALSE(plan.diags.HasError()) << Text(plan.diags);
  const tf::RawApply call = Apply(read.state, config, plan);
  EXPECT_FALSE(call.diags.HasError()) << Text(call.diags);
  EXPECT_EQ(call.state.At("on_stuck_finalizer"), Str("remove"));
  EXPECT_EQ(call.state.At("uid"), made.state.At("uid"));
  // Anything else is made anew.
  EXPECT_FALSE(plan_of(Config({{"wait", Flag(false)},
                               {"on_stuck_finalizer", Str("remove")},
                               {"labels", cty::Value::Map(cty::Type::String(),
                                                          {{"a", Str("b")}})}}))
                   .planned.At("uid")
                   .IsKnown());
}

TEST_F(StuckFinalizerTest, ThePlanOfSuchADestroySaysHowItEnds) {
  const tf::RawApply made = MadeOverTheClash();
  const auto says = [&](StuckFinalizer choice) {
    InstanceModel model = ModelOf(made);
    model.on_stuck_finalizer = choice;
    return Text(Plan(tf::Codec<InstanceModel>::Encode(model), Nothing(),
                     made.private_data)
                    .diags);
  };
  EXPECT_THAT(says(StuckFinalizer::kError),
              HasSubstr("Unless that changes, it fails"));
  EXPECT_THAT(says(StuckFinalizer::kRemove),
              HasSubstr("takes the operator's finalizer away"));
}

TEST_F(StuckFinalizerTest, AnInterruptedDestroyRemovesNothing) {
  const tf::RawApply made = MadeOverTheClash();
  Kill(kFinalizer);
  InstanceModel model = ModelOf(made);
  model.on_stuck_finalizer = StuckFinalizer::kRemove;
  tf::Diagnostics diags;
  const absl::Status stopped = absl::CancelledError("stopped");
  EXPECT_EQ(RemoveIfStuck(OperationOf({}, diags), Desired(model), stopped, ""),
            stopped);
  EXPECT_FALSE(client_->Stored(Ref()).is_null());
}

}  // namespace
}  // namespace resources
