// What a configuration says is what the API server stores, exactly.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

constexpr char kNamespace[] = "default";

// An instance without an operator: nothing but this provider writes the object.
std::string Bare(const std::string& more) {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n  wait = false\n", more,
      "\n}\n");
}

class Values : public Acceptance {
 protected:
  static void SetUpTestSuite() {
    Workspace workspace("tofu");
    workspace.Write(OperatorBlock("wait = false"));
    const support::Outcome apply = workspace.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    // The CRD outlives its operator.
    const support::Outcome destroy = workspace.Destroy();
    ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
  }

  Json LiveValues() {
    const Json live =
        cluster_.GetObject(kNamespace, "weightsandbiases", "wandb");
    const Json* values = base::Find(live, "/spec/values");
    return values == nullptr ? Json() : *values;
  }

  void ApplyAndPlanAgain() {
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    std::string second;
    EXPECT_EQ(workspace_.PlanExitCode(&second), 0) << second;
  }

  // Applies `values` (an HCL expression) and compares the stored object with
  // what the tool itself makes of the expression.
  void ExpectStored(const std::string& expression) {
    workspace_.Write(Bare(absl::StrCat("values = ", expression)) +
                     absl::StrCat("output \"want\" {\n  value = jsonencode(",
                                  expression, ")\n}\n"));
    ApplyAndPlanAgain();
    const Json state = workspace_.StateJson();
    const std::string want =
        base::StringAt(state, "/outputs/want/value").value_or("");
    EXPECT_EQ(LiveValues(), *base::ParseJson(want, "output"));
  }
};

TEST_P(Values, OfTheAwsModuleAreStoredExactly) {
  workspace_.WriteFile("values.yaml", Data("aws.values.yaml"));
  ExpectStored("yamldecode(file(\"values.yaml\"))");
}

TEST_P(Values, OfAnOnPremInstallationAreStoredExactly) {
  workspace_.WriteFile("values.yaml", Data("onprem.values.yaml"));
  ExpectStored("yamldecode(file(\"values.yaml\"))");
}

TEST_P(Values, OfAirgappedInstancesAreStoredExactlyWithTheirChart) {
  const std::vector<std::string> documents =
      absl::StrSplit(Data("airgapped.yaml"), "\n---\n");
  int instances = 0;
  for (const std::string& document : documents) {
    if (document.find("kind: WeightsAndBiases") == std::string::npos) continue;
    ++instances;
    workspace_.WriteFile("cr.yaml", document);
    const std::string spec = "yamldecode(file(\"cr.yaml\")).spec";
    workspace_.Write(Bare(absl::StrCat("airgapped = true\n  values = ", spec,
                                       ".values\n  chart = ", spec, ".chart")) +
                     absl::StrCat("output \"want\" {\n  value = jsonencode(",
                                  spec, ")\n}\n"));
    ApplyAndPlanAgain();
    const Json live =
        cluster_.GetObject(kNamespace, "weightsandbiases", "wandb");
    EXPECT_EQ(live["spec"],
              *base::ParseJson(
                  base::StringAt(workspace_.StateJson(), "/outputs/want/value")
                      .value_or(""),
                  "output"));
  }
  EXPECT_EQ(instances, 2);
}

TEST_P(Values, OfEveryShapeSurvive) {
  workspace_.Write(Bare(R"(values = {
    tenth   = 0.1
    big     = 9007199254740992
    huge    = 1e21
    minus   = -3
    text    = ""
    none    = null
    list    = []
    map     = {}
    nested  = [[1, [2, "x"]], {}, [], null]
    "key.with/dots" = { "and \"quotes\"" = 1 }
    script  = "日本語 ελληνικά עברית"
    dollar  = "$${not} %%{a}"
    yes     = "yes"
    number  = "0777"
    newline = "a\nb\n"
    flag    = false
  })"));
  ApplyAndPlanAgain();
  EXPECT_EQ(LiveValues(), *base::ParseJson(R"({
    "tenth": 0.1, "big": 9007199254740992, "huge": 1e21, "minus": -3,
    "text": "", "none": null, "list": [], "map": {},
    "nested": [[1, [2, "x"]], {}, [], null],
    "key.with/dots": {"and \"quotes\"": 1},
    "script": "日本語 ελληνικά עברית", "dollar": "${not} %{a}",
    "yes": "yes", "number": "0777", "newline": "a\nb\n", "flag": false})",
                                           "expected"));
  const Json state = workspace_.Attributes("wandb_instance.this");
  const Json& map = state["configured_values"];
  EXPECT_EQ(map["tenth"], "0.1");
  EXPECT_EQ(map["nested[0][1][1]"], "x");
  EXPECT_EQ(map["[\"key.with/dots\"][\"and \\\"quotes\\\"\"]"], "1");
  EXPECT_EQ(map["number"], "0777");
  EXPECT_EQ(map["list"], "[]");
  EXPECT_EQ(map["none"], "null");
}

TEST_P(Values, MergeFromYamlPlainSensitiveAndTyped) {
  workspace_.Write(Bare(R"(
  values_yaml = ["a: {x: 1, w: yes, l: [1, 2]}", "a: {x: 2}"]
  values           = { a = { l = [3], z = "v" } }
  sensitive_values = { secret = { deep = "canary-5" } }
  license          = "canary-6"
  host             = "https://w.example.com")"));
  ApplyAndPlanAgain();
  EXPECT_EQ(LiveValues(), *base::ParseJson(R"({
    "a": {"x": 2, "w": true, "l": [3], "z": "v"},
    "secret": {"deep": "canary-5"},
    "global": {"license": "canary-6", "host": "https://w.example.com"}})",
                                           "expected"));
  const Json state = workspace_.Attributes("wandb_instance.this");
  EXPECT_EQ(state["configured_values"]["secret.deep"], "(sensitive)");
  EXPECT_EQ(state["configured_values"]["global.license"], "(sensitive)");
}

TEST_P(Values, DroppedLeavesLeaveTheObject) {
  workspace_.Write(Bare("values = { keep = 1, drop = { a = 1 } }"));
  ApplyAndPlanAgain();
  workspace_.Write(Bare("values = { keep = 1 }"));
  ApplyAndPlanAgain();
  EXPECT_EQ(LiveValues(), Json({{"keep", 1}}));
}

TEST_P(Values, MapsThatLoseTheirLastKeyStayMaps) {
  workspace_.Write(Bare("values = { a = { b = 1 }, c = { d = { e = 1 } } }"));
  ApplyAndPlanAgain();
  workspace_.Write(Bare("values = { a = {}, c = { d = {} } }"));
  ApplyAndPlanAgain();
  EXPECT_EQ(LiveValues(), *base::ParseJson(R"({"a":{},"c":{"d":{}}})", "want"));
  workspace_.Write(Bare("values = {}"));
  ApplyAndPlanAgain();
  EXPECT_EQ(LiveValues(), Json::object());
  workspace_.Write(Bare("values = { a = 1 }"));
  ApplyAndPlanAgain();
  workspace_.Write(Bare(""));
  ApplyAndPlanAgain();
  EXPECT_EQ(LiveValues(), Json());
}

INSTANTIATE_TEST_SUITE_P(Tools, Values, testing::Values("tofu", "terraform"),
                         ToolName);

TEST_P(Values, TypedSettingsAreStoredAsTheChartReadsThem) {
  workspace_.Write(
      "resource \"terraform_data\" \"db\" { input = \"mysql.example.com\" }\n" +
      Bare(R"(
  host  = "https://w.example.com"
  size  = "small"
  mysql = {
    host            = terraform_data.db.output
    port            = 3306
    password_secret = { name = "db", password_key = "pw" }
  }
  ldap = { address = "ldaps://l.example.com", bind_password = "CANARY", tls = true }
  ingress = {
    class = "nginx"
    tls   = [{ secret_name = "tls", hosts = ["w.example.com"] }]
  }
  extra_env  = { A = "b" }
  components = {
    app = {
      image                = { tag = "0.76.0" }
      resources            = { requests = { cpu = "1" } }
      pod_security_context = { run_as_user = 1001, run_as_non_root = true }
    }
  }
  values = { app = { replicaCount = 2 } })"));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, Not(HasSubstr("CANARY")));
  std::string second;
  EXPECT_EQ(workspace_.PlanExitCode(&second), 0) << second;
  EXPECT_EQ(LiveValues(), *base::ParseJson(R"({
    "global": {
      "host": "https://w.example.com", "size": "small",
      "mysql": {"host": "mysql.example.com", "port": 3306,
                "passwordSecret": {"name": "db", "passwordKey": "pw"}},
      "extraEnv": {"A": "b", "LOCAL_LDAP_ADDRESS": "ldaps://l.example.com",
                   "LOCAL_LDAP_BIND_PW": "CANARY", "LOCAL_LDAP_LOGIN": "true",
                   "LOCAL_LDAP_TLS_ENABLE": "true"}},
    "mysql": {"install": false},
    "ingress": {"class": "nginx",
                "tls": [{"secretName": "tls", "hosts": ["w.example.com"]}]},
    "app": {"image": {"tag": "0.76.0"}, "replicaCount": 2,
            "resources": {"requests": {"cpu": "1"}},
            "podSecurityContext": {"runAsUser": 1001, "runAsNonRoot": true}}})",
                                           "wanted"));
}

TEST_P(Values, MistakesInTypedSettingsAreAtTheirPlace) {
  const struct {
    const char* settings;
    std::vector<const char*> said;
  } kCases[] = {
      {"mysql = { port = 3306 }", {"mysql", "host"}},
      {"mysql = { host = \"h\", port = 3306.5 }", {"whole number"}},
      {"bucket = { provider = \"s4\", name = \"b\" }",
       {"bucket.provider", "s3, gcs, az or cw"}},
      {"mysql = { host = \"h\", password = \"CANARY\", password_secret = { "
       "name = \"s\" } }",
       {"`mysql.password_secret` goes before `mysql.password`"}},
      {"components = { apps = { image = { tag = \"1\" } } }",
       {"`components.apps` is no component", "app, api"}},
      {"host = \"https://a\"\n  values = { global = { host = \"https://b\" } }",
       {"global.host", "Keep one of the two"}},
  };
  for (const auto& each : kCases) {
    workspace_.Write(Bare(each.settings));
    const support::Outcome plan = workspace_.Plan();
    EXPECT_EQ(plan.exit_code, 1) << each.settings;
    for (const char* said : each.said) {
      EXPECT_THAT(Flat(plan.out), HasSubstr(said)) << each.settings;
    }
    EXPECT_THAT(plan.out, Not(HasSubstr("CANARY")));
  }
}

}  // namespace
}  // namespace acceptance
