// wandb_instance on a cluster that was migrated to operator v2.
#include "resources/instance/operator_v2.h"

#include <thread>

#include "absl/time/clock.h"
#include "resources/instance/finalizer.h"
#include "tests/support/fake_replies.h"
#include "tests/support/instance_fixture.h"
#include "tests/support/operator_v2.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class InstanceOnV2Test : public InstanceTest {
 protected:
  InstanceOnV2Test() { Define(support::DefinitionOfV1()); }

  void Define(const Json& crd) { client_->Put(support::DefinitionRef(), crd); }
  void Migrate() {
    Define(support::DefinitionOfV2());
    before_ = client_->Stored(Ref());
    client_->ClearCalls();
  }
  // An instance of v1 times, with `more` in its configuration.
  Applied Made(Fields more = {}) {
    more["wait"] = Flag(false);
    more["airgapped"] = Flag(true);
    more["host"] = Str("https://w.test");
    more.emplace("values", Map({{"a", Int(1)}}));
    Applied out;
    out.config = Make(std::move(more));
    const tf::RawApply call =
        InstanceTest::Apply(Nothing(), out.config, Plan(Nothing(), out.config));
    EXPECT_FALSE(call.diags.HasError());
    out.state = call.state;
    out.private_data = call.private_data;
    return out;
  }
  // Made(), migrated and refreshed.
  Applied Migrated(Fields more = {}) {
    Applied out = Made(std::move(more));
    Migrate();
    NewProcess();
    const tf::RawRead read = Read(out.state, out.private_data);
    EXPECT_FALSE(read.diags.HasError());
    out.state = read.state;
    out.private_data = read.private_data;
    client_->ClearCalls();
    return out;
  }

  void ExpectUntouched() {
    EXPECT_EQ(client_->Stored(Ref()), before_);
    for (const auto& call : client_->calls()) {
      EXPECT_THAT(call.verb, AnyOf("GET", "LIST", "WATCH"));
    }
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
                AllOf(HasSubstr("operator v2"), HasSubstr("rebuild"),
                      HasSubstr("from = wandb_instance.NAME"),
                      HasSubstr("destroy = false"), HasSubstr("state rm")));
  }

  Json before_;
};

// ---- Read ----

TEST_F(InstanceOnV2Test, RefreshKeepsTheStateWarnsOnceAndClaimsNothing) {
  const Applied made = Made();
  ASSERT_FALSE(made.state.At("effective_values").IsNull());
  Migrate();
  // What v1 shows there is the conversion's business.
  Json converted = client_->Stored(Ref());
  converted["spec"]["values"] = {{"a", 2}};
  client_->Put(Ref(), converted, "conversion");
  NewProcess();
  const tf::RawRead read = Read(made.state, made.private_data);
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(read.diags.items()[0].summary, HasSubstr("default/wandb"));
  EXPECT_EQ(read.state.At("ready"), Flag(false));
  for (const char* claim : {"effective_values", "effective_origin",
                            "effective_chart", "release_metadata", "url"}) {
    EXPECT_TRUE(read.state.At(claim).IsNull()) << claim;
  }
  for (const char* kept :
       {"id", "uid", "values", "configured_values", "host"}) {
    EXPECT_EQ(read.state.At(kept), made.state.At(kept)) << kept;
  }
}

TEST_F(InstanceOnV2Test, RefreshOfV1AsksOnceForAllInstances) {
  const Applied made = Made();
  NewProcess();
  Read(made.state, made.private_data);
  const size_t first = client_->calls().size();
  client_->ClearCalls();
  Read(made.state, made.private_data);
  EXPECT_EQ(client_->calls().size() + 1, first);
}

TEST_F(InstanceOnV2Test, RefreshKeepsTheStateWhenV1IsNoLongerServed) {
  const Applied made = Migrated();
  client_->FailAlways(Ref(),
                      support::Reply("GET", Ref(), 404, "404 page not found"));
  const tf::RawRead read = Read(made.state, made.private_data);
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_EQ(read.state, made.state);
}

TEST_F(InstanceOnV2Test, ImportReadsTheObjectAndTheNextPlanIsEmpty) {
  Made();
  Migrate();
  NewProcess();
  tf::RawImport import{.id = "default/wandb"};
  resource_->Import({}, import);
  const tf::RawRead read = Read(import.state, import.private_data);
  ASSERT_FALSE(read.diags.HasError());
  EXPECT_TRUE(read.state.IsWhollyKnown());
  EXPECT_EQ(read.state.At("configured_values").At("a"), Str("1"));
  EXPECT_EQ(read.state.At("ready"), Flag(false));
  Fields same;
  same["values"] = read.state.At("values");
  same["host"] = read.state.At("host");
  same["checks"] = read.state.At("checks");
  same["check_levels"] = read.state.At("check_levels");
  const tf::RawPlan plan =
      Plan(read.state, Make(std::move(same)), read.private_data);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  EXPECT_EQ(plan.planned, read.state);
}

// ---- Plan ----

TEST_F(InstanceOnV2Test, PlanWithoutChangesIsEmptyAlthoughNotReady) {
  const Applied made = Migrated();
  for (const bool wait : {false, true}) {
    Fields state = made.state.fields();
    Fields config = made.config.fields();
    state["wait"] = config["wait"] = Flag(wait);
    const cty::Value prior = Make(std::move(state));
    const tf::RawPlan plan =
        Plan(prior, Make(std::move(config)), made.private_data);
    EXPECT_THAT(plan.diags.items(), IsEmpty());
    EXPECT_EQ(plan.planned, prior);
  }
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(InstanceOnV2Test, PlanOfAnUpdateIsRefusedFromTheRecordAlone) {
  const Applied made = Migrated();
  NewProcess();
  client_->SetUnreachable(true);
  const std::vector<std::pair<std::string, cty::Value>> changes = {
      {"host", Str("https://o.test")},
      {"values", Map({{"a", Int(2)}})},
      {"wait", Flag(true)},
      {"name", Str("other")}};
  for (const auto& [changed, value] : changes) {
    Fields fields = made.config.fields();
    fields[changed] = value;
    ExpectRefusal(
        Plan(made.state, Make(std::move(fields)), made.private_data).diags);
  }
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(InstanceOnV2Test, ANewReleaseAloneIsNoChange) {
  const auto release = [](const char* version) {
    return Map({{"chart", Map({{"url", Str("https://charts.test")},
                               {"name", Str("operator-wandb")},
                               {"version", Str(version)}})},
                {"values", Map({{"x", Int(1)}})}});
  };
  const Applied made = Migrated({{"release", release("1")}});
  Fields fields = made.config.fields();
  fields["release"] = release("2");
  const tf::RawPlan plan =
      Plan(made.state, Make(std::move(fields)), made.private_data);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  EXPECT_EQ(plan.planned, made.state);
}

TEST_F(InstanceOnV2Test, PlanOfADestroyIsRefusedFromTheRecordAlone) {
  const Applied made = Migrated();
  NewProcess();
  client_->SetUnreachable(true);
  ExpectRefusal(Plan(made.state, Nothing(), made.private_data).diags);
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(InstanceOnV2Test, PlanOfACreateAsksAndIsRefused) {
  Migrate();
  ExpectCreateRefusal(PlanCreate({}).diags);
  ExpectCreateRefusal(PlanCreate({{"name", UnknownStr()}}).diags);
  EXPECT_THAT(client_->calls(), SizeIs(1));
}

TEST_F(InstanceOnV2Test, PlanOfACreateNeedsNoCluster) {
  client_->SetUnreachable(true);
  EXPECT_THAT(PlanCreate({}).diags.items(), IsEmpty());
  NewProcess();
  session_->config_unknown = true;
  client_->SetUnreachable(false);
  Migrate();
  EXPECT_THAT(PlanCreate({}).diags.items(), IsEmpty());
  EXPECT_THAT(client_->calls(), IsEmpty());
}

// ---- Apply ----

TEST_F(InstanceOnV2Test, CreateWritesNothingNotEvenTheNamespace) {
  const cty::Value config = Make({{"create_namespace", Flag(true)},
                                  {"namespace", Str("fresh")},
                                  {"wait", Flag(false)}});
  const tf::RawPlan plan = Plan(Nothing(), config);
  ASSERT_FALSE(plan.diags.HasError());
  Migrate();
  const tf::RawApply call = InstanceTest::Apply(Nothing(), config, plan);
  ExpectCreateRefusal(call.diags);
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_TRUE(client_->Stored(kube::NamespaceRef("fresh")).is_null());
  ExpectUntouched();
}

TEST_F(InstanceOnV2Test, UpdateThatWasPlannedBeforeTheMigrationWritesNothing) {
  // The first write of the one is a patch that empties a map, of the other an
  // apply.
  for (const bool patches : {true, false}) {
    NewProcess();
    const Applied made = Made({{"values", Map({{"m", Map({{"x", Int(1)}})}})}});
    Fields fields = made.config.fields();
    fields["values"] = Map({{"m", patches ? Map({}) : Map({{"x", Int(2)}})}});
    const cty::Value config = Make(std::move(fields));
    const tf::RawPlan plan = Plan(made.state, config, made.private_data);
    ASSERT_FALSE(plan.diags.HasError());
    Migrate();
    const tf::RawApply call = InstanceTest::Apply(made.state, config, plan);
    ExpectRefusal(call.diags);
    EXPECT_EQ(call.state, made.state);
    EXPECT_EQ(client_->Stored(Ref()), before_);
    Define(support::DefinitionOfV1());
    client_->Remove(Ref());
  }
}

TEST_F(InstanceOnV2Test, MigrationWhileAnUpdateRunsEndsItBeforeTheNextWrite) {
  Applied made = Made();
  made.private_data["manager"] = "former";
  Json live = client_->Stored(Ref());
  ASSERT_TRUE(client_
                  ->Apply({}, Ref(), {{"spec", {{"values", {{"old", 1}}}}}},
                          {.field_manager = "former"})
                  .ok());
  Fields fields = made.config.fields();
  fields["values"] = Map({{"a", Int(2)}});
  const cty::Value config = Make(std::move(fields));
  const tf::RawPlan plan = Plan(made.state, config, made.private_data);
  ASSERT_FALSE(plan.diags.HasError());
  // Between our apply and the patch that takes the former manager's fields.
  client_->OnWrite([&](const kube::ObjectRef& ref, const Json&) {
    if (ref != Ref()) return;
    Define(support::DefinitionOfV2());
    // The server's answer takes longer than a look is good for.
    absl::SleepFor(absl::Milliseconds(600));
  });
  const tf::RawApply call = InstanceTest::Apply(made.state, config, plan);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("operator v2"));
  live = client_->Stored(Ref());
  EXPECT_EQ(live["spec"]["values"]["a"], 2);
  EXPECT_EQ(live["spec"]["values"]["old"], 1);
}

TEST_F(InstanceOnV2Test, WaitForADefinitionEndsAtOneOfV2) {
  client_->Remove(support::DefinitionRef());
  const auto definitions = kube::CollectionOf(support::DefinitionRef());
  client_->ServeOnly({definitions});
  const cty::Value config = Make({{"wait", Flag(false)}});
  const tf::RawPlan plan = Plan(Nothing(), config);
  std::thread installer([&] {
    // Once the write has failed and the wait has begun.
    client_->AwaitCall("WATCH");
    client_->ServeOnly({definitions, kube::CollectionOf(Ref())});
    Define(support::DefinitionOfV2());
  });
  const tf::RawApply call = InstanceTest::Apply(Nothing(), config, plan);
  installer.join();
  ExpectCreateRefusal(call.diags);
  EXPECT_TRUE(client_->Stored(Ref()).is_null());
}

TEST_F(InstanceOnV2Test,
       DestroyThatWasPlannedBeforeTheMigrationDeletesNothing) {
  const Applied made = Made();
  const tf::RawPlan plan = Plan(made.state, Nothing(), made.private_data);
  ASSERT_FALSE(plan.diags.HasError());
  Migrate();
  const tf::RawApply call = InstanceTest::Apply(made.state, Nothing(), plan);
  ExpectRefusal(call.diags);
  EXPECT_EQ(call.state, made.state);
  ExpectUntouched();
}

TEST_F(InstanceOnV2Test, FinalizerIsLeftWhenTheClusterMigratesWhileDestroying) {
  const Applied made = Made();
  Json dying = client_->Stored(Ref());
  dying["metadata"]["finalizers"] = {wandb::kFinalizer};
  dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  client_->Put(Ref(), dying, "operator");
  Migrate();
  const auto model = tf::Codec<InstanceModel>::Decode(made.state);
  tf::Diagnostics diags;
  const auto client =
      GuardedClientOrReport(*session_, GuardedInstance(model), diags);
  const wandb::Scrubber scrubber;
  // So the destroy need not wait for it any longer.
  EXPECT_TRUE(IsRefused(ReleaseIfNeverInstalled({.ctx = {},
                                                 .client = *client,
                                                 .session = *session_,
                                                 .scrubber = scrubber,
                                                 .diags = diags},
                                                Desired(model))));
  EXPECT_THAT(diags.items(), IsEmpty());
  ExpectUntouched();
}

TEST_F(InstanceOnV2Test, WithoutTheRightToLookTheRecordStillRefusesPlans) {
  const Applied made = Migrated();
  NewProcess();
  client_->FailAlways(support::DefinitionRef(),
                      absl::PermissionDeniedError("no"));
  const tf::RawRead read = Read(made.state, made.private_data);
  EXPECT_EQ(read.state, made.state);
  ExpectRefusal(Plan(read.state, Nothing(), read.private_data).diags);
}

TEST_F(InstanceOnV2Test, ARecordOfV2EndsWithTheMigrationTakenBack) {
  const Applied made = Migrated();
  Define(support::DefinitionOfV1());
  NewProcess();
  const tf::RawRead read = Read(made.state, made.private_data);
  EXPECT_FALSE(read.state.At("effective_values").IsNull());
  EXPECT_FALSE(Plan(read.state, Nothing(), read.private_data).diags.HasError());
}

}  // namespace
}  // namespace resources
