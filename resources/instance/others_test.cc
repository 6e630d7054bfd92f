// An instance whose custom resource others write to as well.
#include "resources/instance/others.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "tests/support/instance_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OthersTest : public InstanceTest {
 protected:
  OthersTest() { PutOperator(true); }

  cty::Value Config(Fields more) const {
    more["wait"] = Flag(false);
    more["airgapped"] = Flag(true);
    return Make(std::move(more));
  }
  void Create(const cty::Value& config) { Settle(Nothing(), config, {}); }
  void Change(const cty::Value& config) {
    Settle(state_, config, private_data_);
  }
  void Refresh() {
    const tf::RawRead read = Read(state_, private_data_);
    ASSERT_FALSE(read.diags.HasError());
    state_ = read.state;
    private_data_ = read.private_data;
  }
  // The plan must promise what a refresh finds after its apply.
  void Settle(const cty::Value& prior, const cty::Value& config,
              Json private_data) {
    const tf::RawPlan plan =
        Plan(prior, config,
             private_data.is_null() ? Json::object() : std::move(private_data));
    const tf::RawApply call = Apply(prior, config, plan);
    ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
    state_ = call.state;
    private_data_ = call.private_data;
    const cty::Value effective = state_.At("effective_values");
    const cty::Value origin = state_.At("effective_origin");
    Refresh();
    EXPECT_EQ(state_.At("effective_values"), effective);
    EXPECT_EQ(state_.At("effective_origin"), origin);
    EXPECT_EQ(Plan(state_, config, private_data_).planned, state_);
  }
  // Somebody wipes out who owns what.
  void ClearOwners() {
    ASSERT_TRUE(client_
                    ->Patch({}, Ref(),
                            {{"metadata", {{"managedFields", Json::array()}}}},
                            {.field_manager = "kubectl-edit"})
                    .ok());
    ASSERT_TRUE(client_->Stored(Ref())["metadata"]["managedFields"].empty());
  }
  // Somebody changes the live object by `patch`.
  void Edit(const Json& patch, const std::string& manager = "kubectl-edit") {
    Json live = client_->Stored(Ref());
    live.merge_patch(patch);
    client_->Put(Ref(), live, manager);
  }
  void ApplyAs(const std::string& manager, const Json& spec) {
    ASSERT_TRUE(client_
                    ->Apply({}, Ref(),
                            {{"kind", "WeightsAndBiases"}, {"spec", spec}},
                            {.field_manager = manager, .force = true})
                    .ok());
  }
  cty::Value Effective(const std::string& path) const {
    return state_.At("effective_values").At(path);
  }
  cty::Value OriginOf(const std::string& path) const {
    return state_.At("effective_origin").At(path);
  }
  Json Values() const { return client_->Stored(Ref())["spec"]["values"]; }

  cty::Value state_;
  Json private_data_;
};

// The server holds what is there for a manager of its own from then on, so
// that nothing is removed by an apply.
TEST_F(OthersTest, ClearedManagedFieldsLoseNothing) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("argocd", {{"values", {{"c", 1}}}});
  ClearOwners();
  const tf::RawRead read = Read(state_, private_data_);
  const auto says = [](const tf::RawRead& call) {
    return std::any_of(call.diags.items().begin(), call.diags.items().end(),
                       [](const tf::Diagnostic& diagnostic) {
                         return absl::StartsWith(diagnostic.summary,
                                                 "Nobody owns the fields");
                       });
  };
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_TRUE(says(read));
  state_ = read.state;
  private_data_ = read.private_data;
  EXPECT_EQ(state_.At("configured_values").At("a"), Str("1"));
  EXPECT_EQ(state_.At("effective_origin").At("a"), Str("custom_resource"));
  EXPECT_EQ(state_.At("effective_origin").At("c"), Str("other_manager"));
  Change(Config({{"values", Map({{"a", Int(2)}})}}));
  EXPECT_EQ(client_->Stored(Ref())["spec"]["values"],
            Json({{"a", 2}, {"b", 1}, {"c", 1}}));
  EXPECT_EQ(state_.At("effective_origin").At("b"), Str("other_manager"));
  // Ours are ours again.
  EXPECT_FALSE(says(Read(state_, private_data_)));
  Change(Config({{"values", Map({})}}));
  EXPECT_EQ(client_->Stored(Ref())["spec"]["values"],
            Json({{"b", 1}, {"c", 1}}));
}

TEST_F(OthersTest, ChartSetByHandIsNoDiffAndEffective) {
  const cty::Value config = Config({{"values", Map({{"a", Str("1")}})}});
  Create(config);
  EXPECT_TRUE(state_.At("effective_chart").IsNull());
  Edit(
      {{"spec",
        {{"chart", {{"url", "https://c.test"}, {"name", "operator-wandb"}}}}}});
  Refresh();
  EXPECT_EQ(Plan(state_, config, private_data_).planned, state_);
  EXPECT_TRUE(state_.At("chart").IsNull());
  EXPECT_EQ(state_.At("effective_chart").At("url"), Str("https://c.test"));
  Change(Config({{"values", Map({{"a", Str("2")}})}}));
  EXPECT_EQ(state_.At("effective_chart").At("url"), Str("https://c.test"));
  EXPECT_EQ(client_->Stored(Ref())["spec"]["chart"]["name"], "operator-wandb");
}

TEST_F(OthersTest, FieldAddedToOurChartIsNoDiff) {
  const cty::Value chart = tf::Codec<ChartModel>::Encode(
      {.url = std::string("https://c.test"), .name = std::string("o")});
  const cty::Value config = Config({{"chart", chart}});
  Create(config);
  Edit({{"spec", {{"chart", {{"debug", true}}}}}});
  Refresh();
  EXPECT_EQ(Plan(state_, config, private_data_).planned, state_);
  // What we wrote is ours still.
  Edit({{"spec", {{"chart", {{"url", "https://other.test"}}}}}});
  Refresh();
  EXPECT_EQ(Plan(state_, config, private_data_).planned.At("chart"), chart);
  EXPECT_FALSE(Plan(state_, config, private_data_).planned == state_);
}

TEST_F(OthersTest, ValueSetByHandStaysAndIsPartOfThePlan) {
  Create(Config({{"values", Map({{"tag", Str("a")}})}}));
  Edit({{"spec", {{"values", {{"app", {{"replicaCount", 9}}}}}}}});
  Refresh();
  const cty::Value config = Config({{"values", Map({{"tag", Str("b")}})}});
  const cty::Value planned = Plan(state_, config, private_data_).planned;
  EXPECT_EQ(planned.At("effective_values").At("app.replicaCount"), Str("9"));
  EXPECT_EQ(planned.At("effective_origin").At("app.replicaCount"),
            Str("other_manager"));
  EXPECT_FALSE(
      planned.At("configured_values").fields().contains("app.replicaCount"));
  Change(config);
  EXPECT_EQ(Values()["app"]["replicaCount"], 9);
  EXPECT_EQ(OriginOf("tag"), Str("custom_resource"));
}

TEST_F(OthersTest, ValueThatOthersApplyTooSurvivesOurGivingItUp) {
  Create(Config({{"values", Map({{"a", Int(1)}, {"b", Int(1)}})}}));
  ApplyAs("gitops", {{"values", {{"a", 1}}}});
  Refresh();
  EXPECT_EQ(OriginOf("a"), Str("custom_resource"));
  Change(Config({{"values", Map({{"b", Int(1)}})}}));
  EXPECT_EQ(Values(), Json({{"a", 1}, {"b", 1}}));
  EXPECT_EQ(Effective("a"), Str("1"));
  EXPECT_EQ(OriginOf("a"), Str("other_manager"));
}

TEST_F(OthersTest, EmptiedMapKeepsWhatOthersHold) {
  const auto env = [this](const Fields& of_env) {
    return Config(
        {{"values", Map({{"app", Map({{"extraEnv", Map(of_env)}})}})}});
  };
  const cty::Value emptied[] = {
      Config({{"values", Map({{"app", Map({})}})}}),
      env({}),
  };
  for (const cty::Value& config : emptied) {
    for (const char* theirs : {"1", "other"}) {
      client_->Remove(Ref());
      NewProcess();
      Create(env({{"A", Str("1")}, {"C", Str("1")}}));
      // By force, where it differs.
      ApplyAs(
          "argocd",
          {{"values", {{"app", {{"extraEnv", {{"A", theirs}, {"B", "1"}}}}}}}});
      Refresh();
      Change(config);
      EXPECT_EQ(Values(),
                Json({{"app", {{"extraEnv", {{"A", theirs}, {"B", "1"}}}}}}));
      EXPECT_EQ(OriginOf("app.extraEnv.A"), Str("other_manager"));
    }
  }
}

TEST_F(OthersTest, EmptiedMapOfOursAloneStaysAMap) {
  Create(
      Config({{"values", Map({{"app", Map({{"m", Map({{"A", Int(1)}})}})}})}}));
  Change(Config({{"values", Map({{"app", Map({{"m", Map({})}})}})}}));
  EXPECT_EQ(Values(), Json({{"app", {{"m", Json::object()}}}}));
  Change(Config({{"values", Map({{"app", Map({})}})}}));
  EXPECT_EQ(Values(), Json({{"app", Json::object()}}));
  Change(Config({{"values", Map({})}}));
  EXPECT_EQ(Values(), Json::object());
}

TEST_F(OthersTest, NullGivesWayToTheKeysOfOthers) {
  Create(Config(
      {{"values", Map({{"app", Map({{"x", Map({{"a", Str("1")}})}})}})}}));
  ApplyAs("argocd", {{"values", {{"app", {{"x", {{"b", "2"}}}}}}}});
  Refresh();
  const cty::Value config =
      Config({{"values", Map({{"app", Map({{"x", cty::Value()}})}})}});
  const tf::RawPlan plan = Plan(state_, config, private_data_);
  const cty::Value effective = plan.planned.At("effective_values");
  EXPECT_EQ(effective.At("app.x.b"), Str("\"2\""));
  EXPECT_FALSE(effective.fields().contains("app.x"));
  EXPECT_THAT(Apply(state_, config, plan).diags.items(), IsEmpty());
  Refresh();
  Change(config);
  EXPECT_EQ(Values(), Json({{"app", {{"x", {{"b", "2"}}}}}}));
  EXPECT_EQ(OriginOf("app.x.b"), Str("other_manager"));
}

// As a refresh and an apply name them.
TEST_F(OthersTest, WhoWroteWhatCannotBeMergedIsNamedByThePlan) {
  const auto config = [this](Fields values) {
    return Config({{"values", Map(std::move(values))}});
  };
  Create(config({{"a", Int(1)}, {"app", Str("text")}}));
  ApplyAs("argocd", {{"values", {{"app", "text"}, {"web", "text"}}}});
  const auto encoded = [](const Json& json) {
    return absl::Base64Escape(json.dump());
  };
  const Json input = {{"app", {{"x", 1}}}, {"web", {{"x", 1}}}};
  client_->Put(
      kube::SecretRef("default", "wandb-spec-user"),
      {{"kind", "Secret"},
       {"data", {{"values", encoded(input)}, {"chart", encoded(Json())}}}});
  Refresh();
  const auto details = [this](const cty::Value& wanted) {
    std::string text;
    NewProcess();  // Nothing of it was said by a refresh.
    const tf::RawPlan plan = Plan(state_, wanted, private_data_);
    for (const tf::Diagnostic& each : plan.diags.items()) {
      text += each.detail + "\n";
    }
    return text;
  };
  const char kBy[] =
      "In the custom resource it was written by field manager \"argocd\" "
      "(Apply).";
  // What stands already, of which only the one is somebody else's.
  EXPECT_THAT(details(config({{"a", Int(2)}, {"app", Str("text")}})),
              AllOf(HasSubstr("web is a string in what others wrote"),
                    testing::ContainsRegex("web is a [^\n]*written by field"),
                    Not(testing::ContainsRegex("app is a [^\n]*written by"))));
  // What the change brings forth.
  EXPECT_THAT(details(config({{"a", Int(1)}})),
              testing::ContainsRegex("error: app is a [^\n]*written by field"));
  EXPECT_THAT(details(config({{"a", Int(1)}})), HasSubstr(kBy));
  // Nobody answers.
  client_->FailAlways(Ref(), absl::UnavailableError("lost"));
  EXPECT_THAT(details(config({{"a", Int(1)}})),
              AllOf(HasSubstr("app is a string in what others wrote"),
                    Not(HasSubstr("written by field"))));
}

TEST_F(OthersTest, OurValueIsStrongerInThePlan) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  Edit({{"spec", {{"values", {{"a", 7}}}}}});
  Refresh();
  Change(Config({{"values", Map({{"a", Int(2)}})}}));
  EXPECT_EQ(Effective("a"), Str("2"));
  EXPECT_EQ(OriginOf("a"), Str("custom_resource"));
}

TEST_F(OthersTest, SecretsOfOthersAreNeitherShownNorStored) {
  Create(Config({{"values", Map({{"a", Int(1)}})}}));
  Edit({{"spec",
         {{"values", {{"global", {{"mysql", {{"password", "CANARY"}}}}}}}}}});
  Refresh();
  EXPECT_EQ(Effective("global.mysql.password"), Str("(sensitive)"));
  EXPECT_THAT(private_data_.dump(),
              AllOf(HasSubstr("mysql"), Not(HasSubstr("CANARY"))));
  Change(Config({{"values", Map({{"a", Int(2)}})}}));
  EXPECT_EQ(Effective("global.mysql.password"), Str("(sensitive)"));
}

// Another state manages the same instance under our name.
TEST_F(OthersTest, WhatOnlyOurOwnManagerHoldsIsPlannedToGo) {
  const cty::Value config = Config({{"values", Map({{"a", Int(1)}})}});
  Create(config);
  Json wrote = client_->Stored(Ref());
  wrote.erase("status");
  Json meta = Json::object();
  meta["labels"] = wrote["metadata"]["labels"];
  meta["labels"]["theirs"] = "x";
  meta["annotations"] = {{"note", "y"}};
  Json body = {{"kind", "WeightsAndBiases"},
               {"metadata", meta},
               {"spec",
                {{"chart", {{"url", "https://c.test"}, {"name", "o"}}},
                 {"values", {{"a", 1}, {"console", {{"replicaCount", 2}}}}}}}};
  ASSERT_TRUE(client_
                  ->Apply({}, Ref(), body,
                          {.field_manager = "terraform-provider-wandb"})
                  .ok());
  // What another manager holds as well stays.
  ApplyAs("gitops", {{"chart", {{"name", "o"}}}});
  Refresh();
  EXPECT_EQ(state_.At("configured_values").At("console.replicaCount"),
            Str("2"));
  EXPECT_EQ(OriginOf("console.replicaCount"), Str("custom_resource"));
  EXPECT_EQ(state_.At("labels").At("theirs"), Str("x"));
  EXPECT_EQ(state_.At("annotations").At("note"), Str("y"));
  EXPECT_EQ(state_.At("chart").At("url"), Str("https://c.test"));
  EXPECT_TRUE(state_.At("chart").At("name").IsNull());
  const cty::Value planned = Plan(state_, config, private_data_).planned;
  EXPECT_FALSE(
      planned.At("effective_values").fields().contains("console.replicaCount"));
  EXPECT_TRUE(planned.At("chart").IsNull());
  Change(config);
  EXPECT_EQ(Values(), Json({{"a", 1}}));
  const Json left = client_->Stored(Ref());
  EXPECT_EQ(left["spec"]["chart"], Json({{"name", "o"}}));
  EXPECT_FALSE(left["metadata"]["labels"].contains("theirs"));
}

// An update that took the object over from kubectl was cut off.
TEST_F(OthersTest, KubectlsCopyOfTheObjectIsNeitherShownNorStored) {
  const cty::Value config = Config({{"values", Map({{"a", Int(1)}})}});
  Create(config);
  Json live = client_->Stored(Ref());
  const Json body = {
      {"kind", "WeightsAndBiases"},
      {"metadata",
       {{"labels", live["metadata"]["labels"]},
        {"annotations", {{kube::kLastApplied, "CANARY"}, {"note", "y"}}}}},
      {"spec", live["spec"]}};
  ASSERT_TRUE(client_
                  ->Apply({}, Ref(), body,
                          {.field_manager = support::FakeSession::kManager})
                  .ok());
  Refresh();
  EXPECT_EQ(state_.At("annotations"),
            cty::Value::Map(kString, {{"note", Str("y")}}));
  EXPECT_THAT(private_data_.dump(), Not(HasSubstr("CANARY")));
  Change(config);
  EXPECT_FALSE(client_->Stored(Ref())["metadata"].contains("annotations"));
}

TEST_F(OthersTest, LabelsAndAnnotationsOfOthersAreNoDiff) {
  const cty::Value config = Config({{"values", Map({{"a", Int(1)}})}});
  Create(config);
  Edit({{"metadata",
         {{"labels", {{"team", "x"}}}, {"annotations", {{"note", "y"}}}}}});
  Refresh();
  EXPECT_EQ(Plan(state_, config, private_data_).planned, state_);
  Change(Config({{"values", Map({{"a", Int(2)}})}}));
  EXPECT_EQ(client_->Stored(Ref())["metadata"]["labels"]["team"], "x");
  EXPECT_EQ(client_->Stored(Ref())["metadata"]["annotations"]["note"], "y");
}

// ---- The two standard labels ----

TEST_F(OthersTest, LabelOfTheConfigurationWinsOverTheStandardOne) {
  const cty::Value labels =
      cty::Value::Map(kString, {{"app.kubernetes.io/instance", Str("argo")}});
  Create(Config({{"labels", labels}}));
  EXPECT_EQ(client_->Stored(Ref())["metadata"]["labels"],
            Json({{"app.kubernetes.io/instance", "argo"},
                  {"app.kubernetes.io/name", "weightsandbiases"}}));
}

TEST_F(OthersTest, StandardLabelThatAnotherManagerHoldsIsLeftToIt) {
  for (const bool applied : {true, false}) {
    client_->Remove(Ref());
    NewProcess();
    Create(Config({{"values", Map({{"a", Int(1)}})}}));
    const Json theirs = {{"labels", {{"app.kubernetes.io/instance", "argo"}}}};
    if (applied) {
      ASSERT_TRUE(
          client_
              ->Apply({}, Ref(),
                      {{"kind", "WeightsAndBiases"}, {"metadata", theirs}},
                      {.field_manager = "argocd", .force = true})
              .ok());
    } else {
      Edit({{"metadata", theirs}}, "argocd");
    }
    Refresh();
    const cty::Value config = Config({{"values", Map({{"a", Int(2)}})}});
    EXPECT_THAT(Plan(state_, config, private_data_).diags.items(), IsEmpty());
    Change(config);
    EXPECT_EQ(Values(), Json({{"a", 2}}));
    EXPECT_EQ(client_->Stored(
                  Ref())["metadata"]["labels"]["app.kubernetes.io/instance"],
              "argo");
  }
}

}  // namespace
}  // namespace resources
