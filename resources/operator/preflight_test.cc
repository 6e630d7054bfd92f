// What the plans of wandb_operator ask the cluster, and say of its answers.
#include "resources/operator/preflight.h"

#include "kube/forwarding_client.h"
#include "resources/operator/resource.h"
#include "tests/support/operator_plan_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class OperatorPreflightTest : public OperatorPlanTest {
 protected:
  // Has `manager` apply the replicas of the Deployment.
  void ApplyReplicas(const std::string& manager) const {
    Json body = {
        {"apiVersion", "apps/v1"},
        {"kind", "Deployment"},
        {"metadata", {{"name", Deployment().name}, {"namespace", "wandb"}}},
        {"spec", {{"replicas", 2}}}};
    const auto applied = client_->Apply(
        {}, Deployment(), body, {.field_manager = manager, .force = true});
    ASSERT_TRUE(applied.ok()) << applied.status();
    client_->ClearCalls();
  }
  void PutOther(const std::string& ns, int replicas,
                const std::string& argument = "") const {
    Json other = (*wandb::OperatorManifests({})).back();
    other["metadata"]["namespace"] = ns;
    other["metadata"].erase("annotations");
    other["spec"]["replicas"] = replicas;
    if (!argument.empty()) {
      other["spec"]["template"]["spec"]["containers"][0]["args"] = {argument};
    }
    client_->Put(kube::DeploymentRef(ns, "b-controller-manager"), other);
  }
  const kube::ObjectRef kInstance = {"apps.wandb.com", "v1", "weightsandbiases",
                                     "ml", "w"};
  void PutOurInstance() const {
    ASSERT_TRUE(client_
                    ->Apply({}, kInstance,
                            {{"kind", "WeightsAndBiases"},
                             {"spec", {{"values", {{"a", 1}}}}}},
                            {.field_manager = session_->field_manager()})
                    .ok());
  }
  void PutInstance() const {
    client_->Put(kInstance, {{"kind", "WeightsAndBiases"}});
  }
};

// ---- The create ----

TEST_F(OperatorPreflightTest, NothingIsSaidWhereNothingIsInTheWay) {
  EXPECT_THAT(PlanCreate().diags.items(), IsEmpty());
  client_->RequireNamespaces(true);
  EXPECT_THAT(PlanCreate().diags.items(), IsEmpty());
}

TEST_F(OperatorPreflightTest, AClusterThatLetsNobodyInIsSaidOnce) {
  const auto manifests = wandb::OperatorManifests({});
  for (const Json& manifest : *manifests) {
    client_->FailAlways(*kube::RefOf(manifest),
                        absl::UnauthenticatedError("Unauthorized"));
  }
  const tf::Diagnostic warning = Warning(PlanCreate());
  EXPECT_EQ(warning.summary, "Apply will fail: the cluster cannot be accessed");
  EXPECT_THAT(warning.detail, HasSubstr("Unauthorized"));
}

TEST_F(OperatorPreflightTest, ObjectsOfOthersAreNamedWithTheirImport) {
  InstallByHelm("helm-ns");
  const auto deployment =
      kube::DeploymentRef("helm-ns", "wandb-controller-manager");
  Json stopped = client_->Stored(deployment);
  stopped["spec"]["replicas"] = 0;
  client_->Put(deployment, stopped, "helm");
  const tf::Diagnostic warning = Warning(PlanCreate());
  EXPECT_THAT(warning.summary, HasSubstr("Apply will fail"));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\""),
                    HasSubstr("Helm release \"operator\""),
                    HasSubstr("to = wandb_operator.NAME\n  id = "
                              "\"helm-ns/wandb\"")));
}

TEST_F(OperatorPreflightTest, WhatWillBeTakenOverIsTold) {
  ASSERT_FALSE(Create().diags.HasError());
  resource_ = NewOperatorResource(session_);  // Without it in its state.
  const tf::Diagnostic warning = Warning(PlanCreate());
  EXPECT_THAT(warning.summary, HasSubstr("Apply will take over"));
  EXPECT_THAT(warning.detail, HasSubstr("ServiceAccount/wandb/wandb-manager"));
}

TEST_F(OperatorPreflightTest, AMissingNamespaceIsAWarning) {
  client_->RequireNamespaces(true);
  const tf::Diagnostic warning =
      Warning(PlanCreate({{"create_namespace", Flag(false)}}));
  EXPECT_EQ(warning.summary, "Namespace \"wandb\" does not exist");
  EXPECT_THAT(warning.detail, HasSubstr("create_namespace = true"));
}

TEST_F(OperatorPreflightTest, MissingRightsAreToldTogether) {
  Forbid({"rbac.authorization.k8s.io", "v1", "clusterroles", "",
          "wandb-manager-role"},
         "user \"u\" is attempting to grant RBAC permissions not currently "
         "held");
  Forbid(kube::CrdRef("weightsandbiases.apps.wandb.com"),
         "cannot patch resource \"customresourcedefinitions\"");
  const tf::Diagnostic warning = Warning(PlanCreate());
  EXPECT_THAT(warning.summary,
              HasSubstr("refuses to create 2 objects of operator wandb/wandb"));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("attempting to grant RBAC permissions"),
                    HasSubstr("\"customresourcedefinitions\"")));
}

TEST_F(OperatorPreflightTest, ReplacementOfATaintedOperatorIsNoFinding) {
  const tf::RawApply created = Create();
  Read(created.state, created.private_data);
  EXPECT_THAT(PlanCreate().diags.items(), IsEmpty());
}

TEST_F(OperatorPreflightTest, WhatDoesNotAnswerIsNoFinding) {
  client_->SetUnreachable(true);
  EXPECT_THAT(PlanCreate().diags.items(), IsEmpty());
  session_->config_unknown = true;
  client_->ClearCalls();
  PlanCreate();
  EXPECT_THAT(client_->calls(), IsEmpty());
}

// ---- The update ----

TEST_F(OperatorPreflightTest, APlanWithoutChangesAsksNothing) {
  const tf::RawApply created = Create();
  Plan(created.state, Make({}), created.private_data);
  EXPECT_THAT(client_->calls(), IsEmpty());
}

TEST_F(OperatorPreflightTest, AnUpdateIsTriedAndChangesNothing) {
  const tf::RawApply created = Create();
  const Json before = client_->Stored(Deployment());
  EXPECT_THAT(PlanUpdate(created).diags.items(), IsEmpty());
  EXPECT_EQ(client_->Stored(Deployment()), before);
}

TEST_F(OperatorPreflightTest, FieldsOfAnotherManagerAreToldWithTheWayOut) {
  const tf::RawApply created = Create();
  ApplyReplicas("argocd-controller");
  const tf::Diagnostic warning = Warning(PlanUpdate(created));
  EXPECT_THAT(warning.summary, HasSubstr("refuses this update"));
  const auto told = AllOf(HasSubstr(".spec.replicas"),
                          HasSubstr("\"argocd-controller\" (Apply)"),
                          HasSubstr("force_conflicts = true"));
  EXPECT_THAT(warning.detail,
              AllOf(told, HasSubstr("Deployment "
                                    "\"wandb/wandb-controller-manager\"")));
  // The apply says the same, and leaves the field.
  const tf::RawApply refused =
      Change(created.state, Make({{"image", Image({{"tag", Str("9.9.9")}})}}),
             created.private_data);
  ASSERT_TRUE(refused.diags.HasError());
  EXPECT_THAT(Text(refused.diags), told);
  EXPECT_EQ(client_->Stored(Deployment())["spec"]["replicas"], 2);
}

TEST_F(OperatorPreflightTest, ForceConflictsTakesThemOver) {
  const tf::RawApply created = Create();
  ApplyReplicas("argocd-controller");
  const Fields forced = {{"force_conflicts", Flag(true)}};
  EXPECT_THAT(PlanUpdate(created, forced).diags.items(), IsEmpty());
  const tf::RawApply applied =
      Change(created.state, Make(forced), created.private_data);
  EXPECT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  EXPECT_EQ(client_->Stored(Deployment())["spec"]["replicas"], 1);
}

TEST_F(OperatorPreflightTest, EditsByHandRefuseNothing) {
  const tf::RawApply created = Create();
  Json edited = client_->Stored(Deployment());
  edited["spec"]["replicas"] = 2;
  client_->Put(Deployment(), edited, "kubectl-edit");
  EXPECT_THAT(PlanUpdate(created).diags.items(), IsEmpty());
}

// Each update writes to it, too.
TEST_F(OperatorPreflightTest, WhatKeepsOurNamespaceFromAnUpdateIsTold) {
  const tf::RawApply created = Create();
  client_->Admit([](const Json& object) {
    return object["kind"] == "Namespace"
               ? absl::InvalidArgumentError("labels are missing")
               : absl::OkStatus();
  });
  const tf::Diagnostic warning = Warning(PlanUpdate(created));
  EXPECT_THAT(warning.summary,
              HasSubstr("refuses this update of Namespace \"wandb\""));
  EXPECT_THAT(warning.detail, HasSubstr("labels are missing"));
  // One that others made is not written to.
  Json others = client_->Stored(kube::NamespaceRef("wandb"));
  others["metadata"]["uid"] = "another";
  others["metadata"].erase("annotations");
  client_->Put(kube::NamespaceRef("wandb"), others, "kubectl");
  EXPECT_THAT(PlanUpdate(created).diags.items(), IsEmpty());
}

TEST_F(OperatorPreflightTest, AWebhookThatDoesNotAnswerIsToldOnce) {
  bool answers = false;
  client_->Admit([&answers](const Json&) -> absl::Status {
    if (answers) return absl::OkStatus();
    return support::Reply(
        "PATCH", Deployment(), 500,
        support::StatusBody("InternalError",
                            "Internal error occurred: failed calling webhook "
                            "\"policy.test\": no endpoints available",
                            Json::object()));
  });
  const auto is_told = [](const tf::RawPlan& plan) {
    const tf::Diagnostic warning = Warning(plan);
    EXPECT_THAT(warning.summary,
                HasSubstr("fail unless an admission webhook answers"));
    EXPECT_THAT(warning.detail, HasSubstr("policy.test"));
  };
  is_told(PlanCreate());
  answers = true;
  const tf::RawApply created = Create();
  answers = false;
  is_told(PlanUpdate(created));
}

// ---- Other operators ----

TEST_F(OperatorPreflightTest, AnotherOperatorOfTheSameInstancesIsTold) {
  PutOther("team-b", 1);
  const tf::Diagnostic warning = Warning(PlanCreate());
  EXPECT_THAT(warning.summary, HasSubstr("not the only one"));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("\"team-b/b-controller-manager\" watches every "
                              "namespace"),
                    Not(HasSubstr("namespace_isolation"))));
  // Once in a process: the plan that core makes before the apply is the first.
  NewProcess();
  const tf::RawPlan again = PlanCreate();
  EXPECT_THAT(Text(again.diags), HasSubstr("not the only one"));
  const tf::RawApply created = Apply(Nothing(), Make({}), again);
  EXPECT_FALSE(created.diags.HasError());
  EXPECT_THAT(Text(created.diags), Not(HasSubstr("not the only one")));
  NewProcess();
  PutOther("team-b", 1, "--isolation-namespaces=b,c");
  EXPECT_THAT(Warning(PlanUpdate(created)).detail,
              HasSubstr("watches the namespaces b, c"));
  PutOther("team-b", 0);
  EXPECT_THAT(PlanUpdate(created).diags.items(), IsEmpty());
}

TEST_F(OperatorPreflightTest, ANameOfItsOwnIsOfferedWithWhatItNeeds) {
  InstallByHelm("helm-ns");
  EXPECT_THAT(Text(Change(Nothing(), Make({})).diags),
              AllOf(HasSubstr("import"), Not(HasSubstr("another namespace")),
                    HasSubstr("name = \"...\""),
                    HasSubstr("undo each other's work: stop that one first")));
}

TEST_F(OperatorPreflightTest, OperatorsThatOnePlanMakesAreSaid) {
  EXPECT_THAT(PlanCreate({}).diags.items(), IsEmpty());
  EXPECT_THAT(PlanCreate({}).diags.items(), IsEmpty());  // The same.
  const tf::RawPlan second = PlanCreate({{"name", Str("b")}});
  ASSERT_THAT(second.diags.items(), SizeIs(1));
  EXPECT_EQ(second.diags.items()[0].summary,
            "The plan makes 2 operators: wandb/b, wandb/wandb");
  EXPECT_THAT(second.diags.items()[0].detail,
              HasSubstr("undo each other's work"));
  EXPECT_TRUE(session_->plan_notes().HasOperator());
}

// ---- The destroy ----

TEST_F(OperatorPreflightTest, InstancesInTheWayOfADestroyAreToldAtPlan) {
  const tf::RawApply created = Create();
  EXPECT_THAT(PlanDestroy(created).diags.items(), IsEmpty());
  PutInstance();
  const tf::Diagnostic warning = Warning(PlanDestroy(created));
  EXPECT_THAT(warning.summary, HasSubstr("wandb/wandb will fail"));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("ml/w"), HasSubstr("force_destroy = true"),
                    Not(HasSubstr("untaint"))));
}

// The same plan may destroy it first, which nothing tells.
TEST_F(OperatorPreflightTest, OurOwnInstancesAreNotWarnedOf) {
  const tf::RawApply created = Create();
  PutOurInstance();
  EXPECT_THAT(PlanDestroy(created).diags.items(), IsEmpty());
}

// Those of this state, which the plan may destroy as well.
TEST_F(OperatorPreflightTest,
       InstancesThatTheSamePlanKeepsAreToldByEitherPlan) {
  const tf::RawApply created = Create();
  PutOurInstance();
  PlanNotes& notes = session_->plan_notes();
  EXPECT_THAT(PlanDestroy(created).diags.items(), IsEmpty());
  EXPECT_EQ(notes.NoteInstance("ml/w", PlanNotes::Plan::kStays), "wandb/wandb");
  const tf::Diagnostic warning = Warning(PlanDestroy(created));
  EXPECT_THAT(warning.summary, HasSubstr("will fail while instances exist"));
  EXPECT_THAT(warning.detail, HasSubstr("ml/w"));
}

TEST_F(OperatorPreflightTest, AnInstanceThatGoesInNoOrderIsTold) {
  const tf::RawApply created = Create();
  PutOurInstance();
  PlanNotes& notes = session_->plan_notes();
  notes.NoteInstance("ml/w", PlanNotes::Plan::kGoes);
  EXPECT_THAT(PlanDestroy(created).diags.items(), IsEmpty());
  // While the plan of the operator asks the cluster.
  class NotingClient final : public kube::ForwardingClient {
   public:
    using ForwardingClient::ForwardingClient;
    absl::StatusOr<kube::ObjectList> List(
        const base::Context& ctx, const kube::CollectionRef& collection,
        const kube::ListOptions& options) override {
      notes->NoteInstance("ml/w", PlanNotes::Plan::kGoes);
      return ForwardingClient::List(ctx, collection, options);
    }
    PlanNotes* notes = nullptr;
  };
  const auto noting = std::make_shared<NotingClient>(client_);
  session_ = std::make_shared<support::FakeSession>(
      std::shared_ptr<kube::Client>(noting));
  noting->notes = &session_->plan_notes();
  resource_ = NewOperatorResource(session_);
  EXPECT_THAT(Warning(PlanDestroy(created)).summary,
              HasSubstr("instance ml/w goes before operator wandb/wandb"));
}

TEST_F(OperatorPreflightTest, ADestroyWithForceIsNotWarnedOf) {
  const tf::RawApply created = Create({{"force_destroy", Flag(true)}});
  PutInstance();
  EXPECT_THAT(PlanDestroy(created).diags.items(), IsEmpty());
}

TEST_F(OperatorPreflightTest, ARefusedIdentityIsSaidThoughTheNameIsUnknown) {
  for (const char* unknown : {"name", "namespace"}) {
    NewProcess();
    client_->FailNext(absl::UnauthenticatedError("Unauthorized"), "VERSION");
    EXPECT_EQ(Warning(PlanCreate({{unknown, UnknownStr()}})).summary,
              "Apply will fail: the cluster cannot be accessed");
  }
  NewProcess();
  client_->FailNext(absl::UnavailableError("lost"), "VERSION");
  EXPECT_THAT(PlanCreate({{"name", UnknownStr()}}).diags.items(), IsEmpty());
}

}  // namespace
}  // namespace resources
