// Secrets are planted wherever one may enter, and looked for wherever one may
// leave.
#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kCanary[] = "canary";

// Three parts in base64url, as a ServiceAccount's token.
constexpr char kJwt[] =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImNhbmFyeSJ9."
    "eyJzdWIiOiJjYW5hcnktc2VydmljZS1hY2NvdW50In0.canary-c2lnbmF0dXJl0123456789";

constexpr char kBody[] = R"(
variable "plain" {
  type      = string
  sensitive = true
  default   = "canary-variable"
}

resource "wandb_operator" "this" {}

resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  license  = "canary-license"
  mask     = "MASK"
  chart    = CHART
  values_yaml = [
    "global: {redis: {password: ${var.plain}}}",
  ]
  # Core hides what comes from the variable; a provider sees no mark.
  values = {
    global = {
      bucket = { name = "AKIAIOSFODNN7:${var.plain}@store.internal:9000/files" }
      extraEnv = {
        MY_TOKEN        = var.plain
        TOKEN_REF       = var.plain
        MY_KMS_PASSWORD = var.plain
        DSN             = "u:${var.plain}@tcp(db:3306)/wandb"
        JDBC            = "jdbc:mysql://db/x?user=u&password=${var.plain}"
        HEADERS         = "x=1,Authorization=Bearer ${var.plain}"
        SAS             = "https://b.blob.core.windows.net/c?sv=1&sig=${var.plain}"
        ACCOUNT         = "AccountName=n;AccountKey=${var.plain}"
        GITHUB          = "ghp_${replace(var.plain, "-", "0")}"
        HOOK            = "https://hooks.slack.com/services/T0/B0/${var.plain}"
        FLAGS           = "--verbose --password=${var.plain}"
      }
    }
    app = {
      podAnnotations = { "wandb-test/behaviour" = "BEHAVIOUR" }
      dbPassword     = var.plain
      settings       = { api_key = var.plain, credentials = { user = var.plain } }
    }
    kafka = {
      secretConfig = "listeners: ${var.plain}"
      tls          = { keystorePassword = var.plain }
    }
    STRICT
  }
  sensitive_values = {
    global = {
      mysql = { password = "canary-sensitive", host = "canary-host" }
      oidc  = { "secret" = 0, note = "canary\nwith two lines" }
    }
  }
  timeouts {
    create = "LIMIT"
    update = "LIMIT"
  }
}
)";

// Nothing tells that these are secrets.
constexpr char kStrict[] = R"(
    anything = {
      note = "plain text with ${var.plain}"
      list = ["-x", var.plain]
    }
)";

std::string Body(const std::string& behaviour, const std::string& chart,
                 bool strict = false) {
  const bool fails = !behaviour.empty() || absl::StrContains(chart, "broken");
  return absl::StrReplaceAll(kBody, {{"BEHAVIOUR", behaviour},
                                     {"CHART", chart},
                                     // Only what is to fail has little time.
                                     {"LIMIT", fails ? "6s" : "3m"},
                                     {"MASK", strict ? "strict" : "known"},
                                     {"STRICT", strict ? kStrict : ""}});
}

// What the System Console stores: an own chart, and secrets by every rule.
Json UserInput() {
  const auto encode = [](const Json& part) {
    return absl::Base64Escape(base::DumpJson(part));
  };
  return {{"data",
           {{"chart", encode({{"url",
                               "https://u:canary-foreign@charts.test/x?token="
                               "canary-foreign"},
                              {"name", "operator-wandb"},
                              {"version", "9.9.9"},
                              {"username", "canary-foreign"},
                              {"password", "canary-registry"}})},
            {"values", encode({{"global",
                                {{"slack", {{"secret", "canary-console"}}},
                                 {"auth", {{"sessionKey", "canary-session"}}}}},
                               {"free", {{"dsn", "u:canary-dsn@tcp(db)/x"}}}})},
            {"metadata", encode({{"releaseName", "custom"},
                                 {"apiToken", "canary-metadata"},
                                 {"source", "https://u:canary-source@h"}})}}}};
}

// Where strings with a canary are, as paths, keys included.
void FindCanaries(const Json& json, const std::string& path,
                  std::vector<std::string>& found) {
  if (json.is_string() && absl::StrContains(json.get<std::string>(), kCanary)) {
    found.push_back(path);
  }
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) {
    FindCanaries(value, absl::StrCat(path, "/", key), found);
  }
}

// Lines of `text` that hold a canary.
std::vector<std::string> Leaks(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.erase(std::remove_if(lines.begin(), lines.end(),
                             [](const std::string& line) {
                               return !absl::StrContains(line, kCanary);
                             }),
              lines.end());
  return lines;
}

class Canary : public Acceptance {
 protected:
  void SetUp() override {
    // Core's own log repeats what states and plans hold.
    workspace_.environment["TF_LOG_CORE"] = "ERROR";
    workspace_.environment["TF_LOG_PROVIDER"] = "TRACE";
    workspace_.environment["TF_LOG_PATH"] =
        workspace_.directory() + "/trace.log";
    workspace_.environment["WANDB_LICENSE"] = "canary-environment";
    workspace_.environment["SSLKEYLOGFILE"] =
        workspace_.directory() + "/session-keys";
  }

  ApiProxy Proxy(const Json& answers) {
    return ApiProxy(cluster_, {.answers = answers, .token = "canary-token"});
  }

  void Write(const ApiProxy& proxy, const std::string& body) {
    workspace_.Write(body, proxy.ProviderBlock());
  }

  support::Outcome Run(const std::vector<std::string>& args) {
    support::Outcome outcome = workspace_.Run(args);
    EXPECT_THAT(Leaks(outcome.out), IsEmpty()) << absl::StrJoin(args, " ");
    return outcome;
  }
  support::Outcome Apply() {
    return Run({"apply", "-auto-approve", "-no-color"});
  }

  // Only as what the user gave for a sensitive argument.
  void ExpectOnlyInArguments(const Json& json) {
    std::vector<std::string> found;
    FindCanaries(json, "", found);
    EXPECT_FALSE(found.empty());  // The search itself works.
    for (const std::string& path : found) {
      const bool argument = absl::StrContains(path, "/values/") ||
                            absl::StrContains(path, "/values_yaml/") ||
                            absl::StrContains(path, "/sensitive_values/") ||
                            absl::StrContains(path, "/license") ||
                            absl::StrContains(path, "/chart/password") ||
                            absl::StrContains(path, "/variables/plain") ||
                            absl::StartsWith(path, "/configuration/");
      const bool computed = absl::StrContains(path, "configured_values") ||
                            absl::StrContains(path, "effective_values") ||
                            absl::StrContains(path, "effective_origin") ||
                            absl::StrContains(path, "/objects/");
      EXPECT_TRUE(argument && !computed) << path;
    }
  }

  void ExpectCleanState() {
    const Json state = workspace_.StateJson();
    ExpectOnlyInArguments(state);
    for (const Json& resource : state["resources"]) {
      for (const Json& instance : resource["instances"]) {
        std::string recorded;
        ASSERT_TRUE(
            absl::Base64Unescape(instance.value("private", ""), &recorded));
        EXPECT_THAT(Leaks(recorded), IsEmpty());
      }
    }
  }
};

TEST_P(Canary, NoSecretLeavesWhereItShouldNot) {
  const std::string custom_resource =
      "/apis/apps.wandb.com/v1/namespaces/default/weightsandbiases/wandb";
  const std::string no_chart = "null";

  {  // A reply that repeats what was sent, and one that warns with it.
    const ApiProxy proxy = Proxy(Json::array(
        {{{"Method", "PATCH"},
          {"Path", custom_resource},
          {"Code", 422},
          {"Body",
           {{"kind", "Status"},
            {"apiVersion", "v1"},
            {"status", "Failure"},
            {"reason", "Invalid"},
            {"message",
             absl::StrCat("expected map, got &{canary-sensitive} with Bearer ",
                          kJwt, " from mysql://wandb:canary-url@db/")},
            {"code", 422}}}}}));
    Write(proxy, Body("", no_chart));
    EXPECT_EQ(Run({"plan", "-no-color"}).exit_code, 0);
    const support::Outcome apply = Apply();
    EXPECT_EQ(apply.exit_code, 1);
    EXPECT_THAT(apply.out, HasSubstr("expected map"));
    EXPECT_FALSE(proxy.Log("answered").empty());
  }
  {  // Containers that print everything before they die.
    const std::string log = absl::StrCat(
        "panic: cannot reach mysql://wandb:canary-url@db/ as canary-license\n",
        "token ", kJwt, "\npassword is canary-sensitive, canary-variable\n",
        "db_password=canary-form --api-key canary-flag \"secret\":\"canary-x\"",
        " dialing AKID:canary-bare@store:9000\n");
    const ApiProxy proxy = Proxy(Json::array(
        {{{"Method", "GET"},
          {"Path", "/api/v1/namespaces/default/pods/.*/log"},
          {"Code", 200},
          {"Body", log}},
         {{"Method", "PATCH"},
          {"Path", custom_resource},
          {"Code", 0},
          {"Header",
           {{"Warning",
             "299 - \"unknown field canary-license, canary-variable\""}}}}}));
    Write(proxy, Body("crash", no_chart));
    const support::Outcome apply = Apply();
    EXPECT_EQ(apply.exit_code, 1);
    EXPECT_THAT(apply.out, HasSubstr("CrashLoopBackOff"));
    EXPECT_THAT(apply.out, HasSubstr("Warning from the API server"));
    ExpectCleanState();
  }
  {  // An operator that prints the specification it can't apply.
    const ApiProxy proxy = Proxy(Json::array(
        {{{"Method", "GET"},
          {"Path", "/api/v1/namespaces/wandb/pods/.*/log"},
          {"Code", 200},
          {"Body",
           absl::StrCat(
               "INFO\tReconciling\t{\"spec\": {\"values\": {\"license\": "
               "\"canary-unknown\"}}}\n",
               "ERROR\tdefault/wandb\tcannot render with canary-sensitive and ",
               kJwt, "\n")}}}));
    Write(proxy,
          Body("",
               "{ url = \"https://broken.example.com\", name = \"wandb\", "
               "username = \"u\", password = \"canary-chart\" }"));
    const support::Outcome apply = Apply();
    EXPECT_EQ(apply.exit_code, 1);
    EXPECT_THAT(apply.out, HasSubstr("cannot render with"));
  }
  const ApiProxy proxy = Proxy(nullptr);
  Write(proxy, Body("", no_chart));
  EXPECT_EQ(Run({"plan", "-no-color", "-out=saved.plan"}).exit_code, 0);
  const support::Outcome shown =
      workspace_.Run({"show", "-json", "saved.plan"});
  const auto plan =
      base::ParseJson(shown.out.substr(shown.out.find("{\"")), "plan");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ExpectOnlyInArguments(*plan);
  EXPECT_EQ(Apply().exit_code, 0);
  EXPECT_EQ(Run({"show", "-no-color"}).exit_code, 0);
  ExpectCleanState();
  // A hand edit of a secret shows that it changed, not to what.
  EXPECT_EQ(cluster_
                .Kubectl({"patch", "weightsandbiases", "wandb",
                          "--namespace=default", "--type=merge",
                          "-p={\"spec\":{\"values\":{\"global\":{\"mysql\":{"
                          "\"password\":\"canary-stolen\"}}}}}"})
                .exit_code,
            0);
  EXPECT_THAT(Run({"plan", "-no-color"}).out,
              HasSubstr("(sensitive, changed outside)"));
  EXPECT_EQ(Apply().exit_code, 0);
  {  // Secrets of another layer, which the operator then prints.
    EXPECT_EQ(cluster_
                  .Kubectl({"patch", "secret", "wandb-spec-user",
                            "--namespace=default", "--type=merge",
                            absl::StrCat("-p=", base::DumpJson(UserInput()))})
                  .exit_code,
              0);
    EXPECT_EQ(Apply().exit_code, 0);
    ExpectCleanState();
    const std::string chart = base::DumpJson(workspace_.StateJson());
    EXPECT_THAT(chart, HasSubstr("https://(sensitive)@charts.test/"));
    const ApiProxy leaky = Proxy(Json::array(
        {{{"Method", "GET"},
          {"Path", "/api/v1/namespaces/wandb/pods/.*/log"},
          {"Code", 200},
          {"Body",
           "ERROR\tcanary-console, canary-session, canary-registry, "
           "canary-dsn, canary-metadata, canary-source, canary-variable\n"}}}));
    const std::string broken =
        "{ url = \"https://broken.example.com\", name = \"wandb\" }";
    // Every string is a secret until it is known to be none.
    for (const bool strict : {false, true}) {
      Write(leaky, Body("", broken, strict));
      const support::Outcome apply = Apply();
      EXPECT_EQ(apply.exit_code, 1);
      EXPECT_THAT(apply.out, HasSubstr("ERROR (sensitive), (sensitive)"));
      ExpectCleanState();
    }
  }
  Write(proxy, Body("", no_chart, true));
  EXPECT_EQ(Run({"plan", "-no-color"}).exit_code, 0);
  const support::Outcome last = Apply();
  EXPECT_EQ(last.exit_code, 0) << last.out;
  EXPECT_EQ(Run({"show", "-no-color"}).exit_code, 0);
  ExpectCleanState();
  EXPECT_EQ(Run({"destroy", "-auto-approve", "-no-color"}).exit_code, 0);

  EXPECT_EQ(workspace_.ReadFile("session-keys"), "");
  const std::string trace = workspace_.ReadFile("trace.log");
  EXPECT_THAT(trace, HasSubstr("kubernetes request"));  // Ours, at TRACE.
  EXPECT_THAT(Leaks(trace), IsEmpty());
}

constexpr char kConsole[] = R"(
resource "wandb_operator" "this" {}

resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  host     = "https://wandb.example.com"
}

ephemeral "wandb_console_credentials" "this" {
  instance = wandb_instance.this.id
}

resource "terraform_data" "reached" {
  triggers_replace = "TRY"
  provisioner "local-exec" {
    # Turned, so that only secrets look like canaries.
    command = "echo \"$PASSWORD $URL\" | tr a-z n-za-m >reached"
    environment = {
      PASSWORD = ephemeral.wandb_console_credentials.this.password
      URL      = ephemeral.wandb_console_credentials.this.console_url
    }
  }
}
)";

class ConsoleCredentials : public Canary {};

TEST_P(ConsoleCredentials, ReachAProvisionerAndNeitherPlanNorState) {
  const auto write = [this](const char* attempt) {
    workspace_.Write(absl::StrReplaceAll(kConsole, {{"TRY", attempt}}));
  };
  write("1");
  // The console, which the stand-in does not play, has yet to start.
  const support::Outcome early = Apply();
  EXPECT_EQ(early.exit_code, 0);
  EXPECT_THAT(Flat(early.out),
              HasSubstr("No console credentials of default/wandb yet"));
  cluster_.Create(R"({"apiVersion": "v1", "kind": "Secret",
    "metadata": {"name": "wandb-password", "namespace": "default"},
    "stringData": {"password": "canary-console"}})");
  write("2");
  EXPECT_EQ(Apply().exit_code, 0);
  EXPECT_EQ(workspace_.ReadFile("reached"),
            "pnanel-pbafbyr uggcf://jnaqo.rknzcyr.pbz/pbafbyr\n");
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  EXPECT_THAT(Leaks(base::DumpJson(workspace_.StateJson())), IsEmpty());
  EXPECT_THAT(Leaks(base::DumpJson(workspace_.PlanJson())), IsEmpty());
  EXPECT_THAT(Leaks(workspace_.ReadFile("trace.log")), IsEmpty());
}

constexpr char kWriteOnly[] = R"(
variable "secret" {
  type      = string
  ephemeral = true
}

resource "wandb_operator" "this" {}

resource "wandb_instance" "this" {
  operator           = wandb_operator.this.id
  namespace          = "write-only"
  create_namespace   = true
  host               = "https://HOST.example.com"
  license_wo         = var.secret
  mysql              = { host = "db.example.com", password_wo = var.secret }
  ldap               = {
    address          = "ldaps://ldap.example.com"
    base_dn          = "dc=example"
    bind_password_wo = var.secret
  }
  secrets_wo_version = VERSION
}
)";

class WriteOnly : public Canary {
 protected:
  void Configure(const std::string& secret, const std::string& version,
                 const std::string& host) {
    workspace_.environment["TF_VAR_secret"] = secret;
    workspace_.Write(absl::StrReplaceAll(
        kWriteOnly, {{"VERSION", version}, {"HOST", host}}));
  }
  Json Object(const std::string& kind, const std::string& name) const {
    return cluster_.GetObject("write-only", kind, name);
  }
  std::string Kept(const std::string& key) const {
    const Json secret = Object("secret", "wandb-terraform-secrets");
    std::string text;
    EXPECT_TRUE(absl::Base64Unescape(
        base::StringAt(secret, absl::StrCat("/data/", key)).value_or("none"),
        &text));
    return text;
  }
};

// Neither plan, state, log nor custom resource has them, and pods do.
TEST_P(WriteOnly, SettingsAreInTheirSecretAlone) {
  Configure("canary-one", "1", "a");
  const support::Outcome created = Apply();
  ASSERT_EQ(created.exit_code, 0) << created.out;
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  for (const char* key : {"license", "mysql_password", "ldap_bind_password"}) {
    EXPECT_EQ(Kept(key), "canary-one");
  }
  const Json first = Object("weightsandbiases", "wandb");
  EXPECT_EQ(base::StringAt(first, "/spec/values/global/licenseSecret/name"),
            "wandb-terraform-secrets");
  EXPECT_EQ(base::Find(first,
                       "/spec/values/global/extraEnv/LOCAL_LDAP_BIND_PW/"
                       "valueFrom/secretKeyRef")
                ->dump(),
            R"({"key":"ldap_bind_password","name":"wandb-terraform-secrets"})");
  // Another secret is written by its version alone, into the Secret alone.
  Configure("canary-two", "1", "a");
  EXPECT_EQ(workspace_.PlanExitCode(), 0);
  Configure("canary-two", "2", "a");
  EXPECT_EQ(Apply().exit_code, 0);
  EXPECT_EQ(Kept("license"), "canary-two");
  EXPECT_EQ(Object("weightsandbiases", "wandb")["metadata"]["generation"],
            first["metadata"]["generation"]);
  // What is lost comes back, and what else changes keeps it.
  cluster_.Kubectl(
      {"delete", "secret", "-n", "write-only", "wandb-terraform-secrets"});
  EXPECT_EQ(workspace_.PlanExitCode(), 2);
  Configure("canary-two", "2", "b");
  EXPECT_EQ(Apply().exit_code, 0);
  EXPECT_EQ(Kept("mysql_password"), "canary-two");
  EXPECT_EQ(workspace_.PlanExitCode(), 0);

  EXPECT_THAT(Leaks(base::DumpJson(workspace_.StateJson())), IsEmpty());
  Configure("canary-three", "3", "c");
  EXPECT_THAT(Leaks(base::DumpJson(workspace_.PlanJson())), IsEmpty());
  EXPECT_THAT(Leaks(Object("weightsandbiases", "wandb").dump()), IsEmpty());
  EXPECT_EQ(Run({"destroy", "-auto-approve", "-no-color"}).exit_code, 0);
  EXPECT_TRUE(cluster_.GetObject("", "namespace", "write-only").is_null());
  const std::string trace = workspace_.ReadFile("trace.log");
  EXPECT_THAT(trace, HasSubstr("kubernetes request"));
  EXPECT_THAT(trace, HasSubstr("waiting for the operator to apply"));
  EXPECT_THAT(Leaks(trace), IsEmpty());
}

// Terraform before 1.11 would keep them.
class NoWriteOnly : public Acceptance {};

TEST_P(NoWriteOnly, SettingsAreRefusedByName) {
  workspace_.Write(R"(
resource "wandb_instance" "this" {
  license_wo         = "text"
  secrets_wo_version = 1
}
)");
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(Flat(plan.out),
              HasSubstr("Attribute license_wo needs Terraform 1.11"));
}

INSTANTIATE_TEST_SUITE_P(Tools, Canary, testing::Values("tofu"), ToolName);
INSTANTIATE_TEST_SUITE_P(Tools, ConsoleCredentials, testing::Values("tofu"),
                         ToolName);
INSTANTIATE_TEST_SUITE_P(Tools, WriteOnly, testing::Values("tofu"), ToolName);
INSTANTIATE_TEST_SUITE_P(Tools, NoWriteOnly, testing::Values("terraform"),
                         ToolName);

}  // namespace
}  // namespace acceptance
