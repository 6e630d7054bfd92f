// What a plan says of the operator that is to run a wandb_instance.
#include "resources/instance/operator_look.h"

#include "absl/strings/str_cat.h"
#include "tests/support/fake_replies.h"
#include "tests/support/readiness_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class OperatorAtPlanTest : public ReadinessTest {
 protected:
  // "warning: summary" of the plan of an update that changes one value.
  std::vector<std::string> Says(Fields more = {}) {
    Fields fields = {{"operator", Str("wandb/wandb")},
                     {"values", Map({{"a", Int(1)}})}};
    for (const auto& [name, value] : more) fields[name] = value;
    const Applied applied = Ready(fields);
    fields["values"] = Map({{"a", Int(2)}});
    const tf::RawPlan plan =
        Plan(applied.state, Make(fields), applied.private_data);
    return Lines(plan.diags);
  }
  static std::vector<std::string> Lines(const tf::Diagnostics& diags) {
    std::vector<std::string> said;
    for (const tf::Diagnostic& diag : diags.items()) {
      said.push_back(absl::StrCat(
          diag.severity == tf::Severity::kError ? "error: " : "warning: ",
          diag.summary));
    }
    return said;
  }
};

TEST_F(OperatorAtPlanTest, AnUpdateIsWarnedOfAnOperatorThatDoesNotRun) {
  EXPECT_THAT(Says(), ElementsAre());
  PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
  EXPECT_THAT(Says(), ElementsAre("warning: Instance default/wandb: The W&B "
                                  "operator is not running"));
  client_->Remove(kDeployment);
  EXPECT_THAT(Says(), ElementsAre("warning: Instance default/wandb: The W&B "
                                  "operator is not running"));
  client_->FailAlways(kDeployment, support::Reply("GET", kDeployment, 403, ""));
  EXPECT_THAT(Says(), ElementsAre());
}

// The wait asks for the operator whatever the update writes, and a value that
// is not known yet says nothing of the operator.
TEST_F(OperatorAtPlanTest, AnyUpdateThatWaitsIsWarnedOfAMissingOperator) {
  const Fields fields = {{"operator", Str("wandb/wandb")},
                         {"values", Map({{"a", Int(1)}})}};
  const Applied applied = Ready(fields);
  client_->Remove(kDeployment);
  const std::pair<const char*, cty::Value> kChanges[] = {
      {"values", Map({{"a", UnknownStr()}})},
      {"values", Map({{"a", cty::Value::Unknown(cty::Type::Dynamic())}})},
      {"labels", cty::Value::Map(kString, {{"team", Str("ml")}})}};
  for (const auto& [name, value] : kChanges) {
    Fields changed = fields;
    changed[name] = value;
    EXPECT_THAT(
        Lines(Plan(applied.state, Make(changed), applied.private_data).diags),
        ElementsAre("warning: Instance default/wandb: The W&B operator "
                    "is not running"))
        << name;
  }
  // Nobody waits for it, and nothing is for it.
  Fields idle = fields;
  idle["wait"] = Flag(false);
  const Applied unwaited = Ready(idle);
  idle["labels"] = cty::Value::Map(kString, {{"team", Str("ml")}});
  EXPECT_THAT(
      Lines(Plan(unwaited.state, Make(idle), unwaited.private_data).diags),
      ElementsAre());
}

// With its definition the operator takes the instances along: what is then
// planned is a create.
TEST_F(OperatorAtPlanTest, AnInstanceThatWentWithItsOperatorIsNotSilent) {
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  client_->Remove(kDeployment);
  EXPECT_THAT(Lines(Plan(Nothing(), applied.config).diags), ElementsAre());
  EXPECT_TRUE(Read(applied.state, applied.private_data).state.IsNull());
  const tf::RawPlan plan = Plan(Nothing(), applied.config);
  ASSERT_THAT(Lines(plan.diags),
              ElementsAre("warning: Instance default/wandb: The W&B operator "
                          "is not running"));
  EXPECT_THAT(plan.diags.items()[0].detail,
              HasSubstr("unless the same apply changes it"));
}

TEST_F(OperatorAtPlanTest, AirgappedOnOneSideOnlyIsSaid) {
  EXPECT_THAT(Says({{"airgapped", Flag(true)}}),
              ElementsAre(HasSubstr("warning: Instance default/wandb: The "
                                    "instance is air-gapped")));
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  EXPECT_THAT(Says({{"airgapped", Flag(true)}}), ElementsAre());
  EXPECT_THAT(Says(),
              ElementsAre(HasSubstr("error: Instance default/wandb: The W&B "
                                    "operator is air-gapped")));
  // Without `operator`, another one may be meant.
  EXPECT_THAT(Says({{"operator", cty::Value::Null(kString)}}),
              ElementsAre(StartsWith("warning: ")));
}

// The operator may be changed by the same apply.
TEST_F(OperatorAtPlanTest, LeavingAirgappedIsNoError) {
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  const Fields fields = {{"operator", Str("wandb/wandb")},
                         {"airgapped", Flag(true)}};
  const Applied applied = Ready(fields);
  const tf::RawPlan plan =
      Plan(applied.state, Make({{"operator", Str("wandb/wandb")}}),
           applied.private_data);
  EXPECT_THAT(Lines(plan.diags), ElementsAre(StartsWith("warning: ")));
}

TEST_F(OperatorAtPlanTest, AMisspeltOperatorIsCorrected) {
  const auto warning = [](const tf::Diagnostics& diags) {
    std::vector<std::string> said;
    for (const tf::Diagnostic& diag : diags.items()) {
      EXPECT_EQ(diag.severity, tf::Severity::kWarning);
      said.push_back(absl::StrCat(diag.summary, ": ", diag.detail));
    }
    return said;
  };
  const auto expected = ElementsAre(
      AllOf(StartsWith("Instance default/wandb: There is no operator "
                       "wandb/wand: "),
            HasSubstr("wandb/wandb (Deployment "
                      "\"wandb/wandb-controller-manager\") runs this "
                      "instance: correct `operator`: operator = "
                      "\"wandb/wandb\"."),
            HasSubstr("Unless the same apply installs wandb/wand")));
  const Fields wrong = {{"operator", Str("wandb/wand")}};
  EXPECT_THAT(warning(PlanCreate(wrong).diags), expected);
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  EXPECT_THAT(
      warning(Plan(applied.state, Make(wrong), applied.private_data).diags),
      expected);
  // Made otherwise, so that no id stands for it.
  kube::ObjectRef other = kDeployment;
  other.name = "release-manager";
  Json deployment = client_->Stored(kDeployment);
  deployment["metadata"]["name"] = other.name;
  client_->Remove(kDeployment);
  client_->Put(other, deployment);
  EXPECT_THAT(warning(PlanCreate(wrong).diags),
              ElementsAre(HasSubstr("runs this instance: leave `operator` "
                                    "out.")));
  // None runs it: this apply may bring the one that is meant.
  client_->Remove(other);
  NewProcess();  // One that has seen no instance of the name.
  EXPECT_THAT(warning(PlanCreate(wrong).diags), ElementsAre());
}

TEST_F(OperatorAtPlanTest, APlanWithoutChangesDoesNotAsk) {
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  client_->ClearCalls();
  Plan(applied.state, applied.config, applied.private_data);
  EXPECT_THAT(client_->CallLines(), ElementsAre());
}

TEST_F(OperatorAtPlanTest, OfACreateLeavesWhatTheApplyMayBring) {
  const auto says = [&] {
    tf::Diagnostics diags;
    ReportOperator(LookAtOperator({}, *client_, model_), model_, std::nullopt,
                   /*fresh=*/true, diags);
    return Lines(diags);
  };
  EXPECT_THAT(says(), ElementsAre());
  client_->Remove(kDeployment);
  EXPECT_THAT(says(), ElementsAre());
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  EXPECT_THAT(says(), ElementsAre(StartsWith("error: ")));
}

}  // namespace
}  // namespace resources
