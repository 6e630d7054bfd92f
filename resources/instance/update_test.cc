// Updates of an instance that others own parts of, or that was made by others.
#include "resources/instance/write.h"
#include "tests/support/fake_replies.h"
#include "tests/support/update_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// ---- At plan ----

TEST_F(UpdateTest, PlanWarnsOfFieldsThatOthersApply) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("argocd", {{"a", 2}});
  const Json before = client_->Stored(Ref());
  const cty::Value config =
      Config({{"values", Map({{"a", Int(3)}, {"b", Int(3)}})}});
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  ASSERT_THAT(plan.diags.items(), SizeIs(1));
  EXPECT_EQ(plan.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(
      plan.diags.items()[0].detail,
      AllOf(HasSubstr("a is owned by \"argocd\" (Apply)"),
            HasSubstr("force_conflict_paths = [\"a\"]"),
            HasSubstr("force_conflicts = true"), Not(HasSubstr("b is owned"))));
  EXPECT_EQ(client_->Stored(Ref()), before);
  for (const auto& call : client_->calls()) {
    EXPECT_TRUE(call.verb == "GET" || call.verb == "LIST" || call.apply.dry_run)
        << call.verb;
  }
  // The values of the plan do not depend on the cluster.
  client_->SetUnreachable(true);
  const tf::RawPlan offline = Plan(state_, config, private_data_);
  EXPECT_EQ(offline.planned, plan.planned);
  EXPECT_THAT(offline.diags.items(), IsEmpty());
}

TEST_F(UpdateTest, PlanNamesOnlyTheConflictsThatAreGoingToBeRefused) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  const auto apply = [&](const char* manager, const Json& body) {
    Json whole = body;
    whole["kind"] = "WeightsAndBiases";
    ASSERT_TRUE(
        client_
            ->Apply({}, Ref(), whole, {.field_manager = manager, .force = true})
            .ok());
  };
  // A standard label is left to whoever has it.
  apply("argocd", {{"metadata",
                    {{"labels", {{"app.kubernetes.io/instance", "argo-app"}}}}},
                   {"spec", {{"values", {{"a", 2}}}}}});
  const tf::RawPlan plan =
      Plan(state_, Config({{"values", Map({{"a", Int(3)}})}}), private_data_);
  ASSERT_THAT(plan.diags.items(), SizeIs(1));
  EXPECT_THAT(plan.diags.items()[0].detail,
              AllOf(HasSubstr("a is owned by \"argocd\" (Apply)"),
                    Not(HasSubstr("app.kubernetes.io/instance")),
                    Not(HasSubstr("Apply failed"))));
}

TEST_F(UpdateTest, PlanAsksOnlyWhenItKnowsEverythingAndChangesTheObject) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  ApplyAs("argocd", {{"a", 2}});
  const std::vector<cty::Value> configs = {
      Config({{"values", Map({{"a", Int(1)}})}}),
      Config({{"values", Map({{"a", Int(1)}})}, {"wait_failure", Str("warn")}}),
      Config({{"values", Map({{"a", UnknownStr()}})}}),
      Config({{"values", Map({{"a", Int(3)}})}, {"host", UnknownStr()}}),
      Config({{"values", Map({{"a", Int(3)}})},
              {"force_conflict_paths", Paths({UnknownStr()})}}),
  };
  for (size_t i = 0; i < configs.size(); ++i) {
    const tf::RawPlan plan = Plan(state_, configs[i], private_data_);
    EXPECT_THAT(plan.diags.items(), IsEmpty()) << i;
    // What operator and namespace are like does not depend on who owns which
    // field.
    EXPECT_THAT(client_->CallLines(), Each(AnyOf(StartsWith("LIST Deployment"),
                                                 StartsWith("GET Namespace"))))
        << i;
    client_->ClearCalls();
  }
  // A replacement updates nothing: what is tried is the create of the new one.
  Plan(state_,
       Config({{"values", Map({{"a", Int(3)}})}, {"name", Str("other")}}),
       private_data_);
  EXPECT_THAT(client_->CallLines(),
              Each(AnyOf(StartsWith("GET"), StartsWith("LIST"),
                         HasSubstr("\"default/other\""))));
  client_->ClearCalls();
  session_->config_unknown = true;
  Plan(state_, Config({{"values", Map({{"a", Int(3)}})}}), private_data_);
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(UpdateTest, AChangeOfTheWaitAloneWritesNothingAndKeepsReady) {
  const cty::Value minute = Map({{"create", cty::Value::Null(kString)},
                                 {"update", Str("1m")},
                                 {"delete", cty::Value::Null(kString)}});
  const Fields values = {{"values", Map({{"a", Int(1)}})}};
  const Applied applied = Ready(values);
  client_->ClearCalls();
  for (const Fields& change :
       {Fields{{"wait", Flag(false)}}, Fields{{"wait_failure", Str("warn")}},
        Fields{{"timeouts", minute}}}) {
    SCOPED_TRACE(change.begin()->first);
    Fields fields = values;
    fields.insert(change.begin(), change.end());
    const cty::Value config = Make(fields);
    const tf::RawPlan plan = Plan(applied.state, config, applied.private_data);
    EXPECT_TRUE(plan.planned.IsWhollyKnown());
    EXPECT_EQ(plan.planned.At("ready"), Flag(true));
    const tf::RawApply call = InstanceTest::Apply(applied.state, config, plan);
    EXPECT_FALSE(call.diags.HasError());
    EXPECT_EQ(call.state, plan.planned);
    EXPECT_EQ(call.private_data, applied.private_data);
    // And back.
    EXPECT_EQ(
        Plan(call.state, Make(values), call.private_data).planned.At("ready"),
        Flag(true));
    EXPECT_THAT(client_->calls(), IsEmpty());
  }
  // What is not ready yet is waited for.
  Fields fields = applied.state.fields();
  fields["ready"] = Flag(false);
  fields["wait"] = Flag(false);
  EXPECT_TRUE(
      Plan(InstanceTest::Make(fields), Make(values), applied.private_data)
          .planned.At("ready")
          .IsUnknown());
}

// The same values under other attributes: settings in place of values.
TEST_F(UpdateTest, AnotherWayToSayTheSameWritesNothing) {
  const Applied applied = Ready(
      {{"values", Map({{"global", Map({{"host", Str("https://w.test")}})}})}});
  client_->ClearCalls();
  const cty::Value config = Make({{"host", Str("https://w.test")}});
  const tf::RawPlan plan = Plan(applied.state, config, applied.private_data);
  EXPECT_TRUE(plan.planned.IsWhollyKnown());
  const tf::RawApply call = InstanceTest::Apply(applied.state, config, plan);
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_EQ(call.state, plan.planned);
  EXPECT_THAT(client_->calls(), IsEmpty());
  // Another value is written.
  EXPECT_TRUE(Plan(applied.state, Make({{"host", Str("https://x.test")}}),
                   applied.private_data)
                  .planned.At("generation")
                  .IsUnknown());
}

// Core shows no warnings of the plan of a replacement's create.
TEST_F(UpdateTest, AReplacementIsToldWhatStandsInItsWay) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  client_->RequireNamespaces(true);
  const tf::RawPlan plan = Plan(
      state_,
      Config({{"values", Map({{"a", Int(1)}})}, {"namespace", Str("nope")}}),
      private_data_);
  EXPECT_THAT(plan.diags.items(),
              testing::Contains(testing::Field(
                  &tf::Diagnostic::summary,
                  HasSubstr("Namespace \"nope\" does not exist"))));
}

TEST_F(UpdateTest, PlanIsSilentAboutWhatApplyWillDo) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  ApplyAs("argocd", {{"a", 2}});
  const auto plan = [&](Fields more) {
    more["values"] = Map({{"a", Int(3)}});
    return Plan(state_, Config(std::move(more)), private_data_).diags.items();
  };
  EXPECT_THAT(plan({{"force_conflicts", Flag(true)}}), IsEmpty());
  EXPECT_THAT(plan({{"force_conflict_paths", Paths({Str("a")})}}), IsEmpty());
  EXPECT_THAT(plan({{"force_conflict_paths", Paths({Str("b")})}}), SizeIs(1));
  for (const absl::Status& status :
       {absl::PermissionDeniedError("no"), absl::UnavailableError("no"),
        absl::UnauthenticatedError("no"), absl::DeadlineExceededError("no")}) {
    client_->FailNext(status, "APPLY");
    EXPECT_THAT(plan({}), IsEmpty()) << status;
  }
}

TEST_F(UpdateTest, PlanTellsWhatTheServerWouldReject) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  client_->FailNext(absl::InvalidArgumentError("denied: hunter2-secret"),
                    "APPLY");
  const auto items = Plan(state_,
                          Config({{"values", Map({{"a", Int(2)}})},
                                  {"license", Str("hunter2-secret")}}),
                          private_data_)
                         .diags.items();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(items[0].detail,
              AllOf(HasSubstr("denied"), Not(HasSubstr("hunter2"))));
}

// ---- At apply ----

TEST_F(UpdateTest, RefusedUpdateKeepsObjectAndState) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("argocd", {{"a", 2}});
  const Json before = client_->Stored(Ref());
  const tf::RawApply call =
      Change(Config({{"values", Map({{"a", Int(3)}, {"b", Int(3)}})}}));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              HasSubstr("force_conflict_paths = [\"a\"]"));
  EXPECT_EQ(client_->Stored(Ref()), before);
  EXPECT_EQ(call.state, state_);
  EXPECT_EQ(call.private_data, private_data_);
}

TEST_F(UpdateTest, RefusedUpdateDoesNotEmptyAMapFirst) {
  Create(
      Config({{"values", Map({{"a", Int(1)}, {"m", Map({{"k", Int(1)}})}})}}));
  ApplyAs("argocd", {{"a", 2}});
  const Json before = client_->Stored(Ref());
  const cty::Value config =
      Config({{"values", Map({{"a", Int(3)}, {"m", Map({})}})}});
  EXPECT_THAT(Plan(state_, config, private_data_).diags.items(), SizeIs(1));
  const tf::RawApply call = Change(config);
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items().back().detail, HasSubstr("\"argocd\""));
  EXPECT_EQ(client_->Stored(Ref()), before);
}

TEST_F(UpdateTest, DeniedUpdateDoesNotEmptyAMapFirst) {
  const auto app = [this](const char* note, Fields env) {
    return Config(
        {{"values", Map({{"app", Map({{"note", Str(note)},
                                      {"env", Map(std::move(env))}})}})}});
  };
  // As a ValidatingAdmissionPolicy and as a webhook.
  for (const absl::Status& denial :
       {absl::InvalidArgumentError("policy 'p' denied request: bad note"),
        absl::PermissionDeniedError("webhook denied the request: bad note")}) {
    client_->Remove(Ref());
    NewProcess();
    Create(app("ok", {{"A", Str("1")}}));
    client_->Admit([&denial](const Json& object) {
      const Json* env = base::Find(object, "/spec/values/app/env");
      const bool bad =
          base::StringAt(object, "/spec/values/app/note") == "bad" &&
          (env == nullptr || env->empty());
      return bad ? denial : absl::OkStatus();
    });
    const Json before = client_->Stored(Ref());
    const tf::RawPlan plan = Plan(state_, app("bad", {}), private_data_);
    ASSERT_THAT(plan.diags.items(), SizeIs(1));
    EXPECT_EQ(plan.diags.items()[0].severity, tf::Severity::kWarning);
    EXPECT_THAT(plan.diags.items()[0].detail, HasSubstr("bad note"));
    const tf::RawApply call = Apply(state_, app("bad", {}), plan);
    ASSERT_TRUE(call.diags.HasError());
    EXPECT_THAT(call.diags.items().back().detail, HasSubstr("bad note"));
    EXPECT_EQ(client_->Stored(Ref()), before);
    EXPECT_FALSE(Change(app("good", {})).diags.HasError());
    client_->Admit(nullptr);
  }
}

// A server quotes what is stored, of which a part is another manager's.
TEST_F(UpdateTest, SecretsOfOthersAreNotQuoted) {
  const auto config = [&](const char* note) {
    return Config(
        {{"values", Map({{"app", Map({{"note", Str(note)},
                                      {"env", Map({{"A", Str("1")}})}})}})},
         {"sensitive_paths", cty::Value::List(kString, {Str("app.free")})}});
  };
  Create(config("ok"));
  ApplyAs("support",
          {{"app", {{"dbPassword", "their<one>"}, {"free", "their motto"}}}});
  const absl::Status quoting = support::Reply(
      "PATCH", Ref(), 422,
      support::StatusBody(
          "Invalid",
          R"(Invalid value: {"dbPassword":"their\u003cone\u003e",)"
          R"("free":"their motto"}: no)",
          Json::object()));
  const auto expect_hidden = [](const tf::Diagnostics& diags) {
    ASSERT_FALSE(diags.items().empty());
    EXPECT_THAT(diags.items().back().detail,
                AllOf(HasSubstr("Invalid value: "), HasSubstr("(sensitive)"),
                      Not(HasSubstr("their"))));
  };
  // New processes, which have read nothing.
  NewProcess();
  client_->FailNext(quoting, "APPLY");
  const tf::RawPlan plan = Plan(state_, config("new"), private_data_);
  EXPECT_FALSE(plan.diags.HasError());
  expect_hidden(plan.diags);
  NewProcess();
  client_->FailNext(quoting, "APPLY");
  const tf::RawApply failed = Apply(state_, config("new"), plan);
  EXPECT_TRUE(failed.diags.HasError());
  expect_hidden(failed.diags);
  NewProcess();
  client_->WarnNext("Invalid value: their<one> and their motto");
  expect_hidden(Apply(state_, config("new"), plan).diags);
}

TEST_F(UpdateTest, WebhookThatAllowsNoDryRunDoesNotStopAnUpdate) {
  Create(Config({{"values", Map({{"m", Map({{"k", Int(1)}})}})}}));
  const cty::Value config = Config({{"values", Map({{"m", Map({})}})}});
  const auto no_dry_run = [this] {
    const absl::Status status = absl::InvalidArgumentError(
        "admission webhook \"w\" does not support dry run");
    client_->FailNext(status, "APPLY");
    client_->FailNext(status, "PATCH");
  };
  no_dry_run();
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  EXPECT_THAT(plan.diags.items(), IsEmpty());
  no_dry_run();
  EXPECT_FALSE(Apply(state_, config, plan).diags.HasError());
  EXPECT_EQ(Values(), Json({{"m", Json::object()}}));
}

TEST_F(UpdateTest, ForcedPathIsTakenOver) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("argocd", {{"a", 2}});
  const tf::RawApply call =
      Change(Config({{"values", Map({{"a", Int(3)}, {"b", Int(3)}})},
                     {"force_conflict_paths", Paths({Str("a")})}}));
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_EQ(Values(), Json({{"a", 3}, {"b", 3}}));
}

TEST_F(UpdateTest, OrdinaryUpdateIsOneWrite) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  const tf::RawApply call = Change(Config({{"values", Map({{"a", Int(2)}})}}));
  ASSERT_FALSE(call.diags.HasError());
  int writes = 0;
  for (const auto& made : client_->calls()) {
    writes +=
        made.verb == "PATCH" || (made.verb == "APPLY" && !made.apply.dry_run);
  }
  EXPECT_EQ(writes, 1);
}

TEST_F(UpdateTest, ImportedValueThatIsDroppedGoesAway) {
  Import("terraform-provider-helm_v2.17.0_x5",
         {{"keep", 1}, {"drop", 1}, {"map", {{"drop", 1}, {"keep", 1}}}});
  const cty::Value config = Config(
      {{"values", Map({{"keep", Int(1)}, {"map", Map({{"keep", Int(1)}})}})}});
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  // The plan shows what is going to vanish.
  EXPECT_TRUE(state_.At("configured_values").fields().contains("map.drop"));
  EXPECT_FALSE(
      plan.planned.At("configured_values").fields().contains("map.drop"));
  const tf::RawApply call = Apply(state_, config, plan);
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(Values(), Json({{"keep", 1}, {"map", {{"keep", 1}}}}));
  // From now on, what Helm adds is Helm's.
  Keep(call);
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["new"] = 1;
  client_->Put(Ref(), live, "terraform-provider-helm_v2.17.0_x5");
  ASSERT_FALSE(
      Change(Config({{"values", Map({{"keep", Int(2)}})}})).diags.HasError());
  EXPECT_EQ(Values(), Json({{"keep", 2}, {"new", 1}}));
}

TEST_F(UpdateTest, RefusedFirstUpdateTakesNothingOver) {
  const Json values = {{"app", {{"note", "k"}}}, {"drop", 1}};
  client_->Put(
      Ref(),
      {{"kind", "WeightsAndBiases"},
       {"metadata", {{"annotations", {{kube::kLastApplied, "CANARY"}}}}},
       {"spec", {{"values", values}}}},
      "kubectl-client-side-apply");
  ApplyAs("argocd", {{"app", {{"note", "theirs"}}}});
  tf::RawImport import{.id = "default/wandb"};
  resource_->Import({}, import);
  const tf::RawRead read = Read(import.state, import.private_data);
  ASSERT_FALSE(read.diags.HasError());
  state_ = read.state;
  private_data_ = read.private_data;
  const auto note = [this](const char* text) {
    return Config({{"values", Map({{"app", Map({{"note", Str(text)}})}})}});
  };
  const auto expect_refused = [&](const char* why) {
    const Json before = client_->Stored(Ref());
    const cty::Value seen = Read(state_, private_data_).state;
    EXPECT_THAT(
        Plan(state_, note("mine"), private_data_).diags.items(),
        ElementsAre(::testing::Field(&tf::Diagnostic::detail, HasSubstr(why))));
    const tf::RawApply call = Change(note("mine"));
    ASSERT_TRUE(call.diags.HasError());
    EXPECT_THAT(call.diags.items().back().detail, HasSubstr(why));
    EXPECT_EQ(client_->Stored(Ref()), before);
    EXPECT_EQ(Read(state_, private_data_).state, seen);
  };
  expect_refused("argocd");
  ApplyAs("argocd", Json::object());
  client_->Put(Ref(), client_->Stored(Ref()));
  // What goes away is tried, too.
  client_->Admit([](const Json& object) {
    return base::Find(object, "/spec/values/drop") != nullptr
               ? absl::OkStatus()
               : absl::InvalidArgumentError("drop must stay");
  });
  expect_refused("drop must stay");
  client_->Admit(nullptr);
  const tf::RawApply call = Change(note("mine"));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(Values(), Json({{"app", {{"note", "mine"}}}}));
  EXPECT_FALSE(client_->Stored(Ref())["metadata"].contains("annotations"));
}

TEST_F(UpdateTest, ImportedMapIsEmptiedAndLateKeysStay) {
  Import("helm", {{"m", {{"a", 1}}}, {"n", {{"a", 1}}}});
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["n"]["late"] = 1;
  client_->Put(Ref(), live, "helm");
  const tf::RawApply call =
      Change(Config({{"values", Map({{"m", Map({})}, {"n", Map({})}})}}));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(Values(), Json({{"m", Json::object()}, {"n", {{"late", 1}}}}));
}

TEST_F(UpdateTest, ValueThatTheImportNeverSawStays) {
  Import("helm", {{"keep", 1}});
  Json live = client_->Stored(Ref());
  live["spec"]["values"]["late"] = 1;
  client_->Put(Ref(), live, "helm");
  ASSERT_FALSE(
      Change(Config({{"values", Map({{"keep", Int(2)}})}})).diags.HasError());
  EXPECT_EQ(Values(), Json({{"keep", 2}, {"late", 1}}));
}

TEST_F(UpdateTest, ValueOfTheFormerFieldManagerGoesAway) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  // As if all of this had been applied under another name.
  const Json values = Values();
  client_->Remove(Ref());
  ApplyAs("former", values);
  Fields fields = state_.fields();
  fields["uid"] = Str(kube::UidOf(client_->Stored(Ref())));
  state_ = Make(fields);
  private_data_["manager"] = "former";
  const tf::RawApply call = Change(Config({{"values", Map({{"a", Int(2)}})}}));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(Values(), Json({{"a", 2}}));
  EXPECT_EQ(call.private_data["manager"], support::FakeSession::kManager);
}

// Core logs what a refresh changes, old and new, and hides nothing below the
// root.
TEST_F(UpdateTest, ChangedPasswordOfTheChartIsShownBesideTheStoredOne) {
  const auto config = [&](const std::string& version) {
    return Config({{"chart", tf::Codec<ChartModel>::Encode(
                                 {.url = std::string("https://charts.test"),
                                  .name = std::string("operator-wandb"),
                                  .version = version,
                                  .username = std::string("u"),
                                  .password = std::string("CANARY")})}});
  };
  Create(config("0.43.8"));
  const Json wrote = client_->Stored(Ref())["spec"]["chart"];
  Json other = wrote;
  other["password"] = "CANARYother";
  other["version"] = "0.43.9";
  Json none = wrote;
  none.erase("password");
  for (const Json& chart : {other, none, Json()}) {
    Json live = client_->Stored(Ref());
    live["spec"]["chart"] = chart;
    client_->Put(Ref(), live, "kubectl-edit");
    const tf::RawRead read = Read(state_, private_data_);
    ASSERT_FALSE(read.diags.HasError());
    EXPECT_EQ(read.state.At("chart").At("password"), Str("CANARY"));
    EXPECT_EQ(read.state.At("chart").At("version") == Str("0.43.8"),
              chart == none);
    EXPECT_EQ(read.state.At("configured_values").At(".spec.chart.password"),
              Str("(sensitive, changed outside)"));
    const tf::RawApply call =
        Apply(read.state, config("0.43.8"),
              Plan(read.state, config("0.43.8"), read.private_data));
    ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
    EXPECT_EQ(client_->Stored(Ref())["spec"]["chart"], wrote);
    Keep(call);
    EXPECT_EQ(Read(state_, private_data_).state.At("configured_values"),
              state_.At("configured_values"));
  }
}

// What a version alone stands for is neither shown as drift nor forgotten.
TEST_F(UpdateTest, AChartOfWhichOnlyTheVersionIsSaidStaysOne) {
  const auto config = [&](const std::string& version) {
    return Config(
        {{"chart", tf::Codec<ChartModel>::Encode({.version = version})}});
  };
  Create(config("0.43.8"));
  const Json wrote = client_->Stored(Ref())["spec"]["chart"];
  EXPECT_EQ(wrote, Json({{"url", "https://charts.wandb.ai"},
                         {"name", "operator-wandb"},
                         {"version", "0.43.8"}}));
  EXPECT_EQ(Read(state_, private_data_).state.At("chart"),
            config("0.43.8").At("chart"));
  const auto edited = [&](const Json& chart) {
    Json live = client_->Stored(Ref());
    live["spec"]["chart"] = chart;
    client_->Put(Ref(), live, "kubectl-edit");
    return Read(state_, private_data_);
  };
  Json newer = wrote;
  newer["version"] = "0.43.9";
  EXPECT_EQ(edited(newer).state.At("chart"), config("0.43.9").At("chart"));
  Json other = wrote;
  other["url"] = "https://charts.test";
  EXPECT_EQ(edited(other).state.At("chart").At("url"),
            Str("https://charts.test"));
  // No chart to the operator.
  const tf::RawRead read = edited({{"version", "0.43.8"}});
  EXPECT_NE(read.state.At("chart"), config("0.43.8").At("chart"));
  const tf::RawApply call =
      Apply(read.state, config("0.43.8"),
            Plan(read.state, config("0.43.8"), read.private_data));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(client_->Stored(Ref())["spec"]["chart"], wrote);
}

TEST_F(UpdateTest, SuccessorIsNeitherWrittenNorPatched) {
  Create(Config({{"values", Map({{"m", Map({{"a", Int(1)}})}})}}));
  client_->Remove(Ref());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"},
                       {"spec", {{"values", {{"m", {{"a", 1}}}}}}}});
  const Json before = client_->Stored(Ref());
  for (const cty::Value& values :
       {Map({{"m", Map({{"a", Int(2)}})}}), Map({{"m", Map({})}})}) {
    const tf::RawApply call = Change(Config({{"values", values}}));
    ASSERT_TRUE(call.diags.HasError());
    EXPECT_THAT(call.diags.items().back().detail,
                AllOf(HasSubstr("made again"), HasSubstr("state rm")));
    EXPECT_EQ(client_->Stored(Ref()), before);
    EXPECT_EQ(call.state, state_);
  }
}

TEST_F(UpdateTest, ReadOfASuccessorDropsTheStateAndSaysSo) {
  Create(Config({}));
  client_->Remove(Ref());
  client_->Put(Ref(), {{"kind", "WeightsAndBiases"}});
  const tf::RawRead read = Read(state_, private_data_);
  EXPECT_TRUE(read.state.IsNull());
  EXPECT_FALSE(read.diags.HasError());
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(
      read.diags.items()[0].detail,
      AllOf(HasSubstr(kube::UidOf(client_->Stored(Ref()))),
            HasSubstr(state_.At("uid").AsString()), HasSubstr("mport it")));
}

TEST_F(UpdateTest, OfConflictsOnlyThoseAreListedThatAreNotForced) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("argocd", {{"a", 2}, {"b", 2}});
  const tf::RawApply call =
      Change(Config({{"values", Map({{"a", Int(3)}, {"b", Int(3)}})},
                     {"force_conflict_paths", Paths({Str("a")})}}));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(
      call.diags.items().back().detail,
      AllOf(HasSubstr("  b is owned by \"argocd\""),
            HasSubstr("HTTP 409 Conflict"), Not(HasSubstr("a is owned")),
            Not(HasSubstr("values.a")), Not(HasSubstr("2 conflicts"))));
}

TEST_F(UpdateTest, WhoMadeTheSuccessorDecidesWhetherItMayBeDeleted) {
  Create(Config({}));
  client_->Remove(Ref());
  client_->Put(
      Ref(), {{"kind", "WeightsAndBiases"}, {"spec", {{"values", {{"m", 1}}}}}},
      "kubectl-create");
  const auto said = [this] {
    const tf::RawRead read = Read(state_, private_data_);
    return read.diags.items().at(0).detail;
  };
  // What may destroy something is the last way.
  std::string detail = said();
  EXPECT_THAT(detail, AllOf(HasSubstr("was made by somebody else (field "
                                      "manager \"kubectl-create\")"),
                            HasSubstr("destroy = false")));
  EXPECT_LT(detail.find("import {"), detail.find("delete it"));
  EXPECT_LT(detail.find("removed {"), detail.find("delete it"));
  const auto owned = [](const std::string& owner) {
    return AllOf(HasSubstr("belongs to " + owner), HasSubstr("import {"),
                 HasSubstr("removed {"), Not(HasSubstr("delete it")));
  };
  client_->Put(Ref(),
               {{"kind", "WeightsAndBiases"},
                {"metadata",
                 {{"annotations",
                   {{"meta.helm.sh/release-name", "wandb-cr"},
                    {"meta.helm.sh/release-namespace", "default"}}}}}},
               "helm");
  EXPECT_THAT(said(), owned("Helm release \"wandb-cr\" in namespace "
                            "\"default\""));
  const auto apply = [this](const std::string& manager) {
    client_->Remove(Ref());
    ASSERT_TRUE(client_
                    ->Apply({}, Ref(),
                            {{"apiVersion", "apps.wandb.com/v1"},
                             {"kind", "WeightsAndBiases"},
                             {"spec", {{"values", {{"m", 1}}}}}},
                            {.field_manager = manager})
                    .ok());
  };
  apply("argocd");
  EXPECT_THAT(said(), owned("the field manager that applies it, \"argocd\""));
  apply(session_->field_manager());
  EXPECT_THAT(said(), owned("another state"));
  // The apply says the same.
  const tf::RawApply call = Change(Config({{"values", Map({{"m", Int(2)}})}}));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items().back().detail, owned("another state"));
}

// ---- What the server makes of it ----

TEST_F(UpdateTest, ValuesThatTheServerChangesAreAWarning) {
  InstanceModel model;
  model.values = Map({{"same", Int(1)},
                      {"changed", Str("sent")},
                      {"dropped", Int(1)},
                      {"empty", Map({})},
                      {"null", cty::Value()},
                      {"list", cty::Value::Tuple({Int(1)})}});
  model.settings["license"] = cty::Value::String("hunter2");
  const Compiled compiled = Desired(model).compiled;
  Json stored = compiled.values;
  stored["empty"]["more"] = 1;
  stored["more"] = 1;
  tf::Diagnostics none;
  WarnIfChangedByServer(compiled, {{"spec", {{"values", stored}}}}, none);
  EXPECT_THAT(none.items(), IsEmpty());

  stored["changed"] = "stored";
  stored.erase("dropped");
  stored["list"][0] = 2;
  stored["global"]["license"] = "swapped";
  tf::Diagnostics diags;
  WarnIfChangedByServer(compiled, {{"spec", {{"values", stored}}}}, diags);
  ASSERT_THAT(diags.items(), SizeIs(1));
  EXPECT_EQ(diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(
      diags.items()[0].detail,
      AllOf(HasSubstr("  changed: sent sent, stored stored\n"),
            HasSubstr("  dropped: sent 1, dropped\n"),
            HasSubstr("  list[0]: sent 1, stored 2"),
            HasSubstr("  global.license: sent (sensitive), stored (sensitive"),
            Not(HasSubstr("same")), Not(HasSubstr("hunter2")),
            Not(HasSubstr("swapped"))));
}

}  // namespace
}  // namespace resources
