// Several operators in one cluster: each keeps to what it has made.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr char kOwner[] = "terraform.wandb.ai/owner";
// Where a Deployment is made as by another manager.
constexpr char kDeployments[] =
    "/apis/apps/v1/namespaces/wandb/deployments?fieldManager=";

std::string Block(const std::string& label, const std::string& ns,
                  const std::string& name = "wandb",
                  const std::string& more = "") {
  return absl::StrCat("resource \"wandb_operator\" \"", label,
                      "\" {\n  namespace = \"", ns, "\"\n  name = \"", name,
                      "\"\n  ", more, "\n}\n");
}

class OperatorOwnership : public Acceptance {
 protected:
  void SetUp() override {
    workspace_.Write(Block("first", "wandb"));
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }

  Json Live(const std::string& ns, const std::string& kind,
            const std::string& name) {
    return cluster_.GetObject(ns, kind, name);
  }
  static std::string OwnerOf(const Json& object) {
    return object["metadata"]
        .value("annotations", Json::object())
        .value(kOwner, "");
  }

  // The first operator runs, has its rights, and its plan is empty.
  void ExpectFirstIntact(Workspace& workspace) {
    EXPECT_EQ(OwnerOf(Live("", "clusterrole", "wandb-manager-role")),
              "wandb/wandb");
    EXPECT_EQ(Live("", "clusterrolebinding",
                   "wandb-manager-rolebinding")["subjects"][0]["namespace"],
              "wandb");
    EXPECT_EQ(Live("wandb", "deployment",
                   "wandb-controller-manager")["status"]["availableReplicas"],
              1);
    std::string out;
    EXPECT_EQ(workspace.PlanExitCode(&out), 0) << out;
  }

  // Forgets the first operator and imports it again, with a Deployment like
  // `ours` that another tool has made with kubectl's command `how`.
  void MakeDeployment(std::vector<std::string> how, const Json& ours,
                      const Json& metadata, Json volumes) {
    ASSERT_EQ(workspace_.Run({"state", "rm", "wandb_operator.first"}).exit_code,
              0);
    ASSERT_EQ(cluster_
                  .Kubectl({"delete", "deployment", "wandb-controller-manager",
                            "--namespace=wandb", "--cascade=foreground"})
                  .exit_code,
              0);
    Json made = {{"apiVersion", "apps/v1"},
                 {"kind", "Deployment"},
                 {"metadata",
                  {{"name", "wandb-controller-manager"},
                   {"namespace", "wandb"},
                   {"labels", ours["metadata"]["labels"]}}},
                 {"spec", ours["spec"]}};
    made["metadata"].update(metadata);
    made["spec"]["template"]["spec"]["volumes"] = std::move(volumes);
    workspace_.WriteFile("deployment.json", made.dump());
    how.push_back(absl::StrCat("--filename=", workspace_.directory(),
                               "/deployment.json"));
    const support::Outcome post = cluster_.Kubectl(how);
    ASSERT_EQ(post.exit_code, 0) << post.out;
    const support::Outcome import = workspace_.Run(
        {"import", "-no-color", "wandb_operator.first", "wandb/wandb"});
    ASSERT_EQ(import.exit_code, 0) << import.out;
  }

  void ExpectRefused(const support::Outcome& apply) {
    EXPECT_EQ(apply.exit_code, 1) << apply.out;
    EXPECT_THAT(Flat(apply.out),
                AllOf(HasSubstr("ClusterRole \"wandb-manager-role\": belongs "
                                "to wandb_operator \"wandb/wandb\""),
                      HasSubstr("id = \"wandb/wandb\"")));
    EXPECT_TRUE(Live("", "namespace", "second").is_null());
  }
};

TEST_P(OperatorOwnership, AMistakenSecondOneInTheSameStateMakesNothing) {
  workspace_.Write(Block("first", "wandb") + Block("second", "second"));
  ExpectRefused(workspace_.Apply());
  EXPECT_TRUE(workspace_.Attributes("wandb_operator.second").is_null());
  workspace_.Write(Block("first", "wandb"));
  ExpectFirstIntact(workspace_);
}

TEST_P(OperatorOwnership, AMistakenSecondOneInAnotherStateMakesNothing) {
  {
    Workspace other(GetParam());
    other.Write(Block("second", "second"));
    ExpectRefused(other.Apply());
    EXPECT_TRUE(other.Attributes("wandb_operator.second").is_null());
    EXPECT_EQ(other.Destroy().exit_code, 0);
  }
  ExpectFirstIntact(workspace_);
}

TEST_P(OperatorOwnership, TwoOfOneIdThatAreMadeTogetherAreRefused) {
  const support::Outcome gone = workspace_.Destroy();
  ASSERT_EQ(gone.exit_code, 0) << gone.out;
  workspace_.Write(Block("first", "wandb") + Block("second", "wandb"));
  const support::Outcome both = workspace_.Apply();
  EXPECT_EQ(both.exit_code, 1) << both.out;
  EXPECT_THAT(Flat(both.out),
              HasSubstr("Two operators are called wandb/wandb"));
  const bool first = !workspace_.Attributes("wandb_operator.first").is_null();
  EXPECT_NE(first, !workspace_.Attributes("wandb_operator.second").is_null());
  workspace_.Write(Block(first ? "first" : "second", "wandb"));
  ExpectFirstIntact(workspace_);
}

TEST_P(OperatorOwnership, OperatorsOfTwoNamesAndNamespacesStandSideBySide) {
  {
    Workspace other(GetParam());
    other.Write(Block("second", "second", "wb"));
    const support::Outcome apply = other.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    EXPECT_EQ(OwnerOf(Live("", "clusterrole", "wb-manager-role")), "second/wb");
    EXPECT_EQ(other.PlanExitCode(), 0);
    ExpectFirstIntact(workspace_);
    const support::Outcome gone = other.Destroy();
    EXPECT_EQ(gone.exit_code, 0) << gone.out;
    EXPECT_THAT(gone.out, Not(HasSubstr("was kept")));
    EXPECT_TRUE(Live("", "clusterrole", "wb-manager-role").is_null());
    EXPECT_TRUE(Live("", "namespace", "second").is_null());
  }
  ExpectFirstIntact(workspace_);
}

// Core gives no private data to the delete of what is tainted.
TEST_P(OperatorOwnership, AReplacementThatInstancesForbidIsAnErrorOfThePlan) {
  workspace_.WriteFile(
      "instance.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: held\n  namespace: default\nspec: {values: {}}\n");
  const std::string file =
      absl::StrCat("--filename=", workspace_.directory(), "/instance.yaml");
  ASSERT_EQ(cluster_.Kubectl({"apply", file}).exit_code, 0);
  workspace_.Write(Block("first", "elsewhere"));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1) << plan.out;
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("Operator wandb/wandb cannot be replaced"),
                    HasSubstr("default/held")));
  workspace_.Write(Block("first", "wandb"));
  ExpectFirstIntact(workspace_);
  ASSERT_EQ(cluster_.Kubectl({"delete", file}).exit_code, 0);
}

TEST_P(OperatorOwnership, ATaintedOneIsReplacedAndTakesNothingFromOthers) {
  ASSERT_EQ(workspace_.Run({"taint", "wandb_operator.first"}).exit_code, 0);
  workspace_.Write(Block("first", "wandb") + Block("second", "second", "wb"));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, Not(HasSubstr("was kept")));
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  EXPECT_EQ(OwnerOf(Live("", "clusterrole", "wb-manager-role")), "second/wb");
}

TEST_P(OperatorOwnership, ObjectsWithoutAnOwnerGetItAndThePlanSaysSo) {
  for (const auto& [ns, kind, name] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"", "clusterrole", "wandb-manager-role"},
           {"", "clusterrolebinding", "wandb-manager-rolebinding"},
           {"wandb", "serviceaccount", "wandb-manager"},
           {"wandb", "role", "wandb-leader-election-role"},
           {"wandb", "rolebinding", "wandb-leader-election-rolebinding"},
           {"wandb", "deployment", "wandb-controller-manager"}}) {
    const support::Outcome bare = cluster_.Kubectl(
        {"annotate", kind, name, absl::StrCat(kOwner, "-"),
         absl::StrCat("--namespace=", ns.empty() ? "default" : ns)});
    ASSERT_EQ(bare.exit_code, 0) << bare.out;
  }
  const std::string pods = Live("wandb", "deployment",
                                "wandb-controller-manager")["spec"]["template"]
                               .dump();
  for (const bool imported : {false, true}) {
    if (imported) {
      ASSERT_EQ(
          workspace_.Run({"state", "rm", "wandb_operator.first"}).exit_code, 0);
      const support::Outcome import = workspace_.Run(
          {"import", "-no-color", "wandb_operator.first", "wandb/wandb"});
      ASSERT_EQ(import.exit_code, 0) << import.out;
    }
    std::string out;
    EXPECT_EQ(workspace_.PlanExitCode(&out), 2) << out;
    EXPECT_THAT(out, AllOf(HasSubstr("\"ClusterRole/wandb-manager-role\""),
                           HasSubstr("0 to add, 1 to change, 0 to destroy")));
  }
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_EQ(Live("wandb", "deployment",
                 "wandb-controller-manager")["spec"]["template"]
                .dump(),
            pods);
  ExpectFirstIntact(workspace_);
}

// The chart declares the volume of the certificates without a source. What the
// server makes of that depends on how it is written.
TEST_P(OperatorOwnership, WhatHelmMadeIsTakenOverWithoutARestart) {
  const Json ours = Live("wandb", "deployment", "wandb-controller-manager");
  const std::vector<Json> volumes = {
      {{"name", "wandb-ca-certs"}, {"projected", nullptr}},
      {{"name", "wandb-ca-certs"}, {"projected", {{"sources", nullptr}}}},
      {{"name", "wandb-ca-certs"}, {"projected", {{"sources", Json::array()}}}},
      {{"name", "wandb-ca-certs"}}};
  for (const Json& volume : volumes) {
    MakeDeployment(
        {"create", "--raw", absl::StrCat(kDeployments, "helm")}, ours,
        {{"annotations",
          {{"meta.helm.sh/release-name", "operator"},
           {"meta.helm.sh/release-namespace", "wandb"}}}},
        {volume, {{"name", "helm-cache"}, {"emptyDir", Json::object()}}});
    const Json before = Live("wandb", "deployment", "wandb-controller-manager");
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    const Json after = Live("wandb", "deployment", "wandb-controller-manager");
    EXPECT_EQ(OwnerOf(after), "wandb/wandb");
    EXPECT_EQ(after["spec"]["template"], before["spec"]["template"]) << volume;
    const support::Outcome sets = cluster_.Kubectl(
        {"get", "replicasets", "--namespace=wandb", "--output=name"});
    EXPECT_EQ(std::count(sets.out.begin(), sets.out.end(), '\n'), 1)
        << volume << sets.out;
    ExpectFirstIntact(workspace_);
  }
  // A source that means something takes the place of the server's own.
  if (cluster_.foreign()) return;
  workspace_.Write(
      Block("first", "wandb", "wandb",
            absl::StrCat("custom_ca_certs = [file(\"", cluster_.directory(),
                         "/pki/ca.crt\")]")));
  const support::Outcome certs = workspace_.Apply();
  ASSERT_EQ(certs.exit_code, 0) << certs.out;
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  workspace_.Write(Block("first", "wandb"));
  const support::Outcome without = workspace_.Apply();
  EXPECT_EQ(without.exit_code, 0) << without.out;
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  workspace_.Write(
      Block("first", "wandb", "wandb",
            absl::StrCat("custom_ca_certs = [file(\"", cluster_.directory(),
                         "/pki/ca.crt\")]")));
  const support::Outcome back = workspace_.Apply();
  ASSERT_EQ(back.exit_code, 0) << back.out;
  // Taken over again, it plans nothing.
  ASSERT_EQ(workspace_.Run({"state", "rm", "wandb_operator.first"}).exit_code,
            0);
  const support::Outcome import = workspace_.Run(
      {"import", "-no-color", "wandb_operator.first", "wandb/wandb"});
  ASSERT_EQ(import.exit_code, 0) << import.out;
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
}

// The server merges volumes by name, and lets none have two sources.
TEST_P(OperatorOwnership, AVolumeOfAnotherTypeGivesWayOnceItMayBeTaken) {
  if (cluster_.foreign()) return;
  const std::string certs = absl::StrCat(
      "custom_ca_certs = [file(\"", cluster_.directory(), "/pki/ca.crt\")]");
  workspace_.Write(Block("first", "wandb", "wandb", certs));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const Json ours = Live("wandb", "deployment", "wandb-controller-manager");
  const auto make = [&](const std::vector<std::string>& how) {
    MakeDeployment(
        how, ours, Json::object(),
        {{{"name", "wandb-ca-certs"}, {"configMap", {{"name", "theirs"}}}},
         {{"name", "helm-cache"}, {"hostPath", {{"path", "/tmp"}}}}});
  };
  const auto expect_ours = [&] {
    const Json live = Live("wandb", "deployment", "wandb-controller-manager");
    const Json& volumes = live["spec"]["template"]["spec"]["volumes"];
    ASSERT_EQ(volumes.size(), 2);
    for (const Json& volume : volumes) {
      EXPECT_TRUE(volume.contains("projected") || volume.contains("emptyDir"))
          << volume;
    }
    std::string out;
    EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  };
  for (const char* manager : {"helm", "kubectl-edit"}) {
    make({"create", "--raw", absl::StrCat(kDeployments, manager)});
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 2);
    EXPECT_THAT(Flat(plan), Not(HasSubstr("Apply will fail"))) << plan;
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 0) << manager << apply.out;
    expect_ours();
  }
  make({"apply", "--server-side", "--field-manager=argocd"});
  std::string plan;
  EXPECT_EQ(workspace_.PlanExitCode(&plan), 2);
  EXPECT_THAT(Flat(plan),
              AllOf(HasSubstr("Apply will fail"),
                    HasSubstr("volumes[name=\"wandb-ca-certs\"].configMap"),
                    HasSubstr("volumes[name=\"helm-cache\"].hostPath"),
                    HasSubstr("argocd")));
  const support::Outcome refused = workspace_.Apply();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(Flat(refused.out), HasSubstr("force_conflicts = true"));
  workspace_.Write(
      Block("first", "wandb", "wandb", certs + "\n  force_conflicts = true"));
  const support::Outcome forced = workspace_.Apply();
  EXPECT_EQ(forced.exit_code, 0) << forced.out;
  expect_ours();
}

// Nobody takes the finalizer away, and no operator can be made.
TEST_P(OperatorOwnership, ADefinitionThatInstancesHoldIsNotWaitedFor) {
  if (cluster_.foreign()) return;
  workspace_.WriteFile("instance.json",
                       Json({{"apiVersion", "apps.wandb.com/v1"},
                             {"kind", "WeightsAndBiases"},
                             {"metadata",
                              {{"name", "held"},
                               {"namespace", "default"},
                               {"finalizers", {"finalizer.app.wandb.com"}}}},
                             {"spec", Json::object()}})
                           .dump());
  const auto kubectl = [this](const std::vector<std::string>& args) {
    const support::Outcome done = cluster_.Kubectl(args);
    ASSERT_EQ(done.exit_code, 0) << done.out;
  };
  kubectl({"create", absl::StrCat("--filename=", workspace_.directory(),
                                  "/instance.json")});
  kubectl({"delete", "deployment", "wandb-controller-manager",
           "--namespace=wandb", "--cascade=foreground"});
  kubectl({"delete", "crd", "weightsandbiases.apps.wandb.com", "--wait=false"});
  const absl::Time start = absl::Now();
  const support::Outcome apply = workspace_.Apply();
  EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  EXPECT_EQ(apply.exit_code, 1) << apply.out;
  EXPECT_THAT(Flat(apply.out),
              AllOf(HasSubstr("Instances hold the definition"),
                    HasSubstr("default/held: finalizer.app.wandb.com"),
                    HasSubstr("customresourcecleanup")));
  kubectl({"patch", "weightsandbiases.apps.wandb.com", "held",
           "--namespace=default", "--type=merge",
           "--patch={\"metadata\":{\"finalizers\":null}}"});
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  ExpectFirstIntact(workspace_);
}

// ---- Its own definition ----

TEST_P(OperatorOwnership, ItsDefinitionIsUpgradedAndGoesWhereItMay) {
  constexpr char kCrd[] = "weightsandbiases.apps.wandb.com";
  const auto kubectl = [this](const std::vector<std::string>& args) {
    const support::Outcome done = cluster_.Kubectl(args);
    ASSERT_EQ(done.exit_code, 0) << done.out;
  };
  ExpectFirstIntact(workspace_);
  kubectl({"patch", "crd", kCrd, "--type=json",
           "--patch=[{\"op\": \"remove\", \"path\": "
           "\"/spec/versions/0/schema/openAPIV3Schema/properties/spec/"
           "properties/chart\"}]"});
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("Apply will change CustomResourceDefinition"),
                    HasSubstr("goes on to serve v1"),
                    HasSubstr("1 added (v1 .spec.chart)"),
                    HasSubstr("properties.spec.properties.chart removed")));
  const support::Outcome upgraded = workspace_.Apply();
  EXPECT_EQ(upgraded.exit_code, 0) << upgraded.out;
  ExpectFirstIntact(workspace_);
  // Without instances it goes.
  workspace_.Write(
      Block("first", "wandb", "wandb", "crd = { delete_on_destroy = true }"));
  const support::Outcome marked = workspace_.Apply();
  ASSERT_EQ(marked.exit_code, 0) << marked.out;
  workspace_.WriteFile(
      "instance.json",
      Json({{"apiVersion", "apps.wandb.com/v1"},
            {"kind", "WeightsAndBiases"},
            {"metadata", {{"name", "late"}, {"namespace", "default"}}},
            {"spec", Json::object()}})
          .dump());
  kubectl({"create", absl::StrCat("--filename=", workspace_.directory(),
                                  "/instance.json")});
  const support::Outcome refused = workspace_.Destroy();
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(Flat(refused.out), AllOf(HasSubstr("instances still exist"),
                                       HasSubstr("default/late")));
  ExpectFirstIntact(workspace_);
  kubectl({"delete", kCrd, "late", "--namespace=default"});
  const support::Outcome gone = workspace_.Destroy();
  EXPECT_EQ(gone.exit_code, 0) << gone.out;
  EXPECT_TRUE(Live("", "crd", kCrd).is_null());
  // Somebody else's is asked for before anything is made.
  workspace_.Write(
      Block("first", "wandb", "wandb", "crd = { manage = false }"));
  const support::Outcome without = workspace_.Apply();
  EXPECT_EQ(without.exit_code, 1) << without.out;
  EXPECT_THAT(Flat(without.out),
              AllOf(HasSubstr("no custom resource definition"),
                    HasSubstr("does not exist")));
  EXPECT_TRUE(
      Live("wandb", "deployment", "wandb-controller-manager").is_null());
  workspace_.Write(Block("first", "wandb"));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  ExpectFirstIntact(workspace_);
}

// ---- What the plan says before ----

TEST_P(OperatorOwnership, ThePlanOfAMistakenSecondOneNamesTheOwner) {
  Workspace other(GetParam());
  other.Write(Block("second", "second"));
  const support::Outcome plan = other.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("Apply will fail"),
                    HasSubstr("ClusterRole \"wandb-manager-role\": belongs "
                              "to wandb_operator \"wandb/wandb\""),
                    HasSubstr("id = \"wandb/wandb\""),
                    HasSubstr("is not the only one in the cluster")));
  EXPECT_TRUE(Live("", "namespace", "second").is_null());
  other.Forget();
}

TEST_P(OperatorOwnership, ThePlanOfAFirstOneFindsNothing) {
  const support::Outcome gone = workspace_.Destroy();
  ASSERT_EQ(gone.exit_code, 0) << gone.out;
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  // One is core's own, about the provider that is tested.
  EXPECT_EQ(plan.out.find("Warning: "), plan.out.rfind("Warning: "))
      << plan.out;
  workspace_.Write(
      Block("first", "elsewhere", "wandb", "create_namespace = false"));
  EXPECT_THAT(Flat(workspace_.Plan().out),
              HasSubstr("Namespace \"elsewhere\" does not exist"));
  workspace_.Write(Block("first", "wandb"));
}

TEST_P(OperatorOwnership, FieldsOfAnotherManagerHaveAWayOut) {
  workspace_.WriteFile("gitops.yaml",
                       "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
                       "  name: wandb-controller-manager\n  namespace: wandb\n"
                       "spec: {replicas: 2}\n");
  const support::Outcome gitops = cluster_.Kubectl(
      {"apply", "--server-side", "--force-conflicts",
       "--field-manager=argocd-controller",
       absl::StrCat("--filename=", workspace_.directory(), "/gitops.yaml")});
  ASSERT_EQ(gitops.exit_code, 0) << gitops.out;
  const auto told = AllOf(
      HasSubstr(".spec.replicas is owned by \"argocd-controller\" (Apply)"),
      HasSubstr("force_conflicts = true"));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("spec.replicas 1 -> 2"));
  EXPECT_THAT(Flat(plan.out), AllOf(told, HasSubstr("Apply will fail")));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1) << apply.out;
  EXPECT_THAT(Flat(apply.out), told);
  workspace_.Write(Block("first", "wandb", "wandb", "force_conflicts = true"));
  EXPECT_THAT(workspace_.Plan().out, Not(HasSubstr("Apply will fail")));
  const support::Outcome forced = workspace_.Apply();
  EXPECT_EQ(forced.exit_code, 0) << forced.out;
  ExpectFirstIntact(workspace_);
}

// A second subject of the same name, as another operator has it.
TEST_P(OperatorOwnership, RightsThatAnotherHasTooAreKept) {
  const support::Outcome shared = cluster_.Kubectl(
      {"patch", "clusterrolebinding", "wandb-manager-rolebinding",
       "--type=json",
       "--patch=[{\"op\":\"add\",\"path\":\"/subjects/-\",\"value\":{\"kind\":"
       "\"ServiceAccount\",\"namespace\":\"ops\",\"name\":\"wandb-manager\"}}"
       "]"});
  ASSERT_EQ(shared.exit_code, 0) << shared.out;
  // Which is no drift, and no apply takes it away.
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  workspace_.Write(Block("first", "wandb", "wandb", "airgapped = true"));
  EXPECT_EQ(workspace_.Apply().exit_code, 0);
  EXPECT_THAT(
      Live("", "clusterrolebinding", "wandb-manager-rolebinding")["subjects"],
      SizeIs(2));
  const support::Outcome gone = workspace_.Destroy();
  EXPECT_EQ(gone.exit_code, 0) << gone.out;
  EXPECT_THAT(Flat(gone.out),
              AllOf(HasSubstr("was kept"),
                    HasSubstr("ServiceAccount \"ops/wandb-manager\"")));
  for (const char* kind : {"clusterrolebinding", "clusterrole"}) {
    const std::string name =
        absl::StrCat("wandb-manager-role",
                     std::string(kind) == "clusterrole" ? "" : "binding");
    EXPECT_FALSE(Live("", kind, name).is_null()) << kind;
    EXPECT_EQ(cluster_.Kubectl({"delete", kind, name}).exit_code, 0);
  }
}

// Left out of the import, it could neither be made nor be had.
TEST_P(OperatorOwnership, RightsThatAnotherHasTooAreImported) {
  const support::Outcome shared = cluster_.Kubectl(
      {"patch", "clusterrolebinding", "wandb-manager-rolebinding",
       "--type=json",
       "--patch=[{\"op\":\"add\",\"path\":\"/subjects/-\",\"value\":{\"kind\":"
       "\"ServiceAccount\",\"namespace\":\"ops\",\"name\":\"x\"}},{\"op\":"
       "\"remove\",\"path\":\"/metadata/annotations\"}]"});
  ASSERT_EQ(shared.exit_code, 0) << shared.out;
  ASSERT_EQ(workspace_.Run({"state", "rm", "wandb_operator.first"}).exit_code,
            0);
  const support::Outcome import = workspace_.Run(
      {"import", "-no-color", "wandb_operator.first", "wandb/wandb"});
  EXPECT_EQ(import.exit_code, 0) << import.out;
  EXPECT_THAT(Flat(import.out), HasSubstr("ServiceAccount \"ops/x\""));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(
      Live("", "clusterrolebinding", "wandb-manager-rolebinding")["subjects"],
      SizeIs(2));
  ExpectFirstIntact(workspace_);
  EXPECT_EQ(cluster_
                .Kubectl({"delete", "clusterrolebinding",
                          "wandb-manager-rolebinding"})
                .exit_code,
            0);
}

TEST_P(OperatorOwnership, AnotherOperatorIsNotImportedUnderAWrongId) {
  Workspace other(GetParam());
  other.Write(Block("second", "second"));
  const support::Outcome import = other.Run(
      {"import", "-no-color", "wandb_operator.second", "second/wandb"});
  EXPECT_EQ(import.exit_code, 1) << import.out;
  other.Forget();
  ExpectFirstIntact(workspace_);
}

INSTANTIATE_TEST_SUITE_P(Tools, OperatorOwnership, testing::Values("tofu"),
                         ToolName);

}  // namespace
}  // namespace acceptance
