// What a refresh says of an operator that somebody else has touched.
#include <functional>
#include <thread>

#include "kube/object_ref.h"
#include "resources/operator/objects.h"
#include "tests/support/operator_fixture.h"

namespace resources {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class OperatorReadTest : public OperatorTest {
 protected:
  void SetUp() override {
    created_ = Change(Nothing(), Make({}));
    ASSERT_FALSE(created_.diags.HasError()) << Text(created_.diags);
  }
  tf::RawRead Refresh() const {
    return Read(created_.state, created_.private_data);
  }
  // The one warning of a refresh.
  tf::Diagnostic Warning() const {
    const tf::RawRead read = Refresh();
    EXPECT_THAT(read.diags.items(), SizeIs(1)) << Text(read.diags);
    if (read.diags.items().empty()) return {};
    EXPECT_EQ(read.diags.items()[0].severity, tf::Severity::kWarning);
    return read.diags.items()[0];
  }
  static kube::ObjectRef Role() {
    return {"rbac.authorization.k8s.io", "v1", "clusterroles", "",
            "wandb-manager-role"};
  }
  // As the namespace controller does it.
  void RemoveAllIn(const std::string& ns) const {
    const auto manifests = wandb::OperatorManifests({});
    for (const Json& manifest : *manifests) {
      const kube::ObjectRef ref = *kube::RefOf(manifest);
      if (ref.ns == ns) client_->Remove(ref);
    }
  }
  // Whether the apply of what the refresh has seen is refused, as it warned.
  bool IsRefused() const {
    const tf::RawRead read = Refresh();
    return Change(read.state, Make({{"image", Image({{"tag", Str("9")}})}}),
                  read.private_data)
        .diags.HasError();
  }

  tf::RawApply created_;
};

TEST_F(OperatorReadTest, NothingIsSaidOfAnUntouchedOperator) {
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
}

TEST_F(OperatorReadTest, AStoppedOperatorIsSaidToStartAgain) {
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("wandb/wandb-controller-manager"),
                    HasSubstr("scaled to 0 replicas")));
  EXPECT_THAT(warning.detail, AllOf(HasSubstr("Find out why"),
                                    HasSubstr("next apply starts it again")));
}

// `fields` of its Deployment as "argocd" applies them.
class StoppedByGitOpsTest : public OperatorReadTest {
 protected:
  void ApplyAsArgo(const Json& spec) const {
    const Json body = {
        {"apiVersion", "apps/v1"},
        {"kind", "Deployment"},
        {"metadata", {{"name", Deployment().name}, {"namespace", "wandb"}}},
        {"spec", spec}};
    ASSERT_TRUE(client_
                    ->Apply({}, Deployment(), body,
                            {.field_manager = "argocd", .force = true})
                    .ok());
  }
};

TEST_F(StoppedByGitOpsTest, WhoHoldsTheReplicasIsNamedAndNoStartIsPromised) {
  ApplyAsArgo({{"replicas", 0}});
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary, HasSubstr("scaled to 0 replicas"));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("Find out why \"argocd\" stopped it"),
                    HasSubstr(".spec.replicas is owned by \"argocd\" (Apply)"),
                    HasSubstr("force_conflicts = true"),
                    Not(HasSubstr("the next apply starts it again"))));
  EXPECT_TRUE(IsRefused());
}

TEST_F(StoppedByGitOpsTest, AnyFieldThatWouldFailTheApplyIsNamed) {
  ApplyAsArgo({{"minReadySeconds", 5}, {"revisionHistoryLimit", 99}});
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  EXPECT_THAT(Warning().detail, HasSubstr("next apply starts it again"));
  ApplyAsArgo(
      {{"template", {{"spec", {{"terminationGracePeriodSeconds", 99}}}}}});
  EXPECT_THAT(Warning().detail,
              AllOf(HasSubstr(".terminationGracePeriodSeconds is owned by"),
                    Not(HasSubstr("the next apply starts it again"))));
}

TEST_F(StoppedByGitOpsTest, WithForceConflictsTheNextApplyStartsIt) {
  created_ = Change(created_.state, Make({{"force_conflicts", Flag(true)}}),
                    created_.private_data);
  ApplyAsArgo({{"replicas", 0}});
  EXPECT_THAT(Warning().detail, HasSubstr("next apply starts it again"));
}

TEST_F(OperatorReadTest, AStopByHandIsReportedWithoutADryRun) {
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  client_->ClearCalls();
  Refresh();
  for (const auto& call : client_->calls()) EXPECT_NE(call.verb, "APPLY");
}

TEST_F(OperatorReadTest, WhoRunsTheInstancesOfAStoppedOperatorIsNamed) {
  Json other = client_->Stored(Deployment());
  other["metadata"] = {{"labels", other["metadata"]["labels"]}};
  client_->Put(kube::DeploymentRef("ops", "x-controller-manager"), other);
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  EXPECT_THAT(Warning().detail,
              AllOf(HasSubstr("\"ops/x-controller-manager\" watches every "
                              "namespace"),
                    HasSubstr("undo each other's work"),
                    Not(HasSubstr("Nothing runs"))));
  // One that may be there.
  client_->FailNext(absl::PermissionDeniedError("no"), "LIST");
  EXPECT_THAT(Warning().detail, HasSubstr("Unless another operator does"));
}

TEST_F(OperatorReadTest, ForeignOwnerIsNamedBeforeTheApplyIsRefused) {
  Json live = client_->Stored(Role());
  live["metadata"]["annotations"][wandb::kOwnerAnnotation] = "ops/other";
  client_->Put(Role(), live, "kubectl");
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("Apply will fail"), HasSubstr("wandb/wandb")));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\""),
                    HasSubstr("wandb_operator \"ops/other\""),
                    HasSubstr("id = \"ops/other\"")));
  EXPECT_TRUE(IsRefused());
}

TEST_F(OperatorReadTest, ReplacedObjectIsSaidBeforeTheApplyIsRefused) {
  client_->Remove(Role());
  client_->Put(Role(), {{"kind", "ClusterRole"}, {"rules", Json::array()}},
               "kubectl");
  const tf::Diagnostic warning = Warning();
  EXPECT_THAT(warning.summary,
              AllOf(HasSubstr("Apply will fail"), HasSubstr("wandb/wandb")));
  EXPECT_THAT(warning.detail,
              AllOf(HasSubstr("ClusterRole \"wandb-manager-role\""),
                    HasSubstr("deleted and made again"),
                    HasSubstr("made by somebody else (field manager "
                              "\"kubectl\")")));
  // What may destroy something is the last way.
  const size_t import = warning.detail.find("id = \"wandb/wandb\"");
  ASSERT_NE(import, std::string::npos) << warning.detail;
  EXPECT_LT(import, warning.detail.find("delete these objects"));
  EXPECT_TRUE(IsRefused());
}

// ---- What others have made anew ----

class MadeAnewTest : public OperatorReadTest {
 protected:
  static size_t Count(const std::string& text, const std::string& part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos;
         at = text.find(part, at + 1)) {
      ++count;
    }
    return count;
  }
  // All but what is merely used.
  void RemoveAll() const {
    const auto manifests = wandb::OperatorManifests({});
    for (const Json& manifest : *manifests) {
      if (!UsedIfPresent(manifest)) client_->Remove(*kube::RefOf(manifest));
    }
  }
};

TEST_F(MadeAnewTest, AHelmReleaseIsNamedOnceWithAllItsObjects) {
  RemoveAll();
  InstallByHelm("wandb");
  const std::string detail = Warning().detail;
  EXPECT_EQ(detail.find("This belongs to Helm release \"operator\""), 0u)
      << detail;
  EXPECT_EQ(Count(detail, "Helm release"), 1u) << detail;
  EXPECT_GT(Count(detail, "was deleted and made again"), 5u) << detail;
  EXPECT_THAT(detail, AllOf(HasSubstr("destroy = false"),
                            HasSubstr("id = \"wandb/wandb\""),
                            Not(HasSubstr("delete "))));
  // The apply says the same, once.
  const tf::RawRead read = Refresh();
  const tf::RawApply refused =
      Change(read.state, Make({{"image", Image({{"tag", Str("9")}})}}),
             read.private_data);
  ASSERT_THAT(refused.diags.items(), SizeIs(1)) << Text(refused.diags);
  EXPECT_EQ(refused.diags.items()[0].detail, detail);
}

TEST_F(MadeAnewTest, WhoAppliesAnObjectIsItsOwner) {
  client_->Remove(Role());
  ASSERT_TRUE(client_
                  ->Apply({}, Role(),
                          {{"apiVersion", "rbac.authorization.k8s.io/v1"},
                           {"kind", "ClusterRole"},
                           {"metadata", {{"name", Role().name}}},
                           {"rules", Json::array()}},
                          {.field_manager = "argocd"})
                  .ok());
  EXPECT_THAT(Warning().detail,
              AllOf(HasSubstr("field manager that applies it, \"argocd\""),
                    HasSubstr("destroy = false"), Not(HasSubstr("delete "))));
}

TEST_F(MadeAnewTest, OnlyWhatHasNoOwnerMayBeDeleted) {
  client_->Remove(Role());
  client_->Put(Role(), {{"kind", "ClusterRole"}}, "kubectl");
  Json live = client_->Stored(Deployment());
  live["metadata"]["annotations"][wandb::kOwnerAnnotation] = "ops/other";
  client_->Put(Deployment(), live, "kubectl");
  const std::string detail = Warning().detail;
  EXPECT_THAT(detail,
              AllOf(HasSubstr("This belongs to wandb_operator \"ops/other\""),
                    HasSubstr("delete those that somebody else made")));
  EXPECT_LT(detail.find("ops/other"), detail.find("somebody else"));
}

TEST_F(OperatorReadTest, WithoutItsDeploymentItIsNotReady) {
  ASSERT_EQ(Refresh().state.At("ready"), Flag(true));
  client_->Remove(Deployment());
  const tf::RawRead read = Refresh();
  EXPECT_EQ(read.state.At("ready"), Flag(false));
  EXPECT_TRUE(read.state.At("deployed_image").IsNull());
}

// They have no deletionTimestamp yet, and go before the apply writes them.
TEST_F(OperatorReadTest, WhatIsInADyingNamespaceIsMadeAnewWithIt) {
  Json dying = client_->Stored(kube::NamespaceRef("wandb"));
  dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  dying["metadata"]["finalizers"] = {"example.com/hold"};
  client_->Put(kube::NamespaceRef("wandb"), dying, "kubectl");
  const tf::RawRead read = Refresh();
  EXPECT_THAT(read.state.At("objects").At("ServiceAccount/wandb/wandb-manager"),
              ::testing::ResultOf([](const auto& v) { return v.AsString(); },
                                  HasSubstr("being deleted")));
  const std::string before = kube::UidOf(client_->Stored(Deployment()));
  client_->ClearCalls();
  std::thread finalizer([&] {
    EXPECT_TRUE(client_->AwaitCall("WATCH"));
    RemoveAllIn("wandb");
    client_->Remove(kube::NamespaceRef("wandb"));
  });
  const tf::RawApply applied = Apply(
      read.state, Make({}), Plan(read.state, Make({}), read.private_data));
  finalizer.join();
  ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
  EXPECT_NE(kube::UidOf(client_->Stored(Deployment())), before);
}

TEST_F(OperatorReadTest, DyingObjectsAreSaidAndMadeAnewByTheNextApply) {
  ASSERT_EQ(Refresh().state.At("ready"), Flag(true));
  for (const kube::ObjectRef& ref :
       {Role(), Deployment(), kube::NamespaceRef("wandb")}) {
    SCOPED_TRACE(kube::Describe(ref));
    Json dying = client_->Stored(ref);
    dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    dying["metadata"]["finalizers"] = {"example.com/hold"};
    client_->Put(ref, dying, "kubectl");
    const tf::Diagnostic warning = Warning();
    EXPECT_THAT(warning.summary, HasSubstr("are being deleted"));
    EXPECT_THAT(warning.detail,
                AllOf(HasSubstr(kube::Describe(ref)),
                      HasSubstr("since 2026-01-01T00:00:00Z"),
                      HasSubstr("example.com/hold"), HasSubstr("next apply")));
    const tf::RawRead read = Refresh();
    EXPECT_EQ(read.state.At("ready"), Flag(false));
    const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
    EXPECT_FALSE(plan.planned.At("objects") == read.state.At("objects"));
    client_->ClearCalls();
    std::thread finalizer([&] {
      EXPECT_TRUE(client_->AwaitCall("WATCH"));
      if (ref.resource == "namespaces") RemoveAllIn(ref.name);
      client_->Remove(ref);
    });
    const tf::RawApply applied = Apply(read.state, Make({}), plan);
    finalizer.join();
    ASSERT_FALSE(applied.diags.HasError()) << Text(applied.diags);
    EXPECT_FALSE(kube::IsTerminating(client_->Stored(ref)));
    EXPECT_FALSE(client_->Stored(ref).is_null());
    EXPECT_EQ(applied.state.At("ready"), Flag(true));
    created_ = applied;
    EXPECT_THAT(Refresh().diags.items(), IsEmpty());
  }
}

// ---- A definition that instances hold ----

class HeldDefinitionTest : public OperatorReadTest {
 protected:
  static inline const kube::ObjectRef kCrd =
      kube::CrdRef("weightsandbiases.apps.wandb.com");

  void SetUp() override {
    OperatorReadTest::SetUp();
    PutDying({"apps.wandb.com", "v1", "weightsandbiases", "ml", "w"},
             {{"kind", "WeightsAndBiases"},
              {"metadata", {{"name", "w"}, {"namespace", "ml"}}}},
             "finalizer.app.wandb.com");
    PutDying(kCrd, client_->Stored(kCrd), "customresourcecleanup");
  }
  void PutDying(const kube::ObjectRef& ref, Json object,
                const char* finalizer) const {
    object["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    object["metadata"]["finalizers"] = {finalizer};
    client_->Put(ref, object, "kubectl");
  }
  static auto NamesThem() {
    return AllOf(HasSubstr("ml/w: finalizer.app.wandb.com"),
                 HasSubstr("customresourcecleanup"),
                 HasSubstr("kubectl patch weightsandbiases.apps.wandb.com w "
                           "--namespace=ml"));
  }
};

TEST_F(HeldDefinitionTest, WithoutAnOperatorTheApplyDoesNotWaitForIt) {
  client_->Remove(Deployment());
  const tf::RawRead read = Refresh();
  EXPECT_THAT(Text(read.diags), NamesThem());
  const tf::RawPlan plan = Plan(read.state, Make({}), read.private_data);
  client_->ClearCalls();
  const tf::RawApply applied = Apply(read.state, Make({}), plan);
  EXPECT_TRUE(applied.diags.HasError());
  EXPECT_THAT(Text(applied.diags), NamesThem());
  for (const auto& call : client_->calls()) {
    EXPECT_THAT(call.verb, AnyOf("GET", "LIST"));
  }
  // A create says it in its plan.
  EXPECT_THAT(Text(Plan(Nothing(), Make({{"name", Str("new")}})).diags),
              NamesThem());
}

TEST_F(HeldDefinitionTest, AnOperatorThatIsStoppedIsToldHowToStart) {
  Json stopped = client_->Stored(Deployment());
  stopped["spec"]["replicas"] = 0;
  client_->Put(Deployment(), stopped, "kubectl");
  EXPECT_THAT(Text(Refresh().diags),
              AllOf(NamesThem(),
                    HasSubstr("kubectl scale deployment "
                              "wandb-controller-manager --namespace=wandb")));
}

TEST_F(HeldDefinitionTest, AnOperatorThatRunsWillLetThemGo) {
  EXPECT_THAT(Text(Refresh().diags), Not(HasSubstr("kubectl patch")));
}

// ---- While it is waited for ----

TEST_F(OperatorReadTest, ADeploymentThatGoesAwayIsNeverReady) {
  const struct {
    const char* says;
    std::function<void()> happens;
  } kFates[] = {
      {"was deleted.", [&] { client_->Remove(Deployment()); }},
      {"is being deleted since 2026-01-01T00:00:00Z",
       [&] {
         Json dying = client_->Stored(Deployment());
         dying["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
         client_->Put(Deployment(), dying, "kubectl");
       }},
      {"another object has its name",
       [&] {
         Json other = client_->Stored(Deployment());
         other["metadata"]["uid"] = "other";
         other["status"] = {{"observedGeneration", 99},
                            {"replicas", 1},
                            {"updatedReplicas", 1},
                            {"availableReplicas", 1}};
         client_->Put(Deployment(), other, "helm");
       }},
  };
  for (const auto& fate : kFates) {
    SCOPED_TRACE(fate.says);
    client_->Remove(Deployment());
    PlayControllers(*client_);
    ASSERT_FALSE(Change(created_.state, Nothing(), created_.private_data)
                     .diags.HasError());
    // Nothing rolls the Deployment out.
    client_->OnWrite([this](const kube::ObjectRef& ref, const Json& object) {
      if (ref.resource != "customresourcedefinitions" || object.is_null()) {
        return;
      }
      Json established = object;
      established["status"]["conditions"] = {
          {{"type", "NamesAccepted"}, {"status", "True"}},
          {{"type", "Established"}, {"status", "True"}}};
      client_->Put(ref, established, "controller");
    });
    const cty::Value config = Make({{"wait_failure", Str("warn")}});
    std::thread somebody([&] {
      client_->ClearCalls();
      EXPECT_TRUE(client_->AwaitCall("APPLY", Deployment().name));
      EXPECT_TRUE(client_->AwaitCall("WATCH"));
      fate.happens();
    });
    const tf::RawApply call = Change(Nothing(), config);
    somebody.join();
    ASSERT_TRUE(call.diags.HasError()) << Text(call.diags);
    EXPECT_THAT(Text(call.diags),
                AllOf(HasSubstr("went away while it was waited for"),
                      HasSubstr(fate.says)));
    EXPECT_EQ(call.state.At("ready"), Flag(false));
    created_ = call;
  }
}

TEST_F(OperatorReadTest, WhatTheApplyMakesAnewIsNoRefusal) {
  client_->Remove(Role());
  EXPECT_THAT(Refresh().diags.items(), IsEmpty());
  EXPECT_FALSE(IsRefused());
}

// ---- What was changed ----

class ChangedOutsideTest : public OperatorReadTest {
 protected:
  std::string After(const std::function<void(Json&)>& edit) {
    Json live = client_->Stored(Deployment());
    edit(live);
    client_->Put(Deployment(), live, "kubectl-edit");
    return Refresh()
        .state.At("changes")
        .At("Deployment/wandb/wandb-controller-manager")
        .AsString();
  }
  static Json& Container(Json& deployment) {
    return deployment["spec"]["template"]["spec"]["containers"][0];
  }
};

TEST_F(ChangedOutsideTest, PathsAndValuesAreNamed) {
  EXPECT_EQ(After([](Json& live) { live["spec"]["replicas"] = 3; }),
            "spec.replicas 1 -> 3");
  EXPECT_EQ(After([](Json& live) {
              live["spec"]["replicas"] = 1;
              // As the server writes "1000m".
              Container(live)["resources"]["limits"]["cpu"] = "1";
              Container(live)["env"][1]["value"] = "other";
            }),
            "spec.template.spec.containers[name=\"manager\"]"
            ".env[name=\"OPERATOR_NAMESPACE\"].value \"wandb\" -> \"other\"");
}

TEST_F(ChangedOutsideTest, WhatRunsIsNamedFirstAndTheRestCounted) {
  const std::string text = After([](Json& live) {
    live["spec"]["replicas"] = 3;
    live["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 1;
    Container(live)["args"] = {"--leader-elect"};
    Container(live)["image"] = std::string(500, 'x');
    Container(live)["imagePullPolicy"] = "Never";
    Container(live)["livenessProbe"]["periodSeconds"] = 999;
    Container(live)["env"][1]["value"] = "other";
  });
  EXPECT_THAT(text, AllOf(HasSubstr("args 2 -> 1 elements"),
                          HasSubstr("xxx...\""), HasSubstr("; and 2 more")));
  const size_t first_of_the_rest =
      std::min({text.find("replicas"), text.find("imagePullPolicy"),
                text.find("livenessProbe"), text.find("GracePeriod")});
  for (const char* part : {".args ", ".image ", ".env["}) {
    EXPECT_LT(text.find(part), first_of_the_rest) << part << " in " << text;
  }
  EXPECT_LT(text.size(), 600);
}

TEST_F(ChangedOutsideTest, TheDeployedImageIsTheLiveOne) {
  After([](Json& live) { Container(live)["image"] = "mirror/controller:1"; });
  const tf::RawRead read = Refresh();
  EXPECT_EQ(read.state.At("deployed_image"), Str("mirror/controller:1"));
  After([](Json& live) { Container(live)["image"] = "bob:CANARY4@host/x:1"; });
  EXPECT_EQ(Refresh().state.At("deployed_image"), Str("(sensitive)@host/x:1"));
  EXPECT_EQ(Plan(read.state, Make({}), read.private_data)
                .planned.At("deployed_image"),
            Str("wandb/controller:1.22.0"));
  client_->Remove(Deployment());
  EXPECT_TRUE(Refresh().state.At("deployed_image").IsNull());
}

}  // namespace
}  // namespace resources
