// A wait goes on through an outage of the API server, wherever it meets it.

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;

constexpr absl::Duration kOutage = absl::Seconds(20);

constexpr char kInstance[] = R"hcl(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  values   = { app = { podAnnotations = { "wandb-test/behaviour" = "pending" } } }
}
)hcl";

constexpr char kOther[] = R"hcl(
resource "wandb_instance" "other" {
  operator         = "wandb/wandb"
  namespace        = "other"
  create_namespace = true
}
)hcl";

// As long as it exists, another definition of its group cannot have the kind.
constexpr char kNameTaken[] = R"yaml(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: others.apps.wandb.com}
spec:
  group: apps.wandb.com
  scope: Namespaced
  names: {plural: others, kind: WeightsAndBiases}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
)yaml";

constexpr char kDefinitions[] =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr char kNamespaces[] = "/api/v1/namespaces";

std::string Instances(const std::string& ns) {
  return absl::StrCat("/apis/apps.wandb.com/v1/namespaces/", ns,
                      "/weightsandbiases");
}

std::string Deployments(const std::string& ns) {
  return absl::StrCat("/apis/apps/v1/namespaces/", ns, "/deployments");
}

class Outage : public Acceptance {
 protected:
  // For what the workspaces destroy after a failure.
  void TearDown() override { cluster_.SignalOperator(SIGCONT); }

  void MustKubectl(std::vector<std::string> args) {
    const support::Outcome outcome = cluster_.Kubectl(std::move(args));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }

  size_t RequestsFor(const std::string& collection) {
    const auto log = proxy_.Log("request GET ");
    return static_cast<size_t>(std::count(log.begin(), log.end(), collection));
  }
  // Until the provider has listed the collection and watches it. `seen`: its
  // earlier requests for that.
  void AwaitWait(const std::string& collection, size_t seen = 0) {
    const absl::Time deadline = absl::Now() + absl::Minutes(2);
    while (RequestsFor(collection) < seen + 2) {
      ASSERT_LT(absl::Now(), deadline) << "nobody waits for " << collection;
      absl::SleepFor(absl::Milliseconds(20));  // It is a file.
    }
  }

  void AwaitObject(const std::string& resource, const std::string& name) {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (cluster_.GetObject("wandb", resource, name).is_null()) {
      ASSERT_LT(absl::Now(), deadline) << "nobody makes " << name;
    }
  }

  support::Process Start(Workspace& workspace, const std::string& command) {
    return workspace.Start({command, "-auto-approve", "-no-color"});
  }
  static void ExpectReady(Workspace& workspace, const std::string& address) {
    EXPECT_EQ(workspace.Attributes(address)["ready"], true) << address;
    EXPECT_FALSE(workspace.Tainted(address)) << address;
  }
  static void ExpectGone(const support::Outcome& destroyed,
                         Workspace& workspace) {
    EXPECT_EQ(destroyed.exit_code, 0) << destroyed.out;
    EXPECT_EQ(workspace.StateJson()["resources"].size(), 0U) << destroyed.out;
  }

  const ApiProxy proxy_{cluster_, {}};
};

// Each phase is held up until its outage is over: the definition by one that
// has its name, the operator's pods by a node that takes none, all that the
// operator does by a signal, W&B's pods by their annotation, and the end of the
// namespace by a finalizer.
TEST_P(Outage, OfTwentySecondsIsSurvivedInEveryPhaseOfAWait) {
  cluster_.Create(kNameTaken);
  MustKubectl({"cordon", "node-1"});
  cluster_.SignalOperator(SIGSTOP);
  workspace_.Write(OperatorBlock() + kInstance, proxy_.ProviderBlock());
  support::Process apply = Start(workspace_, "apply");

  AwaitWait(kDefinitions);
  // What is written while the definition is waited for.
  for (const auto& [resource, name] :
       {std::pair("serviceaccount", "wandb-manager"),
        std::pair("clusterrole", "wandb-manager-role"),
        std::pair("role", "wandb-leader-election-role")}) {
    AwaitObject(resource, name);
  }
  if (HasFatalFailure()) return;
  proxy_.Outage(kOutage);
  MustKubectl({"delete", "crd", "others.apps.wandb.com"});

  AwaitWait(Deployments("wandb"));
  if (HasFatalFailure()) return;
  proxy_.Outage(kOutage);
  MustKubectl({"uncordon", "node-1"});

  AwaitWait(Instances("default"));
  if (HasFatalFailure()) return;
  proxy_.Outage(kOutage);
  cluster_.SignalOperator(SIGCONT);

  // Beside the wait for this instance's pods, that for the end of another one.
  AwaitWait(Deployments("default"));
  if (HasFatalFailure()) return;
  // An operator that is not done would bring the annotation back.
  MustKubectl({"wait", "weightsandbiases/wandb", "--namespace=default",
               "--for=jsonpath={.status.phase}=Completed", "--timeout=120s"});
  Workspace other(GetParam());
  other.Write(kOther, proxy_.ProviderBlock());
  const support::Outcome made = other.Apply();
  ASSERT_EQ(made.exit_code, 0) << made.out;
  const size_t seen = RequestsFor(Instances("other"));
  cluster_.SignalOperator(SIGSTOP);
  support::Process destroy_other = Start(other, "destroy");
  AwaitWait(Instances("other"), seen);
  if (HasFatalFailure()) return;
  proxy_.Outage(kOutage);
  cluster_.SignalOperator(SIGCONT);
  ExpectGone(destroy_other.Finish(absl::Minutes(2)), other);
  MustKubectl({"patch", "deployment", "wandb-app-bc", "--namespace=default",
               "--type=json",
               "-p=[{\"op\":\"remove\",\"path\":\"/spec/template/metadata/"
               "annotations/wandb-test~1behaviour\"}]"});

  const support::Outcome applied = apply.Finish(absl::Minutes(2));
  ASSERT_EQ(applied.exit_code, 0) << applied.out;
  ExpectReady(workspace_, "wandb_operator.this");
  ExpectReady(workspace_, "wandb_instance.this");
  std::string plan;
  EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;

  MustKubectl({"patch", "namespace", "wandb", "--type=merge",
               "-p={\"metadata\":{\"finalizers\":[\"example.com/hold\"]}}"});
  const size_t seen_namespaces = RequestsFor(kNamespaces);
  support::Process destroy = Start(workspace_, "destroy");
  AwaitWait(kNamespaces, seen_namespaces);
  if (HasFatalFailure()) return;
  proxy_.Outage(kOutage);
  MustKubectl({"patch", "namespace", "wandb", "--type=merge",
               "-p={\"metadata\":{\"finalizers\":null}}"});
  ExpectGone(destroy.Finish(absl::Minutes(2)), workspace_);
}

INSTANTIATE_TEST_SUITE_P(Tools, Outage, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
