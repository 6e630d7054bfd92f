// Who owns a field of the custom resource, and what happens when somebody else
// does: hand edits, other appliers, tools of the past, successors of the same
// name.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kAddress[] = "wandb_instance.this";

std::string InstanceBlock(const std::string& values,
                          const std::string& more = "") {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n  wait = false\n  values = {",
      values, "}\n", more, "\n}\n");
}

// The custom resource as YAML.
std::string Manifest(const std::string& values) {
  return absl::StrCat(
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\n"
      "  labels: {app.kubernetes.io/name: weightsandbiases, "
      "app.kubernetes.io/instance: wandb}\nspec:\n  values: ",
      values, "\n");
}

class Ownership : public Acceptance {
 protected:
  void SetUp() override {
    // The definition outlives the operator that brings it.
    if (cluster_.GetObject("", "crd", "weightsandbiases.apps.wandb.com")
            .is_null()) {
      Workspace once(GetParam());
      once.Write(OperatorBlock());
      const support::Outcome apply = once.Apply();
      ASSERT_EQ(apply.exit_code, 0) << apply.out;
    }
  }

  void TearDown() override {
    if (Live().is_null()) return;
    const support::Outcome gone =
        Kubectl({"delete", "weightsandbiases", "wandb"});
    EXPECT_EQ(gone.exit_code, 0) << gone.out;
    workspace_.Forget();
  }

  support::Outcome Kubectl(std::vector<std::string> args) {
    args.emplace_back("--namespace=default");
    return cluster_.Kubectl(std::move(args));
  }

  void MustKubectl(std::vector<std::string> args) {
    const support::Outcome outcome = Kubectl(std::move(args));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }

  // `verb` ("apply", "create") with more arguments on a manifest.
  void Send(const std::string& manifest, std::vector<std::string> args) {
    workspace_.WriteFile("manifest.yaml", manifest);
    args.push_back("--filename=" + workspace_.directory() + "/manifest.yaml");
    MustKubectl(std::move(args));
  }

  // A manager that applies by itself and takes what it wants.
  void ApplyAsOther(const std::string& values) {
    Send(Manifest(values), {"apply", "--server-side", "--field-manager=other",
                            "--force-conflicts"});
  }

  void Apply(const std::string& body) {
    workspace_.Write(body);
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }

  // The output of an apply that must fail.
  std::string FailedApply(const std::string& body) {
    workspace_.Write(body);
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 1) << apply.out;
    EXPECT_THAT(apply.out, Not(HasSubstr("bug in the provider")));
    return Flat(apply.out);
  }

  void Import(const std::string& body) {
    workspace_.Write(body);
    const support::Outcome import =
        workspace_.Run({"import", "-no-color", kAddress, "default/wandb"});
    ASSERT_EQ(import.exit_code, 0) << import.out;
  }

  Json Live() {
    return cluster_.GetObject("default", "weightsandbiases", "wandb");
  }
  Json LiveValues() { return Live()["spec"]["values"]; }

  std::vector<std::string> Managers(const std::string& operation) {
    std::vector<std::string> names;
    const Json live = Live();
    for (const Json& entry : live["metadata"]["managedFields"]) {
      if (entry["operation"] == operation && !entry.contains("subresource")) {
        names.push_back(entry["manager"]);
      }
    }
    return names;
  }
};

TEST_P(Ownership, AnEditByHandOfOurFieldIsOverruled) {
  Apply(InstanceBlock("a = { x = 1, y = 1 }"));
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "-p={\"spec\":{\"values\":{\"a\":{\"x\":2},\"theirs\":1}}}"});
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "--field-manager=kubectl-edit",
               "-p={\"spec\":{\"values\":{\"a\":{\"y\":2}}}}"});
  const support::Outcome plan = workspace_.Plan();
  EXPECT_THAT(plan.out, AllOf(HasSubstr("\"a.x\""), HasSubstr("\"a.y\""),
                              Not(HasSubstr("Apply will fail"))));
  Apply(InstanceBlock("a = { x = 1, y = 1 }"));
  EXPECT_EQ(LiveValues(), Json({{"a", {{"x", 1}, {"y", 1}}}, {"theirs", 1}}));
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Ownership, AnEditOfAFieldThatIsNewToUsIsRespected) {
  Apply(InstanceBlock("a = 1"));
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "-p={\"spec\":{\"values\":{\"b\":\"theirs\"}}}"});
  const std::string out = FailedApply(InstanceBlock("a = 1, b = \"ours\""));
  EXPECT_THAT(out, AllOf(HasSubstr("b is owned by \"kubectl-patch\" (Update) "
                                   "since 20"),
                         HasSubstr("force_conflict_paths = [\"b\"]")));
  Apply(InstanceBlock("a = 1, b = \"ours\"", "force_conflict_paths = [\"b\"]"));
  EXPECT_EQ(LiveValues(), Json({{"a", 1}, {"b", "ours"}}));
}

TEST_P(Ownership, AnotherAppliersFieldsAreTakenOnRequestOnly) {
  const std::string ours = "a = { x = 1, \"k.l/m\" = 1 }, b = 1, l = [1]";
  Apply(InstanceBlock(ours));
  const Json theirs = {{"a", {{"x", 2}, {"k.l/m", 2}}}, {"b", 2}, {"l", {2}}};
  ApplyAsOther(theirs.dump());

  workspace_.Write(InstanceBlock(ours));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("Warning: Apply will fail"),
                    HasSubstr("a.x is owned by \"other\" (Apply) since 20"),
                    HasSubstr("force_conflicts = true")));

  const std::string refused = FailedApply(InstanceBlock(ours));
  EXPECT_THAT(
      refused,
      AllOf(HasSubstr("a.x is owned by \"other\" (Apply) since 20"),
            HasSubstr("a[\"k.l/m\"] is owned by \"other\""),
            HasSubstr("force_conflict_paths = [\"a.x\", \"a[\\\"k.l/m\\\"]\", "
                      "\"b\", \"l\"]")));
  EXPECT_EQ(LiveValues(), theirs);

  // Some paths are not enough, and then none is taken.
  const std::string part =
      FailedApply(InstanceBlock(ours, "force_conflict_paths = [\"a\", \"l\"]"));
  EXPECT_THAT(part, AllOf(HasSubstr("force_conflict_paths = [\"a\", \"l\", "
                                    "\"b\"]"),
                          Not(HasSubstr("a.x is owned"))));
  EXPECT_EQ(LiveValues(), theirs);

  // What is left to the other manager stays shared with it.
  Apply(InstanceBlock("a = { x = 1, \"k.l/m\" = 1 }, b = 2, l = [1]",
                      "force_conflict_paths = [\"a.x\", "
                      "\"a[\\\"k.l/m\\\"]\", \"l\"]"));
  EXPECT_EQ(LiveValues(),
            Json({{"a", {{"x", 1}, {"k.l/m", 1}}}, {"b", 2}, {"l", {1}}}));
  const Json live = Live();
  for (const Json& entry : live["metadata"]["managedFields"]) {
    if (entry["manager"] != "other") continue;
    const Json& values = entry["fieldsV1"]["f:spec"]["f:values"];
    EXPECT_TRUE(values.contains("f:b")) << values;
    EXPECT_FALSE(values.contains("f:l")) << values;
  }
}

TEST_P(Ownership, ARefusedUpdateEmptiesNoMap) {
  Apply(InstanceBlock("a = 1, m = { k = 1 }"));
  ApplyAsOther("{a: 2}");
  EXPECT_THAT(FailedApply(InstanceBlock("a = 1, m = {}")),
              HasSubstr("a is owned by \"other\""));
  EXPECT_EQ(LiveValues(), Json({{"a", 2}, {"m", {{"k", 1}}}}));
  Apply(InstanceBlock("m = {}"));
  EXPECT_EQ(LiveValues(), Json({{"a", 2}, {"m", Json::object()}}));
  Apply(InstanceBlock(""));
  EXPECT_EQ(LiveValues(), Json({{"a", 2}}));
}

TEST_P(Ownership, ForceConflictsTakesAll) {
  Apply(InstanceBlock("a = 1", "labels = { team = \"ml\" }"));
  ApplyAsOther("{a: 2}");
  Send(
      absl::StrReplaceAll(Manifest("{a: 2}"),
                          {{"app.kubernetes.io/instance: wandb",
                            "app.kubernetes.io/instance: wandb, team: x"}}),
      {"apply", "--server-side", "--field-manager=other", "--force-conflicts"});
  EXPECT_THAT(
      FailedApply(InstanceBlock("a = 1", "labels = { team = \"ml\" }")),
      HasSubstr("force_conflict_paths = [\".metadata.labels.team\", \"a\"]"));
  Apply(InstanceBlock("a = 1",
                      "labels = { team = \"ml\" }\n"
                      "force_conflicts = true"));
  EXPECT_EQ(LiveValues(), Json({{"a", 1}}));
  EXPECT_EQ(Live()["metadata"]["labels"]["team"], "ml");
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Ownership, BadForcePathsAreNamed) {
  workspace_.Write(
      InstanceBlock("a = 1",
                    "force_conflict_paths = [\"a.b\", \"a..c\", \"l[0]\", "
                    "\".status.phase\"]"));
  const support::Outcome outcome = workspace_.Run({"validate", "-no-color"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(Flat(outcome.out),
              AllOf(HasSubstr("force_conflict_paths[1]"),
                    HasSubstr("force_conflict_paths[2]"),
                    HasSubstr("force_conflict_paths[3]"),
                    Not(HasSubstr("force_conflict_paths[0]"))));
}

// Values that the object was made with, by another tool, and that configuration
// drops after the import.
TEST_P(Ownership, WhatKubectlAppliedGoesAwayWhenItIsDropped) {
  Send(Manifest("{a: {keep: 1, drop: 1}, gone: 1}"), {"apply"});
  Import(InstanceBlock("a = { keep = 1 }"));
  // Later changes by others are not part of what was imported.
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "--field-manager=kubectl-client-side-apply",
               "-p={\"spec\":{\"values\":{\"late\":1}}}"});
  const support::Outcome plan =
      workspace_.Run({"plan", "-no-color", "-refresh=false"});
  EXPECT_THAT(plan.out,
              AllOf(HasSubstr("- \"a.drop\""), HasSubstr("- \"gone\"")));
  Apply(InstanceBlock("a = { keep = 1 }"));
  EXPECT_EQ(LiveValues(), Json({{"a", {{"keep", 1}}}, {"late", 1}}));
  EXPECT_FALSE(
      Live()["metadata"]
          .value("annotations", Json::object())
          .contains("kubectl.kubernetes.io/last-applied-configuration"));
  EXPECT_THAT(Managers("Apply"),
              testing::ElementsAre("terraform-provider-wandb"));
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "--field-manager=helm",
               "-p={\"spec\":{\"values\":{\"a\":{\"helms\":1}}}}"});
  Apply(InstanceBlock("a = { keep = 2 }"));
  EXPECT_EQ(LiveValues(),
            Json({{"a", {{"keep", 2}, {"helms", 1}}}, {"late", 1}}));
}

TEST_P(Ownership, WhatTheHelmProviderMadeGoesAwayWhenItIsDropped) {
  Send(Manifest("{a: {keep: 1, drop: 1}, gone: {x: {y: 1}}}"),
       {"create", "--field-manager=terraform-provider-helm_v2.17.0_x5"});
  Import(InstanceBlock("a = { keep = 1 }"));
  Apply(InstanceBlock("a = { keep = 1 }"));
  EXPECT_EQ(LiveValues(), Json({{"a", {{"keep", 1}}}}));
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Ownership, WhatKubernetesManifestAppliedIsTakenOverWithoutForce) {
  Send(Manifest("{a: 1, gone: 1}"),
       {"apply", "--server-side", "--field-manager=Terraform"});
  Import(InstanceBlock("a = 2"));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_THAT(plan.out, Not(HasSubstr("Apply will fail"))) << plan.out;
  Apply(InstanceBlock("a = 2"));
  EXPECT_EQ(LiveValues(), Json({{"a", 2}}));
}

TEST_P(Ownership, AChangedFieldManagerKeepsOurFieldsOurs) {
  Apply(InstanceBlock("a = 1, b = 1"));
  workspace_.Write(InstanceBlock("a = 2"),
                   absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                                cluster_.kubeconfig(),
                                "\"\n  field_manager = \"renamed\"\n}\n"));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_EQ(LiveValues(), Json({{"a", 2}}));
  EXPECT_THAT(Managers("Apply"), testing::ElementsAre("renamed"));
}

TEST_P(Ownership, AnotherObjectOfTheSameNameIsNeverWritten) {
  Apply(InstanceBlock("a = 1"));
  workspace_.Write(InstanceBlock("a = 2"));
  const support::Outcome plan =
      workspace_.Run({"plan", "-no-color", "-out=saved.plan"});
  ASSERT_EQ(plan.exit_code, 0) << plan.out;
  MustKubectl({"delete", "weightsandbiases", "wandb"});
  // Gone: an update makes nothing new.
  const support::Outcome gone =
      workspace_.Run({"apply", "-no-color", "saved.plan"});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(Flat(gone.out), HasSubstr("was deleted meanwhile"));
  EXPECT_TRUE(Live().is_null());
  EXPECT_FALSE(workspace_.Attributes(kAddress).is_null());

  const support::Outcome once_more = workspace_.Run(
      {"plan", "-no-color", "-refresh=false", "-out=saved.plan"});
  ASSERT_EQ(once_more.exit_code, 0) << once_more.out;
  Send(Manifest("{theirs: 1}"), {"create"});
  const support::Outcome again =
      workspace_.Run({"apply", "-no-color", "saved.plan"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(Flat(again.out), AllOf(HasSubstr("was deleted and made again"),
                                     HasSubstr("Nothing was written")));
  EXPECT_EQ(LiveValues(), Json({{"theirs", 1}}));

  const std::string out = FailedApply(InstanceBlock("a = 2"));
  EXPECT_THAT(out, AllOf(HasSubstr("Instance default/wandb was deleted and "
                                   "made again"),
                         HasSubstr("import {")));
  EXPECT_EQ(LiveValues(), Json({{"theirs", 1}}));
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  EXPECT_EQ(LiveValues(), Json({{"theirs", 1}}));
}

TEST_P(Ownership, ADyingObjectIsNotTakenForAnUpdatedOne) {
  Apply(InstanceBlock("a = 1"));
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "-p={\"metadata\":{\"finalizers\":[\"test.wandb/hold\"]}}"});
  MustKubectl({"delete", "weightsandbiases", "wandb", "--wait=false"});
  // Its end is awaited, for as long as it may take.
  EXPECT_THAT(
      FailedApply(InstanceBlock("a = 2", "timeouts {\n update = \"4s\"\n }")),
      AllOf(HasSubstr("is being deleted"), HasSubstr("test.wandb/hold")));
  EXPECT_FALSE(workspace_.Attributes(kAddress).is_null());
  MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
               "-p={\"metadata\":{\"finalizers\":null}}"});
  MustKubectl(
      {"wait", "weightsandbiases", "wandb", "--for=delete", "--timeout=60s"});
  Apply(InstanceBlock("a = 2"));
  EXPECT_EQ(LiveValues(), Json({{"a", 2}}));
}

// A webhook's part is played by the API server's own mutation policy.
TEST_P(Ownership, AValueThatTheClusterChangesIsAWarning) {
  workspace_.WriteFile("policy.yaml", R"(
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: test-mutation}
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [apps.wandb.com]
      apiVersions: [v1]
      operations: [CREATE, UPDATE]
      resources: [weightsandbiases]
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        has(object.spec.values) && "mutated" in object.spec.values ?
        [JSONPatch{op: "replace", path: "/spec/values/mutated", value: "theirs"},
         JSONPatch{op: "replace", path: "/spec/values/global/license", value: "swapped"}] : []
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: test-mutation}
spec: {policyName: test-mutation}
)");
  const std::string file =
      "--filename=" + workspace_.directory() + "/policy.yaml";
  MustKubectl({"apply", file});
  // The policy is in force once a dry run shows it.
  const std::string probe =
      "{kept: 1, mutated: ours, global: {license: canary-sent}}";
  workspace_.WriteFile("probe.yaml", Manifest(probe));
  for (int tries = 0; tries < 60; ++tries) {
    const support::Outcome trial =
        Kubectl({"create", "--dry-run=server", "-o=yaml",
                 "--filename=" + workspace_.directory() + "/probe.yaml"});
    if (absl::StrContains(trial.out, "theirs")) break;
    ASSERT_LT(tries, 59) << trial.out;
    absl::SleepFor(absl::Milliseconds(500));
  }
  workspace_.Write(InstanceBlock("kept = 1, mutated = \"ours\"",
                                 "license = \"canary-sent\""));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(Flat(apply.out),
              AllOf(HasSubstr("Warning: The cluster changed what was written"),
                    HasSubstr("mutated: sent ours, stored theirs"),
                    HasSubstr("global.license: sent (sensitive), stored"),
                    Not(HasSubstr("kept: sent")), Not(HasSubstr("canary-sent")),
                    Not(HasSubstr("swapped"))));
  MustKubectl({"delete", file});
}

TEST_P(Ownership, StateStaysWhenTheObjectMayNotBeRead) {
  Apply(InstanceBlock("a = 1"));
  const Json before = workspace_.Attributes(kAddress);
  workspace_.Write(
      InstanceBlock("a = 1"),
      absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                   cluster_.kubeconfig(),
                   "\"\n  config_context = \"wandb-readonly\"\n}\n"));
  for (const char* verb : {"refresh", "destroy"}) {
    const support::Outcome outcome = workspace_.Run(
        verb == std::string("refresh")
            ? std::vector<std::string>{verb, "-no-color"}
            : std::vector<std::string>{verb, "-no-color", "-auto-approve"});
    EXPECT_EQ(outcome.exit_code, 1) << verb;
    EXPECT_THAT(outcome.out, HasSubstr("forbidden")) << verb;
    EXPECT_EQ(workspace_.Attributes(kAddress), before) << verb;
  }
  workspace_.Write(InstanceBlock("a = 1"));
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Ownership, AnImportedOperatorIsNotChangedAndTakenOverFromHelm) {
  workspace_.Write(OperatorBlock());
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  const auto import = [this] {
    ASSERT_EQ(workspace_.Run({"state", "rm", "wandb_operator.this"}).exit_code,
              0);
    const support::Outcome outcome = workspace_.Run(
        {"import", "-no-color", "wandb_operator.this", "wandb/wandb"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  };
  import();
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;

  // As if a chart had made it, with more than we want.
  const support::Outcome env = cluster_.Kubectl(
      {"set", "env", "deployment/wandb-controller-manager", "--namespace=wandb",
       "--field-manager=helm", "HELMS=1", "OPERATOR_NAMESPACE=elsewhere"});
  ASSERT_EQ(env.exit_code, 0) << env.out;
  import();
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2) << out;
  EXPECT_THAT(out, HasSubstr("Deployment/wandb/wandb-controller-manager"));
  const support::Outcome update = workspace_.Apply();
  ASSERT_EQ(update.exit_code, 0) << update.out;
  const Json live =
      cluster_.GetObject("wandb", "deployment", "wandb-controller-manager");
  const std::string containers =
      live["spec"]["template"]["spec"]["containers"].dump();
  EXPECT_THAT(containers,
              AllOf(Not(HasSubstr("HELMS")), Not(HasSubstr("elsewhere"))));
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
}

TEST_P(Ownership, AnOperatorsObjectThatWasMadeAgainIsLeftAlone) {
  workspace_.Write(OperatorBlock());
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  const auto in_wandb = [this](std::vector<std::string> args) {
    args.emplace_back("--namespace=wandb");
    const support::Outcome outcome = cluster_.Kubectl(std::move(args));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  };
  in_wandb({"delete", "serviceaccount", "wandb-manager"});
  in_wandb({"create", "serviceaccount", "wandb-manager"});
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2);
  EXPECT_THAT(out, HasSubstr("ServiceAccount/wandb/wandb-manager"));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(Flat(again.out),
              AllOf(HasSubstr("ServiceAccount \"wandb/wandb-manager\" was "
                              "deleted and made again"),
                    HasSubstr("delete these objects")));
  in_wandb({"delete", "serviceaccount", "wandb-manager"});
  const support::Outcome repaired = workspace_.Apply();
  EXPECT_EQ(repaired.exit_code, 0) << repaired.out;
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

INSTANTIATE_TEST_SUITE_P(Tools, Ownership, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
