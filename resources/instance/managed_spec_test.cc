// ConfigMap `wandb-spec-managed` in the place of the release channel.
#include <algorithm>

#include "gmock/gmock.h"
#include "tests/support/fake_replies.h"
#include "tests/support/pin_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char kLine[] = "GET ConfigMap \"default/wandb-spec-managed\"";
const char kChart[] =
    R"({"url":"https://charts.test","name":"operator-wandb","version":"1.2.3"})";

class ManagedSpecTest : public PinTest {
 protected:
  // Applied over release r1, which the operator has applied, too.
  void Install(Fields more = {}, bool airgapped = false) {
    more.emplace("checks", Str("warn"));
    more.emplace("check_levels",
                 cty::Value::Map(kString, {{"chart-missing", Str("off")},
                                           {"unknown-key", Str("off")}}));
    more.emplace("airgapped", Flag(airgapped));
    config_ = Free(std::move(more));
    const tf::RawApply created = Change(Nothing(), config_);
    ASSERT_FALSE(created.diags.HasError()) << Text(created.diags);
    state_ = created.state;
    private_data_ = created.private_data;
    PutUserInputOfLive("{}");
    PutRelease("r1", "0.70.0");
    PutActive("0.70.0", "0.43.8");
  }
  // An operator that takes managed specs, or does not.
  void PutSwitch(const char* value) { PutOperatorOf(*cluster_, value); }
  static void PutOperatorOf(support::FaultyClient& cluster, const char* value) {
    cluster.Put(
        kube::DeploymentRef("wandb", "wandb-controller-manager"),
        {{"kind", "Deployment"},
         {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
         {"spec",
          {{"template",
            {{"spec",
              {{"containers",
                {{{"name", "manager"},
                  {"image", "wandb/controller:1.23.0"},
                  {"env",
                   {{{"name", "MANAGED_SPEC_ENABLED"},
                     {"value", value}}}}}}}}}}}}}});
  }
  static kube::ObjectRef Managed() {
    return kube::ConfigMapRef("default", "wandb-spec-managed");
  }
  void PutManaged(const std::string& tag, const std::string& chart = kChart) {
    const Json values = {{"app", {{"image", {{"tag", tag}}}}},
                         {"db", {{"password", "canary"}}}};
    PutManagedText(values.dump(), chart);
  }
  void PutManagedText(const std::string& values, const std::string& chart) {
    cluster_->Put(Managed(),
                  {{"kind", "ConfigMap"},
                   {"metadata",
                    {{"name", "wandb-spec-managed"}, {"namespace", "default"}}},
                   {"data", {{"values", values}, {"chart", chart}}}});
  }
  // What the operator has applied.
  void PutActive(const std::string& tag, const std::string& chart,
                 bool managed = false) {
    Json values = {
        {"app", {{"image", {{"tag", tag}}}}},
        {"global",
         {{"operator",
           {{"apiVersion", "apps.wandb.com/v1"}, {"namespace", "wandb"}}}}}};
    if (managed) values["db"] = {{"password", "canary"}};
    const Json from = {{"url", "https://charts.test"},
                       {"name", "operator-wandb"},
                       {"version", chart}};
    cluster_->Put(kube::SecretRef("default", "wandb-spec-active"),
                  {{"kind", "Secret"},
                   {"data",
                    {{"values", Encoded(values.dump())},
                     {"chart", Encoded(from.dump())}}}});
  }
  std::string Refresh() {
    cluster_->ClearCalls();
    const tf::RawRead read = Read(state_, private_data_);
    EXPECT_FALSE(read.diags.HasError()) << Text(read.diags);
    state_ = read.state;
    private_data_ = read.private_data;
    EXPECT_THAT(Text(read.diags), Not(HasSubstr("canary")));
    EXPECT_THAT(private_data_.dump(), Not(HasSubstr("canary")));
    return Text(read.diags);
  }
  bool Asked(const std::string& line) const {
    const auto lines = cluster_->CallLines();
    return std::count(lines.begin(), lines.end(), line) > 0;
  }
  std::string At(const char* attribute, const char* path) const {
    const auto& fields = state_.At(attribute).fields();
    const auto it = fields.find(path);
    return it == fields.end() ? "" : it->second.AsString();
  }

  cty::Value config_, state_;
  Json private_data_;
};

TEST_F(ManagedSpecTest, NobodyAsksForItWhereTheOperatorHasAppliedTheRelease) {
  Install();
  PutManaged("0.80.0");  // Which this operator does not know of.
  EXPECT_EQ(Refresh(), "");
  EXPECT_FALSE(Asked(kLine));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "release_channel");
}

TEST_F(ManagedSpecTest, WhatWasAppliedTellsThatTheOperatorTakesIt) {
  Install();
  Refresh();
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  EXPECT_THAT(
      Refresh(),
      AllOf(HasSubstr("managed spec (ConfigMap wandb-spec-managed), in place "
                      "of the release channel: release r1 -> (none), chart "
                      "0.43.8 -> 1.2.3, W&B Server 0.70.0 -> 0.80.0"),
            Not(HasSubstr("release_id")), Not(HasSubstr("has not applied"))));
  EXPECT_EQ(At("effective_values", "app.image.tag"), "0.80.0");
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "managed_spec");
  EXPECT_EQ(state_.At("release_metadata").fields().size(), 0U);
  // From then on it is among the first requests, and no news.
  EXPECT_EQ(Refresh(), "");
  EXPECT_TRUE(Asked(kLine));
  PutManaged("0.81.0");
  PutActive("0.81.0", "1.2.3", true);
  EXPECT_THAT(Refresh(),
              AllOf(HasSubstr("managed spec (ConfigMap wandb-spec-managed): 1 "
                              "value changed"),
                    HasSubstr("app.image.tag: 0.80.0 -> 0.81.0")));
}

TEST_F(ManagedSpecTest, TheDeploymentTellsWhereNothingIsAppliedYet) {
  Install();
  PutSwitch("true");
  PutManaged("0.80.0");
  PutActive("0.60.0", "0.43.8");
  EXPECT_THAT(Refresh(),
              AllOf(HasSubstr("has not applied the specification"),
                    HasSubstr("0.80.0"), Not(HasSubstr("0.70.0\""))));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "managed_spec");
}

TEST_F(ManagedSpecTest, AnOperatorWithoutTheSwitchGoesByTheChannel) {
  Install();
  PutSwitch("false");
  PutManaged("0.80.0");
  PutActive("0.60.0", "0.43.8");
  EXPECT_THAT(Refresh(), HasSubstr("has not applied the specification"));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "release_channel");
  Refresh();
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "release_channel");
}

TEST_F(ManagedSpecTest, AnOperatorThatLosesTheSwitchGoesByTheChannelAgain) {
  Install();
  PutSwitch("true");
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  Refresh();
  PutSwitch("false");
  PutActive("0.70.0", "0.43.8");
  EXPECT_THAT(Refresh(), HasSubstr("release channel, in place of the managed "
                                   "spec (ConfigMap wandb-spec-managed)"));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "release_channel");
  // Applied before the ConfigMap was made, says nothing of the switch.
  PutSwitch("true");
  PutActive("0.80.0", "1.2.3", true);
  Refresh();
  PutActive("0.70.0", "0.43.8");
  EXPECT_THAT(Refresh(), HasSubstr("has not applied the specification"));
}

TEST_F(ManagedSpecTest, AConfigMapThatGoesGivesTheChannelBack) {
  Install();
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  Refresh();
  ASSERT_TRUE(cluster_->Delete({}, Managed(), {}).ok());
  PutActive("0.70.0", "0.43.8");
  EXPECT_THAT(Refresh(), HasSubstr("release channel, in place of the managed"));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "release_channel");
}

TEST_F(ManagedSpecTest, OneThatTheOperatorPassesOverIsWarnedOf) {
  Install({{"operator", Str("wandb/wandb")}});
  // As the refresh of its wandb_operator has seen.
  session_->plan_notes().NoteManagedSpec("wandb/wandb", true);
  PutManagedText(R"({"canary")", kChart);
  EXPECT_THAT(
      Refresh(),
      AllOf(HasSubstr("The operator does not use the managed spec of "
                      "default/wandb\nConfigMap default/wandb-spec-managed, "
                      "data key `values`"),
            HasSubstr("what the release channel says"), HasSubstr("Correct")));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "release_channel");
  PutManaged("0.80.0", "{}");
  EXPECT_THAT(Refresh(), HasSubstr("data key `chart`"));
}

TEST_F(ManagedSpecTest, AMissingRightIsAWarningThatNamesIt) {
  Install();
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  Refresh();
  cluster_->FailAlways(Managed(), support::Reply("GET", Managed(), 403, ""));
  EXPECT_THAT(Refresh(),
              AllOf(HasSubstr("The managed spec of default/wandb cannot be "
                              "read"),
                    HasSubstr("configmaps"),
                    HasSubstr("computed from what was last seen")));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "managed_spec");
}

TEST_F(ManagedSpecTest, AServerThatFailsIsAnError) {
  Install();
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  Refresh();
  cluster_->FailAlways(Managed(), support::Reply("GET", Managed(), 500, ""));
  EXPECT_TRUE(Read(state_, private_data_).diags.HasError());
}

TEST_F(ManagedSpecTest, APlanGoesByItAndWritesNoSecretOfIt) {
  Install();
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  Refresh();
  const tf::RawPlan plan =
      Plan(state_, Free({{"host", Str("https://w.test")}}), private_data_);
  ASSERT_FALSE(plan.diags.HasError()) << Text(plan.diags);
  const auto model = tf::Codec<InstanceModel>::Decode(plan.planned);
  ASSERT_TRUE(model.effective_values.IsKnown());
  EXPECT_EQ(model.version.value(), "0.80.0");
  EXPECT_EQ(model.effective_chart.value().version.value(), "1.2.3");
  EXPECT_NE(model.effective_values.fields().at("db.password").AsString(),
            "canary");
}

TEST_F(ManagedSpecTest, WithItAnAirgappedInstanceHasAChart) {
  Install({}, true);
  PutManaged("0.80.0");
  PutActive("0.80.0", "1.2.3", true);
  EXPECT_THAT(Refresh(), Not(HasSubstr("names a chart")));
  EXPECT_EQ(At("effective_origin", "app.image.tag"), "managed_spec");
}

TEST_F(ManagedSpecTest, AReleaseIdBesideItIsSaidToHaveNoEffect) {
  Install({{"release_id", Str("r1")}});
  PutUserInputOfLive(R"({"_releaseId":"r1"})");
  PutManaged("0.80.0");
  PutSwitch("true");
  EXPECT_THAT(Refresh(),
              AllOf(HasSubstr("The pinned release of default/wandb is not "
                              "used"),
                    HasSubstr("default/wandb-spec-managed")));
}

}  // namespace
}  // namespace resources
