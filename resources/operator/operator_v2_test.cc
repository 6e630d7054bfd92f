// wandb_operator on a cluster that was migrated to operator v2.
#include "resources/operator/operator_v2.h"

#include "absl/time/clock.h"
#include "tests/support/operator_fixture.h"
#include "tests/support/operator_v2.h"
#include "wandb/operator/settings.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class OperatorOnV2Test : public OperatorTest {
 protected:
  struct State {
    cty::Value state;
    Json private_data;
  };

  // An operator of v1 times.
  State Made() {
    const tf::RawApply call = Change(Nothing(), Make({}));
    EXPECT_FALSE(call.diags.HasError());
    return {call.state, call.private_data};
  }
  // The definition becomes v2's, an instance lives in it, and the controller of
  // v1 is stopped.
  void Migrate() {
    client_->OnWrite(nullptr);
    Json crd = client_->Stored(support::DefinitionRef());
    const Json v2 = support::DefinitionOfV2();
    crd["spec"] = v2["spec"];
    crd["status"] = v2["status"];
    client_->Put(support::DefinitionRef(), crd, "wandb-crd-installer");
    client_->Put(Instance(), {{"kind", "WeightsAndBiases"}});
    Json stopped = client_->Stored(Deployment());
    stopped["spec"]["replicas"] = 0;
    stopped["status"] = {
        {"observedGeneration", stopped["metadata"]["generation"]}};
    client_->Put(Deployment(), stopped, "kubectl");
    NewProcess();
  }
  State Refreshed(const State& state) const {
    const tf::RawRead read = Read(state.state, state.private_data);
    EXPECT_FALSE(read.diags.HasError());
    return {read.state, read.private_data};
  }

  static kube::ObjectRef Instance() {
    return {"apps.wandb.com", "v1", "weightsandbiases", "default", "w"};
  }
  static void ExpectCreateRefusal(const tf::Diagnostics& diags) {
    ASSERT_THAT(diags.items(), SizeIs(1));
    EXPECT_TRUE(diags.HasError());
    EXPECT_THAT(diags.items()[0].detail,
                AllOf(HasSubstr("operator v2"), HasSubstr("Take its block out"),
                      Not(HasSubstr("removed {")), Not(HasSubstr("state rm"))));
  }
  static void ExpectRefusal(const tf::Diagnostics& diags) {
    ASSERT_THAT(diags.items(), SizeIs(1));
    EXPECT_TRUE(diags.HasError());
    EXPECT_THAT(diags.items()[0].detail,
                AllOf(HasSubstr("operator v2"), HasSubstr("controller of v1"),
                      HasSubstr("from = wandb_operator.NAME"),
                      HasSubstr("destroy = false")));
  }
  void ExpectNoWrites() const {
    for (const auto& call : client_->calls()) {
      EXPECT_TRUE(call.verb == "GET" || call.verb == "LIST" ||
                  call.verb == "WATCH")
          << call.verb;
    }
  }
};

TEST_F(OperatorOnV2Test, AStoppedControllerIsNoDriftAndTheRefreshWarnsOnce) {
  const State made = Made();
  Migrate();
  const tf::RawRead read = Read(made.state, made.private_data);
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_EQ(read.state.At("objects"), made.state.At("objects"));
  EXPECT_EQ(read.state.At("ready"), Flag(false));
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  EXPECT_EQ(plan.planned, read.state);
}

TEST_F(OperatorOnV2Test, OnV1AStoppedControllerIsDrift) {
  const State made = Made();
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  EXPECT_FALSE(Read(made.state, made.private_data).state.At("objects") ==
               made.state.At("objects"));
}

TEST_F(OperatorOnV2Test, WhatChangedOutsideIsNotPlannedToBePutRight) {
  const State made = Made();
  Migrate();
  client_->Remove(Deployment());
  const State read = Refreshed(made);
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  EXPECT_EQ(plan.planned, read.state);
}

TEST_F(OperatorOnV2Test, PlanOfAnUpdateIsRefusedFromTheRecordAlone) {
  const State made = Made();
  Migrate();
  const State read = Refreshed(made);
  NewProcess();
  client_->SetUnreachable(true);
  ExpectRefusal(Plan(read.state,
                     Make({{"image", Image({{"tag", Str("9.9.9")}})}}),
                     read.private_data)
                    .diags);
  ExpectRefusal(
      Plan(read.state, Make({{"name", Str("other")}}), read.private_data)
          .diags);
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(OperatorOnV2Test, PlanOfACreateAsksAndIsRefused) {
  client_->Put(support::DefinitionRef(), support::DefinitionOfV2());
  client_->ClearCalls();
  ExpectCreateRefusal(Plan(Nothing(), Make({})).diags);
  ExpectCreateRefusal(
      Plan(Nothing(), Make({{"name", cty::Value::Unknown(kString)}})).diags);
  EXPECT_THAT(client_->calls(), SizeIs(1));
}

TEST_F(OperatorOnV2Test, CreateThatWasPlannedBeforeTheMigrationWritesNothing) {
  const cty::Value config = Make({{"wait", Flag(false)}});
  const tf::RawPlan plan = Plan(Nothing(), config);
  ASSERT_FALSE(plan.diags.HasError());
  client_->OnWrite(nullptr);
  client_->Put(support::DefinitionRef(), support::DefinitionOfV2());
  client_->ClearCalls();
  tf::RawApply call{.config = config,
                    .prior = Nothing(),
                    .planned = plan.planned,
                    .private_data = plan.private_data};
  resource_->Apply({}, call);
  ExpectCreateRefusal(call.diags);
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_TRUE(client_->Stored(kube::NamespaceRef("wandb")).is_null());
  ExpectNoWrites();
}

TEST_F(OperatorOnV2Test, MigrationWhileACreateRunsEndsItBeforeTheNextWrite) {
  // It is not written beside the namespace then.
  client_->Put(support::DefinitionRef(), support::DefinitionOfV1());
  client_->OnWrite([this](const kube::ObjectRef& ref, const Json&) {
    if (ref.resource == "namespaces") {
      client_->OnWrite(nullptr);
      client_->Put(support::DefinitionRef(), support::DefinitionOfV2());
      // The server's answer takes longer than a look is good for.
      absl::SleepFor(absl::Milliseconds(600));
    }
  });
  const tf::RawApply call = Change(Nothing(), Make({{"wait", Flag(false)}}));
  ExpectCreateRefusal(call.diags);
  EXPECT_TRUE(client_->Stored(Deployment()).is_null());
}

TEST_F(OperatorOnV2Test, UpdateThatWasPlannedBeforeTheMigrationWritesNothing) {
  const State made = Made();
  const cty::Value config =
      Make({{"image", Image({{"tag", Str("9.9.9")}})}, {"wait", Flag(false)}});
  const tf::RawPlan plan = Plan(made.state, config, made.private_data);
  ASSERT_FALSE(plan.diags.HasError());
  Migrate();
  tf::RawApply call{.config = config,
                    .prior = made.state,
                    .planned = plan.planned,
                    .private_data = plan.private_data};
  resource_->Apply({}, call);
  ExpectRefusal(call.diags);
  EXPECT_EQ(call.state, made.state);
  ExpectNoWrites();
}

TEST_F(OperatorOnV2Test,
       DestroyWorksWithInstancesAndKeepsThemAndTheDefinition) {
  const State made = Made();
  Migrate();
  const State read = Refreshed(made);
  const Json definition = client_->Stored(support::DefinitionRef());
  const tf::RawApply call = Change(read.state, Nothing(), read.private_data);
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_TRUE(client_->Stored(Deployment()).is_null());
  EXPECT_EQ(client_->Stored(support::DefinitionRef()), definition);
  EXPECT_FALSE(client_->Stored(Instance()).is_null());
  // What else v2 has there is not known.
  EXPECT_FALSE(client_->Stored(kube::NamespaceRef("wandb")).is_null());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_THAT(call.diags.items()[0].summary, HasSubstr("was kept"));
}

TEST_F(OperatorOnV2Test, DestroyLooksAgainWhoseInstancesTheyAre) {
  const State made = Made();
  Migrate();
  const State read = Refreshed(made);
  // The migration is taken back: the instances need the controller again.
  client_->Put(support::DefinitionRef(), support::DefinitionOfV1());
  const tf::RawApply call = Change(read.state, Nothing(), read.private_data);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].summary,
              HasSubstr("instances still exist"));
  EXPECT_FALSE(client_->Stored(Deployment()).is_null());
}

TEST_F(OperatorOnV2Test, RefreshReadsTheDefinitionOnceMoreForAllOperators) {
  const State made = Made();
  NewProcess();
  Read(made.state, made.private_data);
  const size_t first = client_->calls().size();
  client_->ClearCalls();
  Read(made.state, made.private_data);
  EXPECT_EQ(client_->calls().size() + 1, first);
}

TEST(WithoutStopTest, OnlyAStoppedDeploymentIsShownAsItWas) {
  const Json manifest = {{"kind", "Deployment"}, {"spec", {{"replicas", 3}}}};
  const auto with = [](const char* kind, const Json& replicas) {
    return Json{{"kind", kind}, {"spec", {{"replicas", replicas}}}};
  };
  EXPECT_EQ(WithoutStop(with("Deployment", 0), manifest), manifest);
  for (const Json& live : {with("Deployment", 2), with("StatefulSet", 0),
                           Json{{"kind", "Deployment"}}}) {
    EXPECT_EQ(WithoutStop(live, manifest), live);
  }
}

}  // namespace
}  // namespace resources
