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
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class OperatorAtPlanTest : public ReadinessTest {
 protected:
  // "warning: summary" of the plan of an update that changes one value.
  std::vector<std::string> Says(const Fields& more = {}) {
    Fields fields = {{"operator", Str("wandb/wandb")},
                     {"values", Map({{"a", Int(1)}})}};
    for (const auto& [name, value] : more) fields[name] = value;
    const Applied applied = Ready(fields);
    session_->said().Clear();
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
    session_->said().Clear();
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

// What the operator becomes, its own plan says.
TEST_F(OperatorAtPlanTest,
       APlannedChangeOfTheOperatorIsHeldAgainstTheInstance) {
  const Fields open = {{"operator", Str("wandb/wandb")}};
  Fields closed = open;
  closed["airgapped"] = Flag(true);
  const auto says = [this](const Fields& fields, bool of_operator) {
    const Applied applied = Ready(fields);
    session_->said().Clear();
    session_->plan_notes().NoteAirgapped("wandb/wandb", of_operator);
    const auto lines =
        Lines(Plan(applied.state, applied.config, applied.private_data).diags);
    session_->plan_notes().Clear();
    return lines;
  };
  EXPECT_THAT(says(open, true),
              ElementsAre("error: Instance default/wandb: The W&B operator is "
                          "air-gapped, and the instance does not say so"));
  EXPECT_THAT(says(open, false), ElementsAre());
  EXPECT_THAT(says(closed, false),
              ElementsAre("warning: Instance default/wandb: The instance is "
                          "air-gapped, and its W&B operator is not"));
  EXPECT_THAT(says(closed, true), ElementsAre());
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
      IsEmpty());  // It is said already.
  NewProcess();
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
                   /*comes=*/true, session_->said(), diags);
    return Lines(diags);
  };
  EXPECT_THAT(says(), ElementsAre());
  client_->Remove(kDeployment);
  EXPECT_THAT(says(), ElementsAre());
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  EXPECT_THAT(says(), ElementsAre(StartsWith("error: ")));
}

TEST_F(OperatorAtPlanTest, ACreateWithoutOperatorIsWarnedOfOneThatIsStopped) {
  const auto says = [this](Fields fields) {
    NewProcess();  // One that has seen no instance of the name.
    return Lines(PlanCreate(std::move(fields)).diags);
  };
  EXPECT_THAT(says({}), ElementsAre());
  PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
  EXPECT_THAT(says({}), ElementsAre("warning: Instance default/wandb: The W&B "
                                    "operator is not running"));
  // Nobody waits for it.
  EXPECT_THAT(says({{"wait", Flag(false)}}), ElementsAre());
  const kube::ObjectRef all = kube::DeploymentRef("", "");
  client_->FailAlways(all, support::Reply("GET", all, 403, ""));
  EXPECT_THAT(says({}), ElementsAre());
}

TEST_F(OperatorAtPlanTest, WhatIsWrongWithTheInstanceIsSaidOfEach) {
  const auto says = [this](const char* name, Fields fields) {
    fields["name"] = Str(name);
    fields["operator"] = Str("wandb/wandb");
    return Lines(PlanCreate(std::move(fields)).diags);
  };
  const Fields airgapped = {{"airgapped", Flag(true)}};
  EXPECT_THAT(says("a", airgapped),
              ElementsAre(HasSubstr("default/a: The instance is air-gapped")));
  EXPECT_THAT(says("b", airgapped),
              ElementsAre(HasSubstr("default/b: The instance is air-gapped")));
  // This is about the operator alone.
  PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
  EXPECT_THAT(says("a", {}), ElementsAre(HasSubstr("is not running")));
  EXPECT_THAT(says("b", {}), ElementsAre());
  // An error is never left out.
  PutOperator([](Json& d) { ContainerOf(d)["env"][0]["value"] = "true"; });
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(says("a", {}), ElementsAre(StartsWith("error: ")));
  }
}

TEST_F(OperatorAtPlanTest, ACreateThatNothingWillRunIsSaid) {
  client_->Remove(kDeployment);
  const auto says = [this](Fields fields) {
    return PlanCreate(std::move(fields)).diags;
  };
  const tf::Diagnostics none = says({});
  ASSERT_THAT(Lines(none), ElementsAre("warning: Instance default/wandb: No "
                                       "W&B operator was found"));
  EXPECT_THAT(none.items()[0].detail,
              AllOf(HasSubstr("set operator = wandb_operator.NAME.id"),
                    HasSubstr("Unless the same apply brings one")));
  // Nobody waits for it, or its wandb_operator is not known yet.
  EXPECT_THAT(Lines(says({{"wait", Flag(false)}})), ElementsAre());
  EXPECT_THAT(Lines(says({{"operator", UnknownStr()}})), ElementsAre());
  // The same plan has one.
  session_->plan_notes().NoteOperatorStays("wandb/wandb", true);
  EXPECT_THAT(Lines(says({})), ElementsAre());
}

// One that does not watch the namespace is somebody else's.
class OperatorsOfOthersTest : public OperatorAtPlanTest {
 protected:
  // Of team-a alone, beside ours.
  void PutIsolated() {
    Json deployment = client_->Stored(kDeployment);
    ContainerOf(deployment)["args"] = {"--isolation-namespaces=team-a"};
    deployment["spec"]["replicas"] = 1;
    deployment["metadata"] = {{"labels", deployment["metadata"]["labels"]},
                              {"namespace", "team-a"},
                              {"name", "iso-cm"}};
    client_->Put(kube::DeploymentRef("team-a", "iso-cm"), deployment);
  }
  void Stop() {
    PutOperator([](Json& d) { d["spec"]["replicas"] = 0; });
  }
  std::string Detail() {
    const OperatorLook look = LookAtOperator({}, *client_, model_);
    EXPECT_EQ(look.faults.size(), 1U);
    return look.faults.empty() ? "" : look.faults[0].detail;
  }
};

TEST_F(OperatorsOfOthersTest, AreNotBlamedForTheOneThatIsStopped) {
  model_.operator_id = {};
  Stop();
  PutIsolated();
  EXPECT_THAT(Detail(),
              AllOf(HasSubstr("\"wandb/wandb-controller-manager\" is scaled to "
                              "0 replicas"),
                    Not(HasSubstr("team-a"))));
  // Nor is their log read for it.
  EXPECT_EQ(kube::NameOf(LookAtOperator({}, *client_, model_).deployment),
            kDeployment.name);
  PutInstance();
  const Readiness readiness = Await(kQuick);
  EXPECT_EQ(readiness.summary, "The W&B operator is not running");
  EXPECT_THAT(Details(readiness), Not(HasSubstr("iso-cm")));
}

TEST_F(OperatorsOfOthersTest, AreSpokenOfOnlyWhereNoOtherIsThere) {
  PutIsolated();
  client_->Remove(kDeployment);
  model_.operator_id = {};
  const OperatorLook look = LookAtOperator({}, *client_, model_);
  ASSERT_EQ(look.faults.size(), 1U);
  EXPECT_EQ(look.faults[0].summary,
            "No W&B operator watches namespace \"default\"");
  EXPECT_THAT(look.faults[0].detail,
              AllOf(HasSubstr("Deployment \"team-a/iso-cm\": team-a"),
                    Not(HasSubstr("Put the instance into"))));
  EXPECT_TRUE(look.deployment.is_null());
  // The same apply may bring one that does.
  tf::Diagnostics diags;
  ReportOperator(look, model_, std::nullopt, /*comes=*/true, session_->said(),
                 diags);
  EXPECT_THAT(Lines(diags), ElementsAre());
  ReportOperator(look, model_, std::nullopt, /*comes=*/false, session_->said(),
                 diags);
  EXPECT_THAT(Lines(diags),
              ElementsAre(HasSubstr("No W&B operator watches namespace")));
}

TEST_F(OperatorsOfOthersTest, AreOnesOwnWhereTheyAreNamed) {
  PutIsolated();
  Json isolated = client_->Stored(kube::DeploymentRef("team-a", "iso-cm"));
  isolated["metadata"]["name"] = "iso-controller-manager";
  client_->Put(kube::DeploymentRef("team-a", "iso-controller-manager"),
               isolated);
  model_.operator_id = std::string("team-a/iso");
  EXPECT_THAT(Detail(), HasSubstr("is isolated: it watches only the namespaces "
                                  "team-a"));
}

TEST_F(OperatorsOfOthersTest,
       ThatRunsThoughNotAsPlannedComesBeforeAStoppedOne) {
  model_.operator_id = {};
  Stop();
  Json other = client_->Stored(kDeployment);
  other["spec"]["replicas"] = 1;
  ContainerOf(other)["env"][0]["value"] = "true";
  other["metadata"] = {{"labels", other["metadata"]["labels"]},
                       {"namespace", "zz"},
                       {"name", "zz"}};
  client_->Put(kube::DeploymentRef("zz", "zz"), other);
  EXPECT_THAT(Detail(), HasSubstr("\"zz/zz\" runs air-gapped"));
}

// What is to go is not moved.
TEST_F(OperatorsOfOthersTest, ADestroyIsNotToldToMoveTheInstance) {
  PutOperator([](Json& d) {
    ContainerOf(d)["args"] = {"--isolation-namespaces=team-a"};
  });
  PutInstance();
  Json live = client_->Stored(Ref());
  live["metadata"]["finalizers"] = {"finalizer.app.wandb.com"};
  client_->Put(Ref(), live, "operator");
  const Applied applied = Ready({{"operator", Str("wandb/wandb")}});
  Fields fields = applied.state.fields();
  fields["uid"] = Str(kube::UidOf(client_->Stored(Ref())));
  std::string said;
  const tf::RawPlan plan = Plan(Make(fields), Nothing(), applied.private_data);
  for (const tf::Diagnostic& item : plan.diags.items()) {
    absl::StrAppend(&said, item.detail, "\n");
  }
  EXPECT_THAT(said, AllOf(HasSubstr("is isolated: it watches only"),
                          HasSubstr("until the instance is gone"),
                          Not(HasSubstr("Put the instance into"))));
}

}  // namespace
}  // namespace resources
