// wandb_operator through the calls that core makes.
#include "tests/support/fake_replies.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// ---- Plan ----

TEST_F(OperatorTest, CreateOfDefaultsIsPlannedInFull) {
  const cty::Value planned = Planned({});
  EXPECT_EQ(planned.At("id"), Str("wandb/wandb"));
  EXPECT_EQ(planned.At("deployed_image"), Str("wandb/controller:1.22.0"));
  EXPECT_EQ(planned.At("image").At("tag"), Str("1.22.0"));
  EXPECT_TRUE(planned.At("objects").IsWhollyKnown());
  EXPECT_FALSE(planned.At("objects")
                   .At("Deployment/wandb/wandb-controller-manager")
                   .IsNull());
  EXPECT_TRUE(planned.At("crd_versions").IsUnknown());
  EXPECT_TRUE(planned.At("ready").IsUnknown());
  // It changes nothing.
  for (const auto& call : client_->calls()) {
    EXPECT_TRUE(call.verb == "GET" || call.verb == "LIST" || call.apply.dry_run)
        << call.verb;
  }
}

TEST_F(OperatorTest, PartOfAnImageKeepsTheDefaultsOfTheRest) {
  const cty::Value planned =
      Planned({{"image", Image({{"tag", Str("9.9.9")}})}});
  EXPECT_EQ(planned.At("deployed_image"), Str("wandb/controller:9.9.9"));
  EXPECT_EQ(planned.At("image").At("pull_policy"), Str("Always"));
}

TEST_F(OperatorTest, UnknownSettingOpensTheObjects) {
  const cty::Value planned =
      Planned({{"release_channel_url", cty::Value::Unknown(kString)}});
  EXPECT_TRUE(planned.At("objects").IsUnknown());
  EXPECT_TRUE(planned.At("deployed_image").IsUnknown());
  EXPECT_EQ(planned.At("id"), Str("wandb/wandb"));
}

TEST_F(OperatorTest, PlanInsideApplyAgreesWithTheEarlierOne) {
  const cty::Value open = cty::Value::Unknown(kString);
  const std::vector<std::pair<Fields, Fields>> cases = {
      {{{"namespace", open}}, {{"namespace", Str("ns")}}},
      {{{"image", Image({{"tag", open}})}},
       {{"image", Image({{"tag", Str("9.9.9")}})}}},
      {{{"release_channel_url", open}},
       {{"release_channel_url", Str("https://r.test")}}},
      {{{"release_channel_url", open}}, {{"release_channel_url", {}}}},
      {{{"airgapped", cty::Value::Unknown(cty::Type::Bool())}},
       {{"airgapped", Flag(true)}}}};
  for (size_t i = 0; i < cases.size(); ++i) {
    EXPECT_THAT(
        tf::ReplanFaults(Planned(cases[i].first), Planned(cases[i].second)),
        IsEmpty())
        << i;
  }
}

TEST_F(OperatorTest, InvalidCertificateIsAnErrorOnItsAttribute) {
  tf::Diagnostics diags;
  resource_->Validate(
      Make({{"custom_ca_certs", cty::Value::List(kString, {Str("no PEM")})}}),
      diags);
  ASSERT_TRUE(diags.HasError());
  EXPECT_EQ(diags.items()[0].path, cty::Path("custom_ca_certs"));
}

// ---- The plan of a replacement ----

class ReplacementTest : public OperatorTest {
 protected:
  void Create(Fields fields = {}) {
    const tf::RawApply call = Change(Nothing(), Make(std::move(fields)));
    ASSERT_FALSE(call.diags.HasError());
    state_ = call.state;
    private_data_ = call.private_data;
    client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"},
                 {{"kind", "WeightsAndBiases"}});
    client_->ClearCalls();
  }
  tf::RawPlan Replan(Fields fields) const {
    return Plan(state_, Make(std::move(fields)), private_data_);
  }

  cty::Value state_;
  Json private_data_;
};

TEST_F(ReplacementTest, IsAnErrorWhileInstancesExist) {
  Create();
  for (const auto& [attribute, value] :
       {std::pair("name", "other"), std::pair("namespace", "elsewhere")}) {
    session_->plan_notes().Clear();  // Each is a walk of its own.
    const tf::RawPlan call = Replan({{attribute, Str(value)}});
    ASSERT_TRUE(call.diags.HasError()) << attribute;
    ASSERT_THAT(call.diags.items(), SizeIs(1));
    EXPECT_EQ(call.diags.items()[0].path, cty::Path(attribute));
    EXPECT_THAT(call.diags.items()[0].summary, HasSubstr("wandb/wandb"));
    EXPECT_THAT(call.diags.items()[0].detail, HasSubstr("ml/w"));
  }
  for (const auto& made : client_->calls()) {
    EXPECT_TRUE(made.verb == "GET" || made.verb == "LIST") << made.verb;
  }
}

TEST_F(ReplacementTest, IsPlannedWhereItCanWork) {
  Create();
  // Nothing that is unknown, or does not answer, is a finding.
  EXPECT_FALSE(
      Replan({{"name", cty::Value::Unknown(kString)}}).diags.HasError());
  EXPECT_FALSE(Replan({{"airgapped", Flag(true)}}).diags.HasError());
  client_->SetUnreachable(true);
  EXPECT_FALSE(Replan({{"name", Str("other")}}).diags.HasError());
  client_->SetUnreachable(false);
  EXPECT_TRUE(Replan({{"name", Str("other")}}).diags.HasError());
  client_->Remove({"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"});
  EXPECT_FALSE(Replan({{"name", Str("other")}}).diags.HasError());
}

TEST_F(ReplacementTest, IsPlannedWhereNobodyNeedsTheOperator) {
  Create();
  const auto refused = [this] {
    return Replan({{"name", Str("other")}}).diags.HasError();
  };
  ASSERT_TRUE(refused());
  // Another operator runs them.
  const Json ours = client_->Stored(Deployment());
  Json theirs = ours;
  theirs["metadata"] = {{"labels", ours["metadata"]["labels"]}};
  const kube::ObjectRef other =
      kube::DeploymentRef("team-b", "b-controller-manager");
  client_->Put(other, theirs);
  EXPECT_FALSE(refused());
  // It does not run itself, or watches other namespaces.
  Json stopped = theirs;
  stopped["spec"]["replicas"] = 0;
  stopped["status"] = {{"observedGeneration", 99}};
  client_->Put(other, stopped);
  EXPECT_TRUE(refused());
  Json elsewhere = theirs;
  elsewhere["spec"]["template"]["spec"]["containers"][0]["args"] = {
      "--isolation-namespaces=team-b"};
  client_->Put(other, elsewhere);
  EXPECT_TRUE(refused());
  // Who may not look for others counts every instance.
  client_->Put(other, theirs);
  client_->FailAlways(kube::DeploymentRef("", ""),
                      support::Reply("GET", other, 403, ""));
  EXPECT_TRUE(refused());
  client_->FailAlways(kube::DeploymentRef("", ""), absl::OkStatus());
  client_->Remove(other);
  // Ours does not watch their namespace.
  Json isolated = ours;
  isolated["spec"]["template"]["spec"]["containers"][0]["args"] = {
      "--isolation-namespaces=wandb"};
  client_->Put(Deployment(), isolated);
  EXPECT_FALSE(refused());
}

// Somebody else's Deployment would lose the rights, and the definition its
// controller.
TEST_F(ReplacementTest, IsAnErrorWhereOnlyTheRightsAreLeft) {
  Create();
  const Json ours = client_->Stored(Deployment());
  client_->Remove(Deployment());
  EXPECT_TRUE(Replan({{"name", Str("other")}}).diags.HasError());
  Json again = ours;
  again["metadata"] = {{"labels", ours["metadata"]["labels"]}};
  client_->Put(Deployment(), again);
  EXPECT_TRUE(Replan({{"name", Str("other")}}).diags.HasError());
}

TEST_F(ReplacementTest, IsPlannedWithForce) {
  Create({{"force_destroy", Flag(true)}});
  EXPECT_FALSE(Replan({{"name", Str("other")}}).diags.HasError());
}

// Core plans it as a create, after it has read what it replaces.
TEST_F(ReplacementTest, InPlaceOfATaintedOneWarnsOfInstances) {
  Create();
  Read(state_, private_data_);
  const tf::RawPlan plan = Plan(Nothing(), Make({}));
  EXPECT_FALSE(plan.diags.HasError());
  EXPECT_THAT(Text(plan.diags),
              AllOf(HasSubstr("Replacement of operator wandb/wandb will fail"),
                    HasSubstr("ml/w")));
  // In whose place it is not the configuration tells, but the state.
  const cty::Value forced = Make({{"force_destroy", Flag(true)}});
  EXPECT_THAT(Text(Plan(Nothing(), forced).diags), HasSubstr("will fail"));
  const tf::RawApply changed = Change(state_, forced, private_data_);
  Read(changed.state, changed.private_data);
  EXPECT_THAT(Text(Plan(Nothing(), Make({})).diags),
              Not(HasSubstr("Replacement")));
}

// ---- Apply, read, delete ----

TEST_F(OperatorTest, CreateWritesEveryPlannedObjectAndWaits) {
  const tf::RawApply call = Change(Nothing(), Make({}));
  ASSERT_FALSE(call.diags.HasError()) << call.diags.items()[0].detail;
  EXPECT_EQ(call.state.At("ready"), Flag(true));
  EXPECT_EQ(call.state.At("crd_versions"),
            cty::Value::List(kString, {Str("v1")}));
  EXPECT_FALSE(client_->Stored(Deployment()).is_null());
  EXPECT_FALSE(client_->Stored(kube::NamespaceRef("wandb")).is_null());
}

TEST_F(OperatorTest, ReadAfterApplyFindsNoDrift) {
  const tf::RawApply applied = Change(Nothing(), Make({}));
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_FALSE(read.diags.HasError());
  EXPECT_EQ(read.state, applied.state);
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data).planned, read.state);
}

// For Kubernetes, 0 of 0 replicas are all there.
TEST_F(OperatorTest, AStoppedOperatorIsNotReady) {
  const tf::RawApply applied = Change(Nothing(), Make({}));
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  stopped["status"] = {{"observedGeneration", 99}};
  client_->Put(Deployment(), stopped, "kubectl-scale");
  const tf::RawRead read = Read(applied.state, applied.private_data);
  EXPECT_EQ(read.state.At("ready"), Flag(false));
  // Its instances need not say it any more.
  ASSERT_THAT(read.diags.items(), SizeIs(1));
  EXPECT_THAT(read.diags.items()[0].summary, HasSubstr("0 replicas"));
  EXPECT_FALSE(session_->said().First(StoppedOperator(Deployment())));
  // Applying again starts it.
  EXPECT_NE(Plan(read.state, Make({}), read.private_data).planned, read.state);
}

TEST_F(OperatorTest, NewTagUpdatesTheDeploymentAlone) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  const cty::Value config = Make({{"image", Image({{"tag", Str("9.9.9")}})}});
  const cty::Value planned =
      Plan(created.state, config, created.private_data).planned;
  std::vector<std::string> changed;
  for (const auto& [key, digest] : planned.At("objects").fields()) {
    if (!(created.state.At("objects").At(key) == digest)) {
      changed.push_back(key);
    }
  }
  EXPECT_THAT(changed,
              ElementsAre("Deployment/wandb/wandb-controller-manager"));
  const tf::RawApply updated =
      Change(created.state, config, created.private_data);
  EXPECT_FALSE(updated.diags.HasError());
  EXPECT_EQ(base::StringAt(client_->Stored(Deployment()),
                           "/spec/template/spec/containers/0/image"),
            "wandb/controller:9.9.9");
}

TEST_F(OperatorTest, HandEditShowsAndIsTakenBack) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  Json edited = client_->Stored(Deployment());
  const Json wanted = edited["spec"]["template"];
  edited["spec"]["template"]["spec"]["serviceAccountName"] = "other";
  client_->Put(Deployment(), edited, "kubectl-edit");
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_THAT(read.state.At("objects")
                  .At("Deployment/wandb/wandb-controller-manager")
                  .AsString(),
              HasSubstr("changed outside"));
  const tf::RawApply again = Change(read.state, Make({}), read.private_data);
  EXPECT_FALSE(again.diags.HasError());
  EXPECT_EQ(client_->Stored(Deployment())["spec"]["template"], wanted);
  EXPECT_EQ(again.state, created.state);
}

TEST_F(OperatorTest, VanishedObjectIsPlannedAgain) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->Remove(Deployment());
  const tf::RawRead read = Read(created.state, created.private_data);
  ASSERT_TRUE(read.state.IsKnown());
  EXPECT_TRUE(read.state.At("objects")
                  .At("Deployment/wandb/wandb-controller-manager")
                  .IsNull());
  Change(read.state, Make({}), read.private_data);
  EXPECT_FALSE(client_->Stored(Deployment()).is_null());
}

// A Deployment never gets ready.
void PlayFailure(support::FakeClient& client) {
  client.OnWrite([&client](const kube::ObjectRef& ref, const Json& object) {
    Json failed = object;
    if (ref.resource == "deployments") {
      failed["status"] = {
          {"observedGeneration", object["metadata"]["generation"]},
          {"conditions",
           {{{"type", "Progressing"},
             {"status", "False"},
             {"reason", "ProgressDeadlineExceeded"}}}}};
    } else if (ref.resource == "customresourcedefinitions") {
      failed["status"]["conditions"] = {
          {{"type", "NamesAccepted"}, {"status", "True"}},
          {{"type", "Established"}, {"status", "True"}}};
    } else {
      return;
    }
    client.Put(ref, failed, "controller");
  });
}

// wait_failure comes too late for what is tainted.
TEST_F(OperatorTest, AFailedCreateIsKeptByUntaintAlone) {
  PlayFailure(*client_);
  const tf::RawApply call = Change(Nothing(), Make({}));
  ASSERT_TRUE(call.diags.HasError());
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(HasSubstr("To keep them, run \"tofu untaint\""),
                    HasSubstr("wait_failure = \"warn\" keeps a later create "
                              "from being tainted, not this one."),
                    Not(HasSubstr("first, or"))));
}

TEST_F(OperatorTest, UnsuccessfulWaitMayBeAWarning) {
  PlayFailure(*client_);
  client_->Put(
      kube::ObjectIn(kube::PodsIn("wandb"), "wandb-controller-manager-x"),
      {{"kind", "Pod"},
       {"metadata", {{"labels", {{"control-plane", "controller-manager"}}}}},
       {"status",
        {{"containerStatuses",
          {{{"name", "manager"},
            {"state", {{"waiting", {{"reason", "ErrImagePull"}}}}}}}}}}});
  // Of an operator that had these names before.
  client_->Put(kube::ObjectIn(kube::EventsIn("wandb"), "old"),
               {{"kind", "Event"},
                {"type", "Warning"},
                {"reason", "FailedScheduling"},
                {"lastTimestamp", "2024-01-01T00:00:00Z"},
                {"involvedObject",
                 {{"kind", "Pod"},
                  {"name", "wandb-controller-manager-gone-1"},
                  {"uid", "u-gone"}}}});
  const cty::Value config = Make({{"wait_failure", Str("warn")}});
  const tf::RawApply call = Change(Nothing(), config);
  EXPECT_FALSE(call.diags.HasError());
  ASSERT_THAT(call.diags.items(), SizeIs(1));
  EXPECT_EQ(call.diags.items()[0].summary,
            "Operator wandb/wandb not ready: 0 of 1 new pods ready");
  EXPECT_THAT(call.diags.items()[0].detail,
              AllOf(StartsWith("pod wandb-controller-manager-x: container "
                               "manager: ErrImagePull"),
                    Not(HasSubstr("FailedScheduling"))));
  EXPECT_EQ(call.state.At("ready"), Flag(false));
  // The next plan waits again.
  EXPECT_TRUE(Plan(call.state, config, call.private_data)
                  .planned.At("ready")
                  .IsUnknown());
}

TEST_F(OperatorTest, DestroyRemovesWhatCreateMadeExceptTheCrd) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  const tf::RawApply call =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_TRUE(call.state.IsNull());
  EXPECT_TRUE(client_->Stored(Deployment()).is_null());
  EXPECT_TRUE(client_->Stored(kube::NamespaceRef("wandb")).is_null());
  // With the CRD every instance of the cluster would go.
  EXPECT_FALSE(client_->Stored(kube::CrdRef("weightsandbiases.apps.wandb.com"))
                   .is_null());
}

TEST_F(OperatorTest, NamespaceThatWasThereStays) {
  client_->Put(kube::NamespaceRef("wandb"),
               {{"apiVersion", "v1"}, {"kind", "Namespace"}}, "kubectl");
  const tf::RawApply created = Change(Nothing(), Make({}));
  ASSERT_FALSE(created.diags.HasError());
  Change(created.state, Nothing(), created.private_data);
  EXPECT_TRUE(client_->Stored(Deployment()).is_null());
  EXPECT_FALSE(client_->Stored(kube::NamespaceRef("wandb")).is_null());
}

TEST_F(OperatorTest, DestroyIsRefusedWhileInstancesExist) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->Put({"apps.wandb.com", "v1", "weightsandbiases", "default", "w"},
               {{"kind", "WeightsAndBiases"}});
  const tf::RawApply refused =
      Change(created.state, Nothing(), created.private_data);
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_THAT(refused.diags.items()[0].detail, HasSubstr("default/w"));
  EXPECT_EQ(refused.state, created.state);
  EXPECT_FALSE(client_->Stored(Deployment()).is_null());
  Fields forced = created.state.fields();
  forced["force_destroy"] = Flag(true);
  EXPECT_TRUE(Change(Make(std::move(forced)), Nothing(), refused.private_data)
                  .state.IsNull());
  EXPECT_TRUE(client_->Stored(Deployment()).is_null());
}

TEST_F(OperatorTest, SuccessorOfOurObjectIsKept) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->Remove(Deployment());
  client_->Put(Deployment(), {{"kind", "Deployment"}}, "helm");
  const tf::RawApply call =
      Change(created.state, Nothing(), created.private_data);
  EXPECT_FALSE(call.diags.HasError());
  EXPECT_FALSE(client_->Stored(Deployment()).is_null());
  ASSERT_FALSE(call.diags.items().empty());
  EXPECT_THAT(call.diags.items()[0].summary, HasSubstr("was kept"));
}

TEST_F(OperatorTest, ReadErrorKeepsTheState) {
  const tf::RawApply created = Change(Nothing(), Make({}));
  client_->SetUnreachable(true);
  const tf::RawRead read = Read(created.state, created.private_data);
  EXPECT_TRUE(read.diags.HasError());
  EXPECT_EQ(read.state, created.state);
}

}  // namespace
}  // namespace resources
