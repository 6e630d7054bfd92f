// What a refresh says of faults that stay.
#include <functional>
#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "tests/support/instance_fixture.h"
#include "tests/support/operator_v2.h"
#include "tests/support/peak_memory.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

const kube::ObjectRef kOperator =
    kube::DeploymentRef("wandb", "wandb-controller-manager");

class ReadTest : public InstanceTest {
 protected:
  void SetUp() override {
    PutOperator(true);
    config_ = Config({{"a", Int(1)}});
    const tf::RawApply call =
        Apply(Nothing(), config_, Plan(Nothing(), config_));
    ASSERT_FALSE(call.diags.HasError());
    state_ = call.state;
    private_data_ = call.private_data;
    PutSecret("wandb-spec-user", Json::object());
    PutSecret("wandb-spec-active", ActiveValues(1));
    client_->Put({"apps", "v1", "deployments", "default", "wandb-app"},
                 {{"kind", "Deployment"},
                  {"metadata",
                   {{"labels",
                     {{"app.kubernetes.io/managed-by", "Helm"},
                      {"app.kubernetes.io/instance", "wandb"}}}}},
                  {"spec", {{"replicas", 0}}},
                  {"status", {{"observedGeneration", 1}}}});
  }
  cty::Value Config(Fields values, Fields more = {}) const {
    more["airgapped"] = Flag(true);
    more.emplace("wait", Flag(false));
    more["chart"] = tf::Codec<ChartModel>::Encode(
        {.path = std::string("/charts/operator-wandb")});
    more["values"] = Map(std::move(values));
    return Make(std::move(more));
  }
  static Json ActiveValues(int a) {
    return {
        {"a", a},
        {"global",
         {{"operator",
           {{"apiVersion", "apps.wandb.com/v1"}, {"namespace", "wandb"}}}}}};
  }
  void PutSecret(const std::string& name, const Json& values) {
    const auto encoded = [](const Json& json) {
      return absl::Base64Escape(json.dump());
    };
    client_->Put(
        kube::SecretRef("default", name),
        {{"kind", "Secret"},
         {"data",
          {{"values", encoded(values)},
           {"chart", encoded(name == "wandb-spec-active"
                                 ? Json({{"path", "/charts/operator-wandb"}})
                                 : Json())}}}});
  }
  // A Secret of the operator with something in `values` that is no JSON.
  void PutBroken(const std::string& name) {
    PutText(name, "{hunter2: no JSON");
  }
  void PutText(const std::string& name, const std::string& values) {
    client_->Put(kube::SecretRef("default", name),
                 {{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata", {{"name", name}, {"namespace", "default"}}},
                  {"data",
                   {{"values", absl::Base64Escape(values)},
                    {"chart", absl::Base64Escape("null")}}}});
  }
  void SetPhase(const std::string& phase) {
    Json live = client_->Stored(Ref());
    live["status"]["phase"] = phase;
    client_->Put(Ref(), live, "operator");
  }
  tf::RawRead Refresh() {
    tf::RawRead read = Read(state_, private_data_);
    EXPECT_FALSE(read.diags.HasError());
    state_ = read.state;
    private_data_ = read.private_data;
    return read;
  }
  void ApplyAs(const char* manager, const Json& spec) {
    ASSERT_TRUE(client_
                    ->Apply({}, Ref(),
                            {{"apiVersion", "apps.wandb.com/v1"},
                             {"kind", "WeightsAndBiases"},
                             {"spec", spec}},
                            {.field_manager = manager, .force = true})
                    .ok());
  }
  void BeReady() {
    Fields fields = state_.fields();
    fields["ready"] = Flag(true);
    state_ = Make(std::move(fields));
  }

  cty::Value config_, state_;
  Json private_data_;
};

TEST_F(ReadTest, NothingIsSaidOfAnAppliedSpecification) {
  BeReady();
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
  EXPECT_EQ(state_.At("ready"), Flag(true));
}

// chart.path goes before a repository, whoever wrote it.
TEST_F(ReadTest, AChartThatOthersOverrideIsSaidByRefreshPlanAndApply) {
  const auto pinned = [this](const char* version) {
    Fields fields = config_.fields();
    fields["chart"] =
        tf::Codec<ChartModel>::Encode({.version = std::string(version)});
    return Make(std::move(fields));
  };
  const tf::RawApply first = Apply(
      state_, pinned("0.43.8"), Plan(state_, pinned("0.43.8"), private_data_));
  ASSERT_THAT(first.diags.items(), IsEmpty());
  state_ = first.state;
  private_data_ = first.private_data;
  ApplyAs("argocd", {{"chart", {{"path", "/charts/theirs"}}}});
  const auto is_said = ElementsAre(AllOf(
      HasSubstr("does not use the configured chart of default/wandb"),
      HasSubstr("chart is operator-wandb 0.43.8 of https://charts.wandb.ai"),
      HasSubstr("takes is /charts/theirs"),
      HasSubstr(".spec.chart.path, by field manager \"argocd\" (Apply)")));
  const auto said = [](const tf::Diagnostics& diags) {
    std::vector<std::string> texts;
    for (const tf::Diagnostic& diag : diags.items()) {
      EXPECT_EQ(diag.severity, tf::Severity::kWarning);
      if (!absl::StrContains(diag.summary, "configured chart")) continue;
      texts.push_back(absl::StrCat(diag.summary, "\n", diag.detail));
    }
    return texts;
  };
  EXPECT_THAT(said(Refresh().diags), is_said);
  // What the refresh has said, the plan need not.
  Fields changed = pinned("0.43.8").fields();
  changed["values"] = Map({{"a", Int(2)}});
  const cty::Value config = Make(changed);
  EXPECT_THAT(said(Plan(state_, config, private_data_).diags), IsEmpty());
  NewProcess();
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  EXPECT_THAT(said(plan.diags), is_said);
  NewProcess();
  EXPECT_THAT(said(Apply(state_, config, plan).diags), is_said);
}

TEST_F(ReadTest, WhatOthersAddToTheChartOverridesNothing) {
  Fields fields = config_.fields();
  fields["chart"] =
      tf::Codec<ChartModel>::Encode({.url = std::string("https://charts.test"),
                                     .name = std::string("operator-wandb")});
  const cty::Value config = Make(std::move(fields));
  const tf::RawApply call =
      Apply(state_, config, Plan(state_, config, private_data_));
  state_ = call.state;
  private_data_ = call.private_data;
  ApplyAs("argocd", {{"chart", {{"version", "0.43.8"}, {"debug", true}}}});
  EXPECT_THAT(Refresh().diags.items(),
              Each(Field(&tf::Diagnostic::summary,
                         Not(HasSubstr("configured chart")))));
}

TEST_F(ReadTest, WhatIsTooLargeInTheClusterIsAWarningThatKeepsTheState) {
  BeReady();
  Json live = client_->Stored(Ref());
  Json& large = live["spec"]["values"][std::string(100'000, 'k')];
  for (int i = 0; i < 100; ++i) large[std::to_string(i)] = 1;
  client_->Put(Ref(), live, "somebody");
  const cty::Value before = state_;
  const tf::RawRead read = Refresh();
  EXPECT_EQ(state_, before);
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].detail,
              AllOf(HasSubstr("\"default/wandb\" has in spec.values"),
                    HasSubstr("too large")));
  // The apply that meets it says so, and knows what it has written.
  const cty::Value config = Config({{"a", Int(2)}});
  const tf::RawApply apply =
      Apply(state_, config, Plan(state_, config, private_data_));
  ASSERT_TRUE(apply.diags.HasError());
  EXPECT_THAT(apply.diags.items().back().detail, HasSubstr("too large"));
  EXPECT_EQ(apply.state.At("values"), config.At("values"));
}

TEST_F(ReadTest, TheLargestInstanceIsReadInLittleMemoryAndTime) {
  if (!support::MemoryCanBeMeasured()) GTEST_SKIP() << "a sanitizer runs";
  Json many = Json::array_t(160'000, 1);
  Json wide = Json::object();
  for (int i = 0; i < 2000; ++i) wide[std::to_string(i)] = 1;
  for (const auto& [what, values] :
       {std::pair("leaves", Json{{"a", 1}, {"b", std::move(many)}}),
        std::pair("paths",
                  Json{{"a", 1}, {std::string(4000, 'k'), std::move(wide)}})}) {
    Json live = client_->Stored(Ref());
    live["spec"]["values"] = values;
    client_->Put(Ref(), live, "somebody");
    const absl::Time start = absl::Now();
    tf::Diagnostics said;
    const auto peak = support::PeakBytes([&] { said = Refresh().diags; });
    const absl::Duration took = absl::Now() - start;
    for (const tf::Diagnostic& item : said.items()) {
      EXPECT_THAT(item.detail, Not(HasSubstr("too large"))) << what;
    }
    EXPECT_LT(peak.value_or(0), size_t{200} << 20) << what;
    std::cout << what << ": " << (peak.value_or(0) >> 20) << " MiB, " << took
              << "\n";
  }
}

TEST_F(ReadTest, StandingClashIsSaidByEveryRefreshAndIsNotReady) {
  BeReady();
  const cty::Value effective = state_.At("effective_values");
  PutSecret("wandb-spec-user", {{"a", "text"}});
  for (int i = 0; i < 2; ++i) {
    const tf::RawRead read = Refresh();
    ASSERT_THAT(read.diags.items(), SizeIs(1));
    EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
    EXPECT_THAT(read.diags.items()[0].detail,
                AllOf(HasSubstr("a is a number in the custom resource"),
                      HasSubstr("a string in the user input of the System "
                                "Console"),
                      Not(HasSubstr("text"))));
    EXPECT_EQ(state_.At("ready"), Flag(false));
    EXPECT_EQ(state_.At("effective_values"), effective);
  }
}

TEST_F(ReadTest, ClashOfOthersStopsNoPlanButTheApply) {
  PutSecret("wandb-spec-user", {{"a", "text"}});
  Refresh();
  // Nothing of it changed: elsewhere is planned, and the apply says why not.
  const cty::Value elsewhere = Config({{"a", Int(1)}, {"b", Int(2)}});
  const tf::RawPlan plan = Plan(state_, elsewhere, private_data_);
  ASSERT_FALSE(plan.diags.HasError()) << plan.diags.items()[0].detail;
  EXPECT_THAT(plan.diags.items()[0].summary, HasSubstr("Apply will fail"));
  const tf::RawApply apply = Apply(state_, elsewhere, plan);
  ASSERT_TRUE(apply.diags.HasError());
  EXPECT_THAT(apply.diags.items().back().detail,
              HasSubstr("a is a number in the custom resource"));
  EXPECT_EQ(apply.state.At("values"), elsewhere.At("values"));
  // A change that meets it is an error, one that ends it is none.
  EXPECT_TRUE(
      Plan(state_, Config({{"a", Int(3)}}), private_data_).diags.HasError());
  EXPECT_THAT(
      Plan(state_, Config({{"a", Str("x")}}), private_data_).diags.items(),
      IsEmpty());
}

TEST_F(ReadTest, ClashThatACreateMeetsTaintsNothing) {
  client_->Remove(Ref());
  ASSERT_TRUE(Read(state_, private_data_).state.IsNull());
  PutSecret("wandb-spec-user", {{"a", "text"}});
  const tf::RawApply apply =
      Apply(Nothing(), config_, Plan(Nothing(), config_));
  ASSERT_FALSE(apply.diags.HasError());
  EXPECT_THAT(apply.diags.items().back().detail,
              HasSubstr("a is a number in the custom resource"));
  EXPECT_EQ(apply.state.At("ready"), Flag(false));
}

TEST_F(ReadTest, WaitIsTakenUpAgainWhereAClashStands) {
  Fields fields = state_.fields();
  fields["wait"] = Flag(true);
  state_ = Make(std::move(fields));
  PutSecret("wandb-spec-user", {{"a", "text"}});
  Refresh();
  const cty::Value config = Config({{"a", Int(1)}}, {{"wait", Flag(true)}});
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  EXPECT_FALSE(plan.diags.HasError());
  EXPECT_TRUE(plan.planned.At("ready").IsUnknown());
  const tf::RawApply apply = Apply(state_, config, plan);
  ASSERT_TRUE(apply.diags.HasError());
  EXPECT_THAT(apply.diags.items().back().detail,
              HasSubstr("a is a number in the custom resource"));
}

TEST_F(ReadTest, SpecificationThatIsNotAppliedIsNotReady) {
  BeReady();
  PutSecret("wandb-spec-active", ActiveValues(7));
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].detail, HasSubstr("values.a"));
  EXPECT_EQ(state_.At("ready"), Flag(false));
}

TEST_F(ReadTest, WhatKeepsTheOperatorFromApplyingComesFirst) {
  Fields fields = state_.fields();
  fields["wait"] = Flag(true);
  state_ = Make(std::move(fields));
  PutSecret("wandb-spec-active", ActiveValues(7));
  EXPECT_THAT(Refresh().diags.items()[0].detail,
              AllOf(StartsWith("In the specification"),
                    HasSubstr("If it does not soon"),
                    HasSubstr("Until then ready is false")));
  Json deployment = client_->Stored(kOperator);
  deployment["spec"]["replicas"] = 0;
  client_->Put(kOperator, deployment);
  EXPECT_THAT(Refresh().diags.items()[0].detail,
              AllOf(StartsWith("The W&B operator is not running. "),
                    HasSubstr("values.a"), Not(HasSubstr("If it does not")),
                    EndsWith("and W&B runs with what was applied last.")));
}

// As conflicts are.
TEST_F(ReadTest, WhoWroteWhatCannotBeMergedIsNamed) {
  ApplyAs("kubectl-edit", {{"values", {{"app", "text"}}}});
  PutSecret("wandb-spec-user", {{"app", {{"image", "x"}}}});
  EXPECT_THAT(
      Refresh().diags.items()[0].detail,
      AllOf(HasSubstr("app is a string in what others wrote into the custom "
                      "resource"),
            HasSubstr("In the custom resource it was written by field manager "
                      "\"kubectl-edit\" (Apply)")));
  // Ours is named by the configuration.
  PutSecret("wandb-spec-user", {{"a", "text"}});
  EXPECT_THAT(Refresh().diags.items()[0].detail,
              Not(HasSubstr("was written by")));
}

TEST_F(ReadTest, AChartOfOthersThatTheOperatorPassesOverIsSaid) {
  const auto charts = [this] {
    std::vector<std::string> said;
    const tf::RawRead read = Refresh();
    for (const tf::Diagnostic& item : read.diags.items()) {
      if (absl::StrContains(item.summary, "the chart in the custom resource")) {
        said.push_back(item.detail);
      }
    }
    return said;
  };
  EXPECT_THAT(charts(), IsEmpty());
  client_->Remove(Ref());
  NewProcess();  // One that has seen no instance of the name.
  config_ = Make({{"wait", Flag(false)}, {"values", Map({{"a", Int(1)}})}});
  PutOperator(false);
  const tf::RawApply call = Apply(Nothing(), config_, Plan(Nothing(), config_));
  ASSERT_FALSE(call.diags.HasError())
      << call.diags.items()[0].summary << call.diags.items()[0].detail;
  state_ = call.state;
  private_data_ = call.private_data;
  ApplyAs("kubectl-patch", {{"chart", {{"version", "0.43.8"}}}});
  const std::vector<std::string> said = charts();
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_THAT(said[0], AllOf(HasSubstr("field manager \"kubectl-patch\" "
                                       "(Apply) wrote to it"),
                             HasSubstr("chart")));
  // One that it does use is no matter.
  ApplyAs("kubectl-patch", {{"chart",
                             {{"url", "https://charts.wandb.ai"},
                              {"name", "operator-wandb"},
                              {"version", "0.43.8"}}}});
  EXPECT_THAT(charts(), IsEmpty());
}

// A wait that failed with a warning leaves just that.
TEST_F(ReadTest, WhyAnInstanceIsNotReadyIsSaidWhereItWasSeen) {
  Fields fields = state_.fields();
  fields["wait"] = Flag(true);
  state_ = Make(std::move(fields));
  const kube::ObjectRef app = kube::DeploymentRef("default", "wandb-app");
  Json workload = client_->Stored(app);
  workload["spec"]["replicas"] = 1;
  client_->Put(app, workload);
  tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_EQ(read.diags.items()[0].summary,
            "Instance default/wandb is not ready");
  EXPECT_THAT(read.diags.items()[0].detail,
              StartsWith("Deployment \"wandb-app\": 0 of 1 ready: "));
  client_->Remove(app);
  read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].detail,
              StartsWith("No Deployment, StatefulSet or DaemonSet"));
  // What may not be looked at is no reason.
  client_->FailAlways(kube::DeploymentRef("default", ""),
                      absl::PermissionDeniedError("no"));
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
}

// What others hold as a secret may stand elsewhere as a plain value.
TEST_F(ReadTest, NothingSaysASecretOfAnotherLayer) {
  BeReady();
  PutSecret("wandb-spec-user",
            {{"x", {{"clientSecret", "canary user canary user"}}}});
  Json active = ActiveValues(1);
  active["x"]["clientSecret"] = "canary user canary user";
  active["x"]["apiToken"] = "canary-active-canary-active";
  active["a"] = absl::StrCat(std::string(60, 'n'), " canary user canary user");
  active["b"] = "canary-active-canary-active";
  PutSecret("wandb-spec-active", active);
  for (const char* phase : {"Loading", "Invalid Config"}) {
    SetPhase(phase);
    const tf::RawRead read = Refresh();
    ASSERT_THAT(read.diags.items(), SizeIs(1));
    EXPECT_THAT(
        read.diags.items()[0].detail,
        AllOf(HasSubstr("values.a should be 1"),
              HasSubstr("values.b should be gone"), Not(HasSubstr("canary"))));
  }
}

TEST_F(ReadTest, InvalidConfigIsSaidAndIsNotReady) {
  BeReady();
  SetPhase("Invalid Config");
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].summary, HasSubstr("Invalid Config"));
  EXPECT_THAT(
      read.diags.items()[0].detail,
      HasSubstr("ready is false, and W&B runs with what was applied last."));
  EXPECT_EQ(state_.At("ready"), Flag(false));
}

TEST_F(ReadTest, InvalidConfigWithoutAChartSaysThatNoneIsNamed) {
  BeReady();
  SetPhase("Invalid Config");
  client_->Remove(kube::SecretRef("default", "wandb-latest-cached-release"));
  Json live = client_->Stored(Ref());
  live["spec"].erase("chart");
  client_->Put(Ref(), live, "operator");
  const tf::RawRead read = Refresh();
  EXPECT_THAT(read.diags.items().back().detail,
              HasSubstr("No layer names a chart"));
}

TEST_F(ReadTest, WhatWasNeverAppliedIsNotSaidToRunOn) {
  BeReady();
  client_->Remove(kube::SecretRef("default", "wandb-spec-active"));
  for (const char* phase : {"Invalid Config", "Loading"}) {
    SetPhase(phase);
    const tf::RawRead read = Refresh();
    ASSERT_THAT(read.diags.items(), SizeIs(1));
    EXPECT_THAT(
        read.diags.items()[0].detail,
        AllOf(HasSubstr("applied none yet"), EndsWith("ready is false.")));
  }
  PutSecret("wandb-spec-user", {{"a", "text"}});
  EXPECT_THAT(Refresh().diags.items()[0].detail, EndsWith("ready is false."));
}

TEST_F(ReadTest, MendedFaultIsReadyAgain) {
  Fields fields = state_.fields();
  fields["wait"] = Flag(true);
  fields["ready"] = Flag(false);
  state_ = Make(std::move(fields));
  // Nothing runs yet.
  EXPECT_THAT(Refresh().diags.items()[0].detail,
              HasSubstr("scaled to 0 replicas"));
  EXPECT_EQ(state_.At("ready"), Flag(false));
  client_->Put(kube::DeploymentRef("default", "wandb-app"),
               {{"kind", "Deployment"},
                {"metadata",
                 {{"labels",
                   {{"app.kubernetes.io/managed-by", "Helm"},
                    {"app.kubernetes.io/instance", "wandb"}}}}},
                {"spec", {{"replicas", 1}}},
                {"status",
                 {{"observedGeneration", 99},
                  {"replicas", 1},
                  {"updatedReplicas", 1},
                  {"readyReplicas", 1},
                  {"availableReplicas", 1}}}});
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
  EXPECT_EQ(state_.At("ready"), Flag(true));
}

TEST_F(ReadTest,
       RefreshAsksForTheObjectItsNamespaceAndTheOperatorsSecretsOnly) {
  BeReady();
  // The first one of a process asks whose cluster this is, too.
  client_->Put(support::DefinitionRef(), support::DefinitionOfV1());
  Refresh();
  client_->ClearCalls();
  Refresh();
  // Air-gapped: no cached release.
  EXPECT_THAT(client_->calls(), SizeIs(4));
}

TEST_F(ReadTest, ForbiddenSecretsLeaveReadyAsItWas) {
  BeReady();
  client_->FailAlways(kube::SecretRef("default", "wandb-spec-active"),
                      absl::PermissionDeniedError("no"));
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].detail, Not(HasSubstr("daemonsets")));
  EXPECT_EQ(state_.At("ready"), Flag(true));
  Fields fields = state_.fields();
  fields["wait"] = Flag(true);
  state_ = Make(std::move(fields));
  EXPECT_THAT(Refresh().diags.items()[0].detail,
              AllOf(HasSubstr("cannot tell whether it is ready"),
                    HasSubstr("daemonsets"), HasSubstr("[pods, events]")));
}

// ---- Secrets that nobody can read ----

TEST_F(ReadTest, BrokenConsoleInputIsSaidByEveryRefreshAndIsNotReady) {
  BeReady();
  const cty::Value effective = state_.At("effective_values");
  PutBroken("wandb-spec-user");
  for (int i = 0; i < 2; ++i) {
    const tf::RawRead read = Refresh();
    ASSERT_THAT(read.diags.items(), SizeIs(1));
    EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
    EXPECT_THAT(read.diags.items()[0].detail,
                AllOf(HasSubstr("Secret default/wandb-spec-user"),
                      HasSubstr("values"), Not(HasSubstr("hunter2"))));
    EXPECT_EQ(state_.At("ready"), Flag(false));
    EXPECT_EQ(state_.At("effective_values"), effective);
  }
  // Everything else can be planned.
  EXPECT_FALSE(
      Plan(state_, Config({{"a", Int(2)}}), private_data_).diags.HasError());
}

// By the refresh and by the plan that waits once more, and writes nothing.
TEST_F(ReadTest, ACauseIsSaidOnceInAWalk) {
  Fields waiting = state_.fields();
  waiting["wait"] = Flag(true);
  state_ = Make(std::move(waiting));
  const cty::Value same = Config({{"a", Int(1)}}, {{"wait", Flag(true)}});
  const cty::Value changed =
      Config({{"a", Int(1)}, {"b", Int(2)}}, {{"wait", Flag(true)}});
  const auto clash = [this] {
    PutSecret("wandb-spec-user", {{"a", "text"}});
    return "a is a number in the custom resource";
  };
  const auto broken = [this] {
    PutBroken("wandb-spec-user");
    return "Secret default/wandb-spec-user";
  };
  for (const std::function<const char*()>& fault :
       {std::function<const char*()>(clash),
        std::function<const char*()>(broken)}) {
    const std::string cause = fault();
    NewProcess();
    ASSERT_THAT(Refresh().diags.items(), SizeIs(1));
    EXPECT_THAT(Plan(state_, same, private_data_).diags.items(), IsEmpty());
    const tf::RawPlan plan = Plan(state_, changed, private_data_);
    ASSERT_THAT(plan.diags.items(), SizeIs(1));
    EXPECT_THAT(plan.diags.items()[0].summary, StartsWith("Apply will fail: "));
    EXPECT_THAT(
        plan.diags.items()[0].detail,
        AllOf(StartsWith("Another warning says why."), Not(HasSubstr(cause))));
    // Without a refresh the plan is the first.
    NewProcess();
    const tf::RawPlan alone = Plan(state_, same, private_data_);
    ASSERT_THAT(alone.diags.items(), SizeIs(1));
    EXPECT_THAT(alone.diags.items()[0].detail, HasSubstr(cause));
  }
}

TEST_F(ReadTest, AStoppedOperatorIsSaidOnceInAWalk) {
  Fields waiting = state_.fields();
  waiting["wait"] = Flag(true);
  state_ = Make(std::move(waiting));
  PutSecret("wandb-spec-active", ActiveValues(7));  // Not applied.
  Json stopped = client_->Stored(kOperator);
  stopped["spec"]["replicas"] = 0;
  client_->Put(kOperator, stopped, "kubectl-scale");
  const cty::Value changed = Config({{"a", Int(2)}}, {{"wait", Flag(true)}});
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].detail, HasSubstr("scaled to 0 replicas"));
  EXPECT_THAT(Plan(state_, changed, private_data_).diags.items(), IsEmpty());
  // By the refresh of the operator.
  NewProcess();
  session_->said().First(StoppedOperator(kOperator));
  const tf::RawRead later = Refresh();
  ASSERT_THAT(later.diags.items(), SizeIs(1));
  EXPECT_THAT(later.diags.items()[0].detail,
              AllOf(StartsWith("The W&B operator is not running. Another "
                               "warning says more."),
                    Not(HasSubstr("replicas"))));
  EXPECT_THAT(Plan(state_, changed, private_data_).diags.items(), IsEmpty());
}

// What was said of the input that was there before is not true any more.
TEST_F(ReadTest, BrokenConsoleInputTakesThePlaceOfAClash) {
  BeReady();
  PutSecret("wandb-spec-user", {{"a", "text"}});
  EXPECT_THAT(Refresh().diags.items()[0].summary, HasSubstr("cannot merge"));
  PutBroken("wandb-spec-user");
  EXPECT_THAT(Refresh().diags.items()[0].summary,
              HasSubstr("cannot read the user input"));
  const tf::RawPlan plan =
      Plan(state_, Config({{"a", Int(1)}, {"b", Int(2)}}), private_data_);
  ASSERT_FALSE(plan.diags.HasError());
  bool said = false;
  for (const tf::Diagnostic& diagnostic : plan.diags.items()) {
    EXPECT_THAT(diagnostic.summary, Not(HasSubstr("merge")));
    EXPECT_THAT(diagnostic.detail, Not(HasSubstr("user input and")));
    said = said || diagnostic.summary ==
                       "Apply will fail: the user input of default/wandb "
                       "cannot be read";
  }
  EXPECT_TRUE(said);
  // And the other way round.
  PutSecret("wandb-spec-user", {{"a", "text"}});
  EXPECT_THAT(Refresh().diags.items()[0].summary, HasSubstr("cannot merge"));
  const tf::RawPlan clash =
      Plan(state_, Config({{"a", Int(1)}, {"b", Int(2)}}), private_data_);
  EXPECT_THAT(clash.diags.items().back().summary, HasSubstr("cannot merge"));
}

// Go reads it, and so does the operator.
TEST_F(ReadTest, ConsoleInputIsReadAsGoReadsIt) {
  BeReady();
  PutText("wandb-spec-user", "{\"b\":\"x\xff\\ud800\",\"c\":1,\"c\":2}");
  Refresh();
  EXPECT_EQ(state_.At("effective_values").At("b"), Str("x\ufffd\ufffd"));
  EXPECT_EQ(state_.At("effective_values").At("c"), Str("2"));
}

TEST_F(ReadTest, ConsoleInputThatIsTooDeepHereIsNotCalledBroken) {
  BeReady();
  PutText("wandb-spec-user", absl::StrCat("{\"a\":", std::string(300, '['),
                                          std::string(300, ']'), "}"));
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_EQ(read.diags.items()[0].summary,
            "The user input of default/wandb cannot be looked at");
  EXPECT_THAT(read.diags.items()[0].detail, HasSubstr("256 lists and maps"));
}

TEST_F(ReadTest, BrokenConsoleInputFailsTheApplyWhetherItWaitsOrNot) {
  PutBroken("wandb-spec-user");
  Refresh();
  for (const bool wait : {false, true}) {
    const cty::Value config =
        Config({{"a", Int(wait ? 3 : 2)}}, {{"wait", Flag(wait)}});
    const tf::RawApply apply =
        Apply(state_, config, Plan(state_, config, private_data_));
    ASSERT_TRUE(apply.diags.HasError()) << wait;
    EXPECT_THAT(apply.diags.items().back().detail,
                AllOf(HasSubstr("Secret default/wandb-spec-user"),
                      Not(HasSubstr("hunter2"))))
        << wait;
    EXPECT_EQ(apply.state.At("values"), config.At("values"));
  }
}

TEST_F(ReadTest, BrokenConsoleInputThatACreateMeetsTaintsNothing) {
  client_->Remove(Ref());
  ASSERT_TRUE(Read(state_, private_data_).state.IsNull());
  PutBroken("wandb-spec-user");
  const tf::RawApply apply =
      Apply(Nothing(), config_, Plan(Nothing(), config_));
  ASSERT_FALSE(apply.diags.HasError());
  ASSERT_FALSE(apply.diags.items().empty());
  EXPECT_THAT(apply.diags.items().back().detail,
              HasSubstr("Secret default/wandb-spec-user"));
}

// The operator passes over it, and writes a new one.
TEST_F(ReadTest, BrokenCachedReleaseIsSaidAndFailsNoApply) {
  BeReady();
  Fields fields = state_.fields();
  fields["airgapped"] = Flag(false);
  state_ = Make(std::move(fields));
  PutOperator(false);
  PutBroken("wandb-latest-cached-release");
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
  EXPECT_THAT(read.diags.items()[0].detail,
              AllOf(HasSubstr("Secret default/wandb-latest-cached-release"),
                    HasSubstr("values"), Not(HasSubstr("hunter2"))));
  Fields next = Config({{"a", Int(2)}}).fields();
  next["airgapped"] = Flag(false);
  const cty::Value config = Make(std::move(next));
  const tf::RawApply apply =
      Apply(state_, config, Plan(state_, config, private_data_));
  EXPECT_FALSE(apply.diags.HasError());
}

// It cannot be told what the operator must apply, but that it can't.
TEST_F(ReadTest, AClashIsNotReadyAlsoWhereTheCachedReleaseIsBroken) {
  BeReady();
  Fields fields = state_.fields();
  fields["airgapped"] = Flag(false);
  state_ = Make(std::move(fields));
  PutBroken("wandb-latest-cached-release");
  Refresh();
  EXPECT_EQ(state_.At("ready"), Flag(true));
  PutSecret("wandb-spec-user", {{"a", "text"}});
  const tf::RawRead read = Refresh();
  ASSERT_THAT(read.diags.items(), SizeIs(2));
  EXPECT_THAT(read.diags.items()[1].summary, HasSubstr("cannot merge"));
  EXPECT_THAT(read.diags.items()[1].detail,
              HasSubstr("a is a number in the custom resource and a string in "
                        "the user input"));
  EXPECT_EQ(state_.At("ready"), Flag(false));
}

}  // namespace
}  // namespace resources
