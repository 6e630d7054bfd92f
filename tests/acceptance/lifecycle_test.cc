// The whole chain: operator and instance, from nothing to nothing.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

constexpr char kInstance[] = R"(
resource "wandb_instance" "this" {
  operator         = wandb_operator.this.id
  host             = "https://wandb.example.com"
  release          = jsondecode(file("release.json"))
  values = {
    global = { mysql = { host = "db.example.com", port = 3306, password = "canary-hunter2" } }
    mysql  = { install = false }
    app    = { replicaCount = REPLICAS }
  }
}
)";

std::string Instance(int replicas) {
  std::string text = kInstance;
  return text.replace(text.find("REPLICAS"), 8, std::to_string(replicas));
}

class Lifecycle : public Acceptance {
 protected:
  void SetUp() override {
    workspace_.WriteFile("release.json", Data("channel.json"));
    workspace_.Write(OperatorBlock() + Instance(1));
  }
};

TEST_P(Lifecycle, OneApplyBuildsEverythingAndOneDestroyRemovesIt) {
  const support::Outcome plan = workspace_.Plan();
  ASSERT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("\"global.mysql.port\""));
  // A leaf of the release channel, with where it comes from.
  EXPECT_THAT(plan.out, HasSubstr("\"api.image.tag\""));
  EXPECT_THAT(plan.out, HasSubstr("\"release_channel\""));

  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  for (const auto& [ns, kind, name] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"", "namespace", "wandb"},
           {"", "crd", "weightsandbiases.apps.wandb.com"},
           {"", "clusterrole", "wandb-manager-role"},
           {"", "clusterrolebinding", "wandb-manager-rolebinding"},
           {"wandb", "serviceaccount", "wandb-manager"},
           {"wandb", "deployment", "wandb-controller-manager"},
           {"default", "weightsandbiases", "wandb"}}) {
    EXPECT_FALSE(cluster_.GetObject(ns, kind, name).is_null()) << name;
  }
  const Json state = workspace_.Attributes("wandb_instance.this");
  EXPECT_EQ(state["ready"], true);
  EXPECT_EQ(state["phase"], "Completed");
  EXPECT_EQ(state["url"], "https://wandb.example.com");
  EXPECT_EQ(state["effective_origin"]["global.host"], "custom_resource");
  EXPECT_EQ(state["effective_origin"]["api.image.tag"], "release_channel");
  EXPECT_EQ(state["effective_origin"]["global.operator.namespace"],
            "operator_default");
  EXPECT_EQ(state["effective_values"]["global.mysql.password"], "(sensitive)");
  EXPECT_EQ(state["effective_chart"]["version"], "0.42.4");

  std::string second;
  EXPECT_EQ(workspace_.PlanExitCode(&second), 0) << second;

  const support::Outcome destroy = workspace_.Destroy();
  ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_LT(destroy.out.find("wandb_instance.this: Destruction complete"),
            destroy.out.find("wandb_operator.this: Destroying"));
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "wandb").is_null());
  EXPECT_TRUE(
      cluster_.GetObject("", "clusterrole", "wandb-manager-role").is_null());
  EXPECT_FALSE(cluster_.GetObject("", "crd", "weightsandbiases.apps.wandb.com")
                   .is_null());
}

TEST_P(Lifecycle, OneChangedLeafIsOneChangedLineInEachMap) {
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  workspace_.Write(OperatorBlock() + Instance(2));
  const Json plan = workspace_.PlanJson();
  for (const Json& change : plan["resource_changes"]) {
    if (change["type"] != "wandb_instance") continue;
    EXPECT_EQ(change["change"]["actions"], Json({"update"}));
    const Json& before = change["change"]["before"];
    const Json& after = change["change"]["after"];
    for (const char* map : {"configured_values", "effective_values"}) {
      int changed = 0;
      for (const auto& [path, text] : after[map].items()) {
        if (Json(before[map].value(path, "")) != text) ++changed;
      }
      EXPECT_EQ(changed, 1) << map;
      EXPECT_EQ(after[map]["app.replicaCount"], "2");
    }
    EXPECT_EQ(before["effective_origin"], after["effective_origin"]);
  }
  const support::Outcome update = workspace_.Apply();
  EXPECT_EQ(update.exit_code, 0) << update.out;
  EXPECT_THAT(update.out, HasSubstr("1 changed"));
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Lifecycle, AnEditByHandShowsAsThatLeafAndIsTakenBack) {
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  const support::Outcome edit = cluster_.Kubectl(
      {"patch", "weightsandbiases", "wandb", "--namespace=default",
       "--type=merge", "--field-manager=kubectl-edit",
       "-p={\"spec\":{\"values\":{\"global\":{\"host\":\"https://other\","
       "\"mysql\":{\"password\":\"canary-stolen\"}},\"foreign\":1}}}"});
  ASSERT_EQ(edit.exit_code, 0) << edit.out;
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2);
  EXPECT_THAT(out, HasSubstr("\"https://other\" -> \"https://wandb.example"));
  EXPECT_THAT(out, HasSubstr("(sensitive, changed outside)"));
  EXPECT_THAT(out, Not(HasSubstr("canary-stolen")));
  const support::Outcome repair = workspace_.Apply();
  ASSERT_EQ(repair.exit_code, 0) << repair.out;
  const Json live = cluster_.GetObject("default", "weightsandbiases", "wandb");
  EXPECT_EQ(base::StringAt(live, "/spec/values/global/host"),
            "https://wandb.example.com");
  // What others added is theirs.
  EXPECT_EQ(base::IntAt(live, "/spec/values/foreign"), 1);
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
}

TEST_P(Lifecycle, OperatorDriftNamesTheObject) {
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(cluster_
                .Kubectl({"set", "env", "deployment/wandb-controller-manager",
                          "--namespace=wandb", "OPERATOR_NAMESPACE=elsewhere"})
                .exit_code,
            0);
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2);
  EXPECT_THAT(out,
              HasSubstr("~ \"Deployment/wandb/wandb-controller-manager\""));
  const support::Outcome repair = workspace_.Apply();
  ASSERT_EQ(repair.exit_code, 0) << repair.out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
}

TEST_P(Lifecycle, ImportOfAnUnchangedInstanceSendsNothing) {
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(workspace_.Run({"state", "rm", "wandb_instance.this"}).exit_code,
            0);
  workspace_.Write(OperatorBlock() + R"(
resource "wandb_instance" "this" {
  host   = "https://wandb.example.com"
  values = {
    global = { mysql = { host = "db.example.com", port = 3306 } }
    mysql  = { install = false }
    app    = { replicaCount = 1 }
  }
  sensitive_values = { global = { mysql = { password = "canary-hunter2" } } }
}
)");
  const support::Outcome import = workspace_.Run(
      {"import", "-no-color", "wandb_instance.this", "default/wandb"});
  ASSERT_EQ(import.exit_code, 0) << import.out;
  // The import has typed settings in their place: nothing but the state
  // changes.
  const Json before =
      cluster_.GetObject("default", "weightsandbiases", "wandb");
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2);
  EXPECT_THAT(out, Not(HasSubstr("known after apply")));
  const support::Outcome same = workspace_.Apply();
  EXPECT_EQ(same.exit_code, 0) << same.out;
  EXPECT_EQ(cluster_.GetObject("default", "weightsandbiases", "wandb"), before);
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  // Nothing orders this instance and its operator.
  const support::Outcome destroy = workspace_.Run(
      {"destroy", "-auto-approve", "-no-color", "-target=wandb_instance.this"});
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
}

TEST_P(Lifecycle, OperatorIsNotDestroyedWhileInstancesExist) {
  // Without `operator` nothing orders the two.
  workspace_.Write(OperatorBlock());
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  cluster_.Create(
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: other\n  namespace: default\nspec:\n  values: {}\n");
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 1);
  EXPECT_THAT(destroy.out, HasSubstr("default/other"));
  EXPECT_EQ(cluster_
                .Kubectl({"delete", "weightsandbiases", "other",
                          "--namespace=default"})
                .exit_code,
            0);
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Lifecycle, ANamespaceWithForeignContentIsKept) {
  workspace_.Write(OperatorBlock());
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  cluster_.Create(
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: precious\n"
      "  namespace: wandb\n");
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_THAT(destroy.out, HasSubstr("Secret \"precious\""));
  EXPECT_FALSE(cluster_.GetObject("wandb", "secret", "precious").is_null());
  cluster_.Kubectl({"delete", "namespace", "wandb"});
}

// Of whatever kind it is.
TEST_P(Lifecycle, ANamespaceWithForeignContentOfAnyKindIsKept) {
  cluster_.Create(R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.lifecycle.test}
spec:
  group: lifecycle.test
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
)");
  const support::Outcome wait =
      cluster_.Kubectl({"wait", "crd/things.lifecycle.test",
                        "--for=condition=Established", "--timeout=30s"});
  ASSERT_EQ(wait.exit_code, 0) << wait.out;
  workspace_.Write(OperatorBlock());
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const struct {
    const char *kind, *name, *manifest;
  } foreign[] = {
      {"CronJob", "nightly", R"(
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: wandb}
spec:
  schedule: "0 0 * * *"
  suspend: true
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: c, image: "i.test/c:1"}]
)"},
      {"NetworkPolicy", "fence", R"(
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: fence, namespace: wandb}
spec: {podSelector: {}}
)"},
      {"Thing", "one", R"(
apiVersion: lifecycle.test/v1
kind: Thing
metadata: {name: one, namespace: wandb}
)"},
  };
  for (const auto& object : foreign) cluster_.Create(object.manifest);
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
  for (const auto& [kind, name, manifest] : foreign) {
    EXPECT_THAT(Flat(destroy.out),
                HasSubstr(absl::StrCat(kind, " \"", name, "\"")));
    EXPECT_FALSE(cluster_.GetObject("wandb", kind, name).is_null()) << kind;
  }
  cluster_.Kubectl({"delete", "namespace", "wandb"});
  cluster_.Kubectl({"delete", "crd", "things.lifecycle.test"});
}

constexpr char kInstanceOfItsOwnNamespace[] = R"(
resource "wandb_instance" "this" {
  operator         = wandb_operator.this.id
  namespace        = "kept"
  create_namespace = true
  delete_kept      = true
  host             = "https://wandb.example.com"
}
data "wandb_instance" "seen" {
  namespace = wandb_instance.this.namespace
  name      = wandb_instance.this.name
  operator  = wandb_operator.this.id
  depends_on = [wandb_instance.this]
}
)";

// The Secret is as Helm keeps it, the claim as a StatefulSet leaves it.
constexpr char kKept[] = R"({"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Secret",
   "metadata": {"name": "wandb-mysql", "namespace": "kept", "annotations": {
     "meta.helm.sh/release-name": "wandb",
     "meta.helm.sh/release-namespace": "kept"}},
   "stringData": {"MYSQL_PASSWORD": "kept-password"}},
  {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
   "metadata": {"name": "data-wandb-mysql-0", "namespace": "kept",
                "labels": {"app.kubernetes.io/instance": "wandb"}},
   "spec": {"accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}}}}]})";

TEST_P(Lifecycle, WhatHelmKeepsGoesWithTheInstanceAndItsNamespace) {
  workspace_.Write(OperatorBlock() + kInstanceOfItsOwnNamespace);
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  const Json seen = workspace_.Attributes("wandb_instance.seen");
  EXPECT_EQ(seen["ready"], true);
  EXPECT_EQ(seen["url"], "https://wandb.example.com");
  EXPECT_EQ(seen["uid"], workspace_.Attributes("wandb_instance.this")["uid"]);
  EXPECT_FALSE(seen["workloads"].empty());
  EXPECT_FALSE(seen["images"].empty());
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  cluster_.Create(kKept);
  const support::Outcome destroy = workspace_.Destroy();
  ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_THAT(destroy.out, Not(HasSubstr(" leaves ")));
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "kept").is_null());
}

INSTANTIATE_TEST_SUITE_P(Tools, Lifecycle, testing::Values("tofu", "terraform"),
                         ToolName);

}  // namespace
}  // namespace acceptance
