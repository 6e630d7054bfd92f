// A custom resource and an operator that others use as well: what they set is
// kept and shown, what they break is said.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kAddress[] = "wandb_instance.this";
constexpr char kChart[] =
    "chart = { url = \"https://charts.example.org\", name = "
    "\"operator-wandb\", version = \"0.43.8\" }\n";

// An instance that nothing reconciles as long as no operator runs.
std::string Instance(const std::string& more) {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n  airgapped = true\n  wait = "
      "false\n  check_levels = { chart-missing = \"off\" }\n",
      more, "\n}\n");
}

class Sharing : public Acceptance {
 protected:
  void SetUp() override {
    if (cluster_.GetObject("", "crd", "weightsandbiases.apps.wandb.com")
            .is_null()) {
      Workspace once(GetParam());
      once.Write(OperatorBlock());
      const support::Outcome apply = once.Apply();
      ASSERT_EQ(apply.exit_code, 0) << apply.out;
    }
  }
  void TearDown() override {
    if (!operated_ && !Live().is_null()) {
      MustKubectl({"delete", "weightsandbiases", "wandb"});
      workspace_.Forget();
    }
  }

  void MustKubectl(std::vector<std::string> args) {
    args.emplace_back("--namespace=default");
    const support::Outcome outcome = cluster_.Kubectl(std::move(args));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }
  void Patch(const Json& patch, const std::string& manager = "kubectl-edit") {
    MustKubectl({"patch", "weightsandbiases", "wandb", "--type=merge",
                 "--field-manager=" + manager, "-p=" + patch.dump()});
  }
  void Apply(const std::string& body) {
    workspace_.Write(body);
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }
  // Applies, and the plan after that must be empty.
  void Settle(const std::string& body) {
    Apply(body);
    ExpectNoChanges();
  }
  void ExpectNoChanges() {
    std::string out;
    EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  }
  Json Live() {
    return cluster_.GetObject("default", "weightsandbiases", "wandb");
  }
  Json Attributes() { return workspace_.Attributes(kAddress); }

  int logs_ = 0;
  bool operated_ = false;  // The instance belongs to an operator of the test.
};

std::string Values(const std::string& tag, const std::string& more = "") {
  return absl::StrCat(
      "values = { global = { host = \"https://ml.example.org\" }, mysql = { "
      "install = true }, app = { image = { tag = \"",
      tag, "\" } } }\n", more);
}

TEST_P(Sharing, AChartThatSupportPinsByHandIsNoDiffAndIsWhatRuns) {
  Settle(Instance(Values("a")));
  Patch({{"spec",
          {{"chart",
            {{"url", "https://charts.example.org"},
             {"name", "operator-wandb"},
             {"version", "0.43.8"}}}}}});
  ExpectNoChanges();
  Settle(Instance(Values("a")));
  EXPECT_EQ(Attributes()["effective_chart"]["version"], "0.43.8");
  Settle(Instance(Values("b")));
  EXPECT_EQ(Live()["spec"]["chart"]["version"], "0.43.8");
  EXPECT_EQ(Attributes()["effective_chart"]["version"], "0.43.8");
}

TEST_P(Sharing, AFieldAddedToOurChartIsNoDiff) {
  Settle(Instance(absl::StrCat(kChart, Values("a"))));
  Patch({{"spec", {{"chart", {{"debug", true}}}}}});
  ExpectNoChanges();
  Settle(Instance(absl::StrCat(kChart, Values("b"))));
  EXPECT_EQ(Live()["spec"]["chart"]["debug"], true);
}

TEST_P(Sharing, AValueAddedByHandIsKeptAndShownBeforeAndAfterTheApply) {
  Settle(Instance(absl::StrCat(kChart, Values("a"))));
  Patch({{"spec", {{"values", {{"app", {{"replicaCount", 9}}}}}}}});
  ExpectNoChanges();
  workspace_.Write(Instance(absl::StrCat(kChart, Values("b"))));
  const Json plan = workspace_.PlanJson();
  const Json after = plan["resource_changes"][0]["change"]["after"];
  EXPECT_EQ(after["effective_values"]["app.replicaCount"], "9");
  EXPECT_EQ(after["effective_origin"]["app.replicaCount"], "other_manager");
  Settle(Instance(absl::StrCat(kChart, Values("b"))));
  EXPECT_EQ(Attributes()["effective_values"]["app.replicaCount"], "9");
  EXPECT_EQ(Live()["spec"]["values"]["app"]["replicaCount"], 9);
}

TEST_P(Sharing, WhatGitOpsAppliesStaysItsOwn) {
  const std::string manifest = workspace_.directory() + "/theirs.yaml";
  workspace_.WriteFile(
      "theirs.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n  values:\n    app: "
      "{replicaCount: 3}\n");
  MustKubectl({"apply", "--server-side", "--field-manager=gitops",
               "--filename=" + manifest});
  workspace_.Write(Instance(absl::StrCat(kChart, Values("a"))));
  const support::Outcome import =
      workspace_.Run({"import", "-no-color", kAddress, "default/wandb"});
  ASSERT_EQ(import.exit_code, 0) << import.out;
  Settle(Instance(absl::StrCat(kChart, Values("a"))));
  EXPECT_EQ(Attributes()["effective_values"]["app.replicaCount"], "3");
  const Json live = Live();
  for (const Json& entry : live["metadata"]["managedFields"]) {
    if (entry["manager"] != "terraform-provider-wandb") continue;
    const Json& app = entry["fieldsV1"]["f:spec"]["f:values"]["f:app"];
    EXPECT_FALSE(app.contains("f:replicaCount")) << app;
    EXPECT_TRUE(app.contains("f:image")) << app;
  }
  // So it can take its field away again.
  workspace_.WriteFile(
      "theirs.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec: {}\n");
  MustKubectl({"apply", "--server-side", "--field-manager=gitops",
               "--filename=" + manifest});
  EXPECT_FALSE(Live()["spec"]["values"]["app"].contains("replicaCount"));
  Settle(Instance(absl::StrCat(kChart, Values("a"))));
}

// The operator cannot merge a null: a map that GitOps holds stays a map when
// the last key goes that was ours.
TEST_P(Sharing, AMapOfGitOpsStaysOneWhenOurKeysGo) {
  Settle(Instance(
      absl::StrCat(kChart, "  oidc = { client_id = \"c\" }\n", Values("a"))));
  workspace_.WriteFile(
      "theirs.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n  values: {global: "
      "{auth: {oidc: {}}}}\n");
  MustKubectl({"apply", "--server-side", "--field-manager=gitops",
               "--filename=" + workspace_.directory() + "/theirs.yaml"});
  ExpectNoChanges();
  Settle(Instance(absl::StrCat(kChart, Values("a"))));
  EXPECT_EQ(Live()["spec"]["values"]["global"]["auth"]["oidc"], Json::object());
}

// The server takes a map that is given up away with all below it that others
// have not applied: kubectl's changes, above all.
TEST_P(Sharing, WhatIsAddedByHandStaysWhenOurLastKeyBesideItGoes) {
  const std::string weave =
      "  components = { weave = { resources = { requests = { memory = \"1Gi\" "
      "} } } }\n";
  Settle(Instance(absl::StrCat(kChart, weave, Values("a"))));
  Patch({{"spec",
          {{"values",
            {{"weave",
              {{"extraEnv", {{"OPS", "yes"}}},
               {"resources", {{"limits", {{"memory", "2Gi"}}}}}}},
             {"global", {{"size", "small"}}}}}}}});
  ExpectNoChanges();
  const Json theirs = {{"extraEnv", {{"OPS", "yes"}}},
                       {"resources", {{"limits", {{"memory", "2Gi"}}}}}};
  Settle(Instance(absl::StrCat(kChart, Values("a"))));
  EXPECT_EQ(Live()["spec"]["values"]["weave"], theirs);
  EXPECT_EQ(Attributes()["effective_values"]["weave.extraEnv.OPS"], "yes");
  // The map is ours alone now, and no body has it.
  Settle(Instance(absl::StrCat(kChart, Values("b"))));
  EXPECT_EQ(Live()["spec"]["values"]["weave"], theirs);
  // So it is with the last value of all.
  Settle(Instance(kChart));
  EXPECT_EQ(Live()["spec"]["values"],
            Json({{"weave", theirs}, {"global", {{"size", "small"}}}}));
}

TEST_P(Sharing, AStandardLabelOfTheConfigurationWins) {
  const std::string labels =
      "labels = { \"app.kubernetes.io/instance\" = \"argo-app\" }\n";
  Settle(Instance(Values("a", labels)));
  const auto label = [&] {
    return Live()["metadata"]["labels"]["app.kubernetes.io/instance"];
  };
  EXPECT_EQ(label(), "argo-app");
  // Overwritten by hand: the plan shows it, the apply resolves it.
  Patch({{"metadata", {{"labels", {{"app.kubernetes.io/instance", "other"}}}}}},
        "argocd");
  std::string out;
  EXPECT_EQ(workspace_.PlanExitCode(&out), 2);
  EXPECT_THAT(out, HasSubstr("app.kubernetes.io/instance"));
  Settle(Instance(Values("a", labels)));
  EXPECT_EQ(label(), "argo-app");
  // Without it in the configuration, ours is not fought for.
  Settle(Instance(Values("a")));
  EXPECT_EQ(label(), "wandb");
  Patch({{"metadata",
          {{"labels", {{"app.kubernetes.io/instance", "argo-app"}}}}}},
        "argocd");
  ExpectNoChanges();
  Settle(Instance(Values("b")));
  EXPECT_EQ(label(), "argo-app");
}

TEST_P(Sharing, IgnoredChangesOfAValueStayIgnored) {
  const std::string rest =
      "  lifecycle { ignore_changes = [values.app.replicaCount, "
      "configured_values, effective_values] }\n";
  const auto body = [&](int replicas, const std::string& tag) {
    return Instance(absl::StrCat(
        kChart,
        "values = { mysql = { install = true }, app = { replicaCount = ",
        replicas, ", image = { tag = \"", tag, "\" } } }\n", rest));
  };
  Settle(body(2, "0.79.0"));
  workspace_.Write(body(5, "0.79.0"));
  ExpectNoChanges();
  Settle(body(5, "0.80.0"));
  EXPECT_EQ(Live()["spec"]["values"]["app"],
            Json({{"replicaCount", 2}, {"image", {{"tag", "0.80.0"}}}}));
  Patch({{"spec", {{"values", {{"app", {{"replicaCount", 7}}}}}}}});
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
}

// An autoscaler writes by an update, GitOps by an apply.
TEST_P(Sharing, WhatIsLeftToOthersIsWrittenOnceAndNeverAgain) {
  const auto body = [&](int replicas, const std::string& tag) {
    return Instance(absl::StrCat(
        kChart,
        "values = { mysql = { install = true }, app = { replicaCount = ",
        replicas, ", image = { tag = \"", tag,
        "\" } } }\n  ignore_paths = [\"app.replicaCount\"]\n"));
  };
  const auto replicas = [&] {
    return Live()["spec"]["values"]["app"]["replicaCount"];
  };
  Settle(body(2, "a"));
  EXPECT_EQ(replicas(), 2);
  Settle(body(2, "b"));
  EXPECT_EQ(replicas(), 2);
  Patch({{"spec", {{"values", {{"app", {{"replicaCount", 7}}}}}}}});
  ExpectNoChanges();
  Settle(body(5, "c"));
  EXPECT_EQ(replicas(), 7);
  EXPECT_EQ(Attributes()["effective_values"]["app.replicaCount"], "7");
  EXPECT_EQ(Attributes()["effective_origin"]["app.replicaCount"],
            "other_manager");
  workspace_.WriteFile(
      "theirs.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n  values:\n    app: "
      "{replicaCount: 3}\n");
  MustKubectl({"apply", "--server-side", "--force-conflicts",
               "--field-manager=gitops",
               "--filename=" + workspace_.directory() + "/theirs.yaml"});
  ExpectNoChanges();
  Settle(body(5, "d"));
  EXPECT_EQ(replicas(), 3);
  EXPECT_EQ(Live()["spec"]["values"]["app"]["image"]["tag"], "d");
}

// No operator runs here, and Helm's Secret says that one has installed W&B.
TEST_P(Sharing, AFinalizerThatNobodyTakesAwayGoesIfThatIsAskedFor) {
  const std::string body =
      Instance(absl::StrCat(kChart, Values("a"),
                            "  on_stuck_finalizer = \"remove\"\n"
                            "  timeouts { delete = \"3s\" }\n"));
  Settle(body);
  Patch({{"metadata", {{"finalizers", {"finalizer.app.wandb.com"}}}}});
  const char* const release = "sh.helm.release.v1.wandb.v1";
  MustKubectl({"create", "secret", "generic", release});
  MustKubectl({"label", "secret", release, "owner=helm", "name=wandb"});
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
  EXPECT_THAT(destroy.out, HasSubstr("finalizer was taken from"));
  EXPECT_TRUE(Live().is_null());
  MustKubectl({"delete", "secret", release});
}

TEST_P(Sharing, AnImportShowsNoSecretAndPlansNothing) {
  workspace_.WriteFile(
      "cr.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\n  annotations:\n"
      "    meta.helm.sh/release-name: wandb-cr\n"
      "    meta.helm.sh/release-namespace: default\nspec:\n  chart: {url: "
      "\"https://charts.example.org\", name: operator-wandb, version: "
      "\"0.43.8\"}\n  values: {global: {host: \"https://ml.example.org\", "
      "license: CANARYlic, mysql: {host: h, password: CANARYmy}}}\n"
      "---\napiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\nmetadata:\n"
      "  name: sh.helm.release.v1.wandb-cr.v1\n  namespace: default\n"
      "  labels: {owner: helm, name: wandb-cr}\n");
  MustKubectl({"create", "--filename=" + workspace_.directory() + "/cr.yaml"});
  const std::string block =
      "import {\n  to = wandb_instance.this\n  id = \"default/wandb\"\n}\n";
  workspace_.Write(block +
                   Instance(absl::StrCat(
                       "host = \"https://ml.example.org\"\nlicense = "
                       "\"CANARYlic\"\n",
                       kChart,
                       "values = { global = { mysql = { host = \"h\" } } }\n"
                       "sensitive_values = { global = { mysql = { password = "
                       "\"CANARYmy\" } } }\n")));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, AllOf(HasSubstr("1 to import, 0 to add"),
                              HasSubstr("helm uninstall wandb-cr"),
                              Not(HasSubstr("CANARY"))));
  // Once Helm has forgotten the release, it is no danger.
  MustKubectl({"delete", "secret", "sh.helm.release.v1.wandb-cr.v1"});
  EXPECT_THAT(workspace_.Plan().out, Not(HasSubstr("helm uninstall")));
  // A configuration that is written by the tool holds none either.
  workspace_.Write(block);
  const support::Outcome generated = workspace_.Run(
      {"plan", "-no-color", "-generate-config-out=generated.tf"});
  EXPECT_THAT(generated.out, Not(HasSubstr("CANARY")));
  EXPECT_THAT(
      workspace_.ReadFile("generated.tf"),
      AllOf(HasSubstr("https://ml.example.org"), Not(HasSubstr("CANARY"))));
}

TEST_P(Sharing, AnImportKeepsTheCredentialsOfTheChartsUrl) {
  const std::string name = workspace_.directory() + "/cr.yaml";
  workspace_.WriteFile(
      "cr.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n  chart: {url: "
      "\"https://robot:CANARYpw@charts.example.org\", name: operator-wandb, "
      "version: \"0.43.8\"}\n");
  MustKubectl({"create", "--filename=" + name});
  const std::string block =
      "import {\n  to = wandb_instance.this\n  id = \"default/wandb\"\n}\n";
  // What is generated has neither the credentials nor what stands for them, and
  // says that they are to be given.
  workspace_.Write(block);
  const support::Outcome generated = workspace_.Run(
      {"plan", "-no-color", "-generate-config-out=generated.tf"});
  EXPECT_THAT(Flat(generated.out),
              AllOf(HasSubstr("give chart.password in the configuration"),
                    Not(HasSubstr("CANARY"))));
  EXPECT_THAT(
      workspace_.ReadFile("generated.tf"),
      AllOf(HasSubstr("\"https://charts.example.org\""), HasSubstr("robot"),
            Not(HasSubstr("(sensitive)")), Not(HasSubstr("CANARY"))));
  workspace_.WriteFile("generated.tf", "");
  const auto chart = [](const std::string& url, const std::string& password) {
    return Instance(absl::StrCat(
        "chart = { url = \"", url,
        "\", name = \"operator-wandb\", version = \"0.43.8\", username = "
        "\"robot\", password = \"",
        password, "\" }\n"));
  };
  workspace_.Write(block +
                   chart("https://(sensitive)@charts.example.org", "CANARYpw"));
  const support::Outcome refused = workspace_.Plan();
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_THAT(Flat(refused.out), HasSubstr("chart.url has \"(sensitive)\""));
  workspace_.Write(block + chart("https://charts.example.org", "CANARYpw"));
  const support::Outcome first = workspace_.Apply();
  ASSERT_EQ(first.exit_code, 0) << first.out;
  Settle(chart("https://charts.example.org", "CANARYpw"));
  EXPECT_EQ(Live()["spec"]["chart"],
            Json({{"url", "https://charts.example.org"},
                  {"name", "operator-wandb"},
                  {"version", "0.43.8"},
                  {"username", "robot"},
                  {"password", "CANARYpw"}}));
}

// Core logs each attribute that a refresh adds or changes, and hides none below
// the root.
TEST_P(Sharing, TheChartsPasswordIsInNoLog) {
  const std::string name = workspace_.directory() + "/cr.yaml";
  workspace_.WriteFile(
      "cr.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n  chart: {url: "
      "\"https://charts.example.org\", name: operator-wandb, version: "
      "\"0.43.8\", username: robot, password: CANARYpw}\n");
  MustKubectl({"create", "--filename=" + name});
  workspace_.environment["TF_VAR_password"] = "CANARYpw";
  const std::string body =
      "variable \"password\" {\n  type = string\n  sensitive = true\n}\n" +
      Instance(
          "chart = { url = \"https://charts.example.org\", name = "
          "\"operator-wandb\", version = \"0.43.8\", username = \"robot\", "
          "password = var.password }\n");
  const std::string block =
      "import {\n  to = wandb_instance.this\n  id = \"default/wandb\"\n}\n";
  const auto logged = [this](std::vector<std::string> args, int exit_code) {
    const std::string log = absl::StrCat(args[0], "-", ++logs_, ".log");
    workspace_.environment["TF_LOG"] = "trace";
    workspace_.environment["TF_LOG_PATH"] =
        absl::StrCat(workspace_.directory(), "/", log);
    args.emplace_back("-no-color");
    const support::Outcome outcome = workspace_.Run(args);
    workspace_.environment.erase("TF_LOG");
    workspace_.environment.erase("TF_LOG_PATH");
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out;
    EXPECT_THAT(outcome.out, Not(HasSubstr("CANARY")));
    const std::string text = workspace_.ReadFile(log);
    EXPECT_THAT(text, HasSubstr("[TRACE]"));
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      EXPECT_THAT(line, Not(HasSubstr("CANARY")));
    }
  };
  workspace_.Write(body);
  logged({"import", kAddress, "default/wandb"}, 0);
  logged({"plan"}, 0);
  ASSERT_EQ(workspace_.Run({"state", "rm", kAddress}).exit_code, 0);
  workspace_.Write(block + body);
  logged({"plan"}, 0);
  logged({"apply", "-auto-approve"}, 0);
  workspace_.Write(body);
  logged({"plan", "-detailed-exitcode"}, 0);
  // Changed by hand: shown, and mended.
  Patch({{"spec", {{"chart", {{"password", "CANARYother"}}}}}});
  logged({"plan", "-detailed-exitcode"}, 2);
  logged({"apply", "-auto-approve"}, 0);
  EXPECT_EQ(Live()["spec"]["chart"]["password"], "CANARYpw");
  Patch({{"spec", {{"chart", {{"password", nullptr}}}}}});
  logged({"plan", "-detailed-exitcode"}, 2);
  logged({"apply", "-auto-approve"}, 0);
  EXPECT_EQ(Live()["spec"]["chart"]["password"], "CANARYpw");
  Patch({{"spec", {{"chart", nullptr}}}});
  logged({"plan", "-detailed-exitcode"}, 2);
  logged({"apply", "-auto-approve"}, 0);
  EXPECT_EQ(Live()["spec"]["chart"]["password"], "CANARYpw");
  logged({"plan", "-detailed-exitcode"}, 0);
}

// ---- What others break ----

TEST_P(Sharing, AMistakeInTheConsoleStopsOnlyTheApplyOfItsInstance) {
  operated_ = true;
  const auto body = [](const std::string& more) {
    return OperatorBlock() +
           "resource \"wandb_instance\" \"this\" {\n  operator = "
           "wandb_operator.this.id\n  checks = \"off\"\n  values = { global = "
           "{ redis = { external = true } } }\n  timeouts { update = \"60s\" "
           "}\n}\n" +
           more;
  };
  Settle(body(""));
  const auto console = [&](const Json& values) {
    MustKubectl(
        {"patch", "secret", "wandb-spec-user", "--type=merge",
         "-p=" +
             Json({{"data", {{"values", absl::Base64Escape(values.dump())}}}})
                 .dump()});
  };
  console({{"global", {{"redis", "x"}}}});
  const std::string elsewhere =
      "resource \"terraform_data\" \"elsewhere\" {\n  input = 1\n}\n";
  workspace_.Write(body(elsewhere));
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("Warning: The operator cannot merge the "
                              "specification of default/wandb"),
                    HasSubstr("global.redis is a map in the custom resource "
                              "and a string in the user input"),
                    HasSubstr("1 to add, 1 to change")));
  const support::Outcome apply = workspace_.Apply();
  EXPECT_EQ(apply.exit_code, 1) << apply.out;
  EXPECT_THAT(Flat(apply.out),
              HasSubstr("global.redis is a map in the custom resource and a "
                        "string in the user input"));
  EXPECT_FALSE(workspace_.Attributes("terraform_data.elsewhere").is_null());
  EXPECT_EQ(Attributes()["ready"], false);
  console(Json::object());
  Settle(body(elsewhere));
  EXPECT_EQ(Attributes()["ready"], true);
}

INSTANTIATE_TEST_SUITE_P(Tools, Sharing, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
