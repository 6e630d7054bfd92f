// Plans with less than everything: values that are not known yet, a cluster
// that is down, a definition that is absent. And plans that must fail.
#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

constexpr char kNoCluster[] = R"(provider "wandb" {
  host  = "https://127.0.0.1:9"
  token = "canary-token"
})";

class Plans : public Acceptance {
 protected:
  // Compares what `out` says between the lines that begin with `first` and
  // `last` with a file that somebody has read and found right. After a wanted
  // change: WANDB_ACC_WRITE_GOLDEN=1 writes it; read it again.
  static void ExpectGolden(const std::string& name, const std::string& out,
                           const std::string& first, const std::string& last) {
    std::string part;
    bool inside = false;
    for (const absl::string_view line : absl::StrSplit(out, '\n')) {
      inside = inside || absl::StartsWith(line, first);
      if (!inside) continue;
      absl::StrAppend(&part, absl::StripTrailingAsciiWhitespace(line), "\n");
      if (absl::StartsWith(line, last)) break;
    }
    const std::string path = absl::StrCat("plans/", name, ".txt");
    if (std::getenv("WANDB_ACC_WRITE_GOLDEN") != nullptr) {
      std::ofstream(DataPath(path)) << part;
    }
    EXPECT_EQ(part, Data(path)) << out;
  }

  void AwaitCompleted() {
    const support::Outcome wait = cluster_.Kubectl(
        {"wait", "weightsandbiases/wandb", "--namespace=default",
         "--timeout=60s", "--for=jsonpath={.status.phase}=Completed"});
    ASSERT_EQ(wait.exit_code, 0) << wait.out;
  }

  Json PlannedInstance() {
    const Json plan = workspace_.PlanJson();
    const Json* changes = base::Find(plan, "/resource_changes");
    if (changes == nullptr) return nullptr;
    for (const Json& change : *changes) {
      if (change["type"] == "wandb_instance") return change["change"];
    }
    return nullptr;
  }
};

TEST_P(Plans, OfACreateNeedNoCluster) {
  workspace_.WriteFile("release.json", Data("channel.json"));
  workspace_.Write(OperatorBlock() + R"(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  release  = jsondecode(file("release.json"))
  values   = { a = 1 }
})",
                   kNoCluster);
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("\"api.image.tag\""));
  EXPECT_THAT(plan.out, Not(HasSubstr("canary-token")));
}

TEST_P(Plans, ShowWhatIsKnownBesideUnknownInputs) {
  workspace_.Write(R"(
resource "terraform_data" "db" { input = { host = "db", port = 3306 } }
resource "wandb_instance" "this" {
  airgapped = true
  host      = "https://w.example.com"
  chart     = { url = "https://charts.example.com", name = "operator-wandb", version = "0.42.4" }
  values = {
    global = { mysql = { host = tostring(terraform_data.db.output.host), database = "wandb" } }
  }
})",
                   kNoCluster);
  const Json change = PlannedInstance();
  ASSERT_FALSE(change.is_null());
  const Json& after = change["after"];
  const Json& unknown = change["after_unknown"];
  EXPECT_EQ(after["effective_values"]["global.mysql.database"], "wandb");
  EXPECT_EQ(unknown["effective_values"]["global.mysql.host"], true);
  EXPECT_EQ(after["effective_origin"]["global.mysql.host"], "custom_resource");
  EXPECT_EQ(after["url"], "https://w.example.com");
  EXPECT_EQ(after["effective_chart"]["kind"], "repo");
}

TEST_P(Plans, WithUnknownKeysKeepTheWholeMapOpen) {
  workspace_.Write(R"(
resource "terraform_data" "any" { input = { a = 1 } }
resource "wandb_instance" "this" {
  airgapped = true
  chart     = { path = "/charts/operator-wandb" }
  values    = { env = terraform_data.any.output }
})",
                   kNoCluster);
  const Json change = PlannedInstance();
  ASSERT_FALSE(change.is_null());
  EXPECT_EQ(change["after_unknown"]["configured_values"], true);
  EXPECT_EQ(change["after_unknown"]["effective_values"], true);
}

TEST_P(Plans, WithAnUnknownProviderConfigurationSendNothing) {
  workspace_.Write(OperatorBlock(), R"(
resource "terraform_data" "cluster" { input = "https://127.0.0.1:9" }
provider "wandb" { host = terraform_data.cluster.output })");
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("2 to add"));
}

TEST_P(Plans, UnknownInputsApplyAndAgreeWithTheirPlan) {
  workspace_.WriteFile("release.json", Data("channel.json"));
  workspace_.Write(OperatorBlock() + R"(
resource "terraform_data" "db" { input = "db.example.com" }
resource "terraform_data" "any" { input = { A = "1" } }
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  release  = jsondecode(file("release.json"))
  values = {
    global = { mysql = { host = tostring(terraform_data.db.output) }, extraEnv = terraform_data.any.output }
  }
})");
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  std::string second;
  EXPECT_EQ(workspace_.PlanExitCode(&second), 0) << second;
}

TEST_P(Plans, NameTheClashOfKindsAndBothSources) {
  workspace_.WriteFile("release.json", Data("channel.json"));
  workspace_.Write(R"(
resource "wandb_instance" "this" {
  release = jsondecode(file("release.json"))
  values  = { executor = { install = "true" }, api = { image = null } }
})",
                   kNoCluster);
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1);
  ExpectGolden("clash", plan.out, "Error: ", "end of output");
  EXPECT_THAT(plan.out, HasSubstr("executor.install"));
  EXPECT_THAT(plan.out, HasSubstr("api.image"));
  EXPECT_THAT(plan.out, HasSubstr("custom resource"));
  EXPECT_THAT(plan.out, HasSubstr("release channel"));
}

TEST_P(Plans, AfterTheChannelClashesAreErrorsToo) {
  const std::string good = OperatorBlock() + R"(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  values   = { a = 1 }
})";
  workspace_.Write(good);
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  // Now the channel is recorded in private state, without `release`.
  workspace_.Write(OperatorBlock() + R"(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  values   = { executor = "yes" }
})");
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("executor"));
  workspace_.Write(good);
}

TEST_P(Plans, OfOneChangedLeafAreSmall) {
  const auto body = [](int replicas) {
    return absl::StrCat(OperatorBlock(), R"(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  values   = { app = { replicaCount = )",
                        replicas, R"( }, ingress = { class = "nginx" } }
})");
  };
  workspace_.Write(body(1));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  workspace_.Write(body(2));
  ExpectGolden("one-leaf", workspace_.Plan().out, "  # wandb_instance.this",
               "Plan:");
}

TEST_P(Plans, AnUpgradeOfTheChannelShowsWithoutAChangeOfOurs) {
  workspace_.Write(OperatorBlock() + R"(
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  values   = { a = 1 }
})");
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  // W&B may run before the operator says so.
  AwaitCompleted();
  ASSERT_EQ(
      workspace_.Run({"apply", "-refresh-only", "-auto-approve"}).exit_code, 0);
  Json channel = cluster_.channel();
  channel["values"]["app"]["image"]["tag"] = "0.80.0";
  cluster_.WriteChannel(channel);
  // Any edit of the user input makes the operator look at the channel again.
  ASSERT_EQ(cluster_
                .Kubectl({"annotate", "secret", "wandb-spec-user",
                          "--namespace=default", "nudge=1"})
                .exit_code,
            0);
  // The operator has it once the cached release says so.
  ASSERT_EQ(cluster_
                .Kubectl({"wait", "deployment/wandb-app-bc",
                          "--namespace=default", "--timeout=60s",
                          "--for=jsonpath={.spec.template.spec.containers[0]."
                          "image}=us-docker.pkg.dev/wandb-production/public/"
                          "wandb/local:0.80.0"})
                .exit_code,
            0)
      << cluster_.GetObject("default", "deployment", "wandb-app-bc").dump();
  AwaitCompleted();
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  ExpectGolden("channel-upgrade",
               workspace_.Run({"plan", "-refresh-only", "-no-color"}).out,
               "  # wandb_instance.this", "    }");
  const support::Outcome refresh =
      workspace_.Run({"apply", "-refresh-only", "-auto-approve", "-no-color"});
  EXPECT_EQ(refresh.exit_code, 0) << refresh.out;
  EXPECT_EQ(workspace_.Attributes(
                "wandb_instance.this")["effective_values"]["app.image.tag"],
            "0.80.0");
  cluster_.ResetChannel();
}

INSTANTIATE_TEST_SUITE_P(Tools, Plans, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
