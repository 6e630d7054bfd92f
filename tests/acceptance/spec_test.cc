// Functions and data sources in real configurations.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Nothing here needs a cluster.
constexpr char kNoCluster[] = R"(provider "wandb" {
  host = "https://127.0.0.1:9"
})";

class Specs : public Acceptance {
 protected:
  // Value of the output `name` after an apply.
  Json Output(const std::string& name) {
    const Json state = workspace_.StateJson();
    const Json* value =
        base::Find(state, absl::StrCat("/outputs/", name, "/value"));
    return value == nullptr ? Json() : *value;
  }
};

class SpecFunctions : public Specs {};

TEST_P(SpecFunctions, WorkInExpressions) {
  workspace_.Write(R"(
output "merged" {
  value = provider::wandb::merge_values({ a = [1] }, {}, { a = [2], b = { c = true } })
}
output "flat" {
  value = provider::wandb::flatten_values({ ingress = { tls = [{ secretName = "s" }] }, n = 1.5 })
}
output "id" {
  value = provider::wandb::parse_instance_id("default/wandb")
}
output "spec" {
  value = provider::wandb::effective_spec({
    values  = { global = { hots = "x" } }
    release = { values = { app = { install = true } }, metadata = { releaseId = "r" } }
  })
}
)",
                   kNoCluster);
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_EQ(Output("merged"), (Json{{"a", {1, 2}}, {"b", {{"c", true}}}}));
  EXPECT_EQ(Output("flat"),
            (Json{{"ingress.tls[0].secretName", "s"}, {"n", "1.5"}}));
  EXPECT_EQ(Output("id"), (Json{{"namespace", "default"}, {"name", "wandb"}}));
  EXPECT_EQ(Output("spec")["origin"]["app.install"], "release_channel");
  EXPECT_EQ(Output("spec")["findings"][0]["id"], "unknown-key");
  std::string second;
  EXPECT_EQ(workspace_.PlanExitCode(&second), 0) << second;
}

TEST_P(SpecFunctions, SayWhatIsWrong) {
  workspace_.Write(R"(
output "merged" {
  value = provider::wandb::merge_values({ a = { b = "canary-value" } }, { a = { b = [1] } })
}
)",
                   kNoCluster);
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(Flat(plan.out),
              AllOf(HasSubstr("a.b is a string in argument 1 and a list in "
                              "argument 2: the operator can't merge"),
                    Not(HasSubstr("log.."))));
}

TEST_P(SpecFunctions, AnUnknownArgumentMakesAnUnknownResult) {
  workspace_.Write(R"(
resource "terraform_data" "later" { input = "x" }
output "merged" {
  value = provider::wandb::merge_values({ a = terraform_data.later.output }, { b = 1 })
}
)",
                   kNoCluster);
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_EQ(Output("merged"), (Json{{"a", "x"}, {"b", 1}}));
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Specs, DataSourcesReadAReleaseAndShowWhatItMakes) {
  workspace_.WriteFile("release.json", Data("channel.json"));
  workspace_.Write(R"(
data "wandb_release_channel" "this" {
  file = "${path.module}/release.json"
}
data "wandb_effective_spec" "this" {
  release = data.wandb_release_channel.this.release
  values  = { global = { host = "https://wandb.example.com", redis = { auth = { enabled = true } } } }
}
output "spec" {
  value = data.wandb_effective_spec.this
}
)",
                   kNoCluster);
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  const Json spec = Output("spec");
  EXPECT_EQ(spec["effective_origin"]["global.host"], "custom_resource");
  EXPECT_EQ(spec["effective_origin"]["api.image.tag"], "release_channel");
  EXPECT_EQ(spec["url"], "https://wandb.example.com");
  EXPECT_EQ(spec["findings"][0]["id"], "stale-key");
  EXPECT_FALSE(spec["release_metadata"]["releaseId"].is_null());
}

TEST_P(Specs, WithAnUnknownProviderConfigurationOfflineOnesWork) {
  workspace_.Write(R"(
data "wandb_effective_spec" "this" {
  values = { global = { host = "https://wandb.example.com" } }
}
output "url" {
  value = data.wandb_effective_spec.this.url
}
)",
                   R"(
resource "terraform_data" "cluster" { input = "https://127.0.0.1:9" }
provider "wandb" {
  host = terraform_data.cluster.output
})");
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, HasSubstr("https://wandb.example.com"));
}

// As `helm install` and plain manifests leave them.
TEST_P(Specs, OldInstallationsBecomeValues) {
  // The text of a release, as Helm packs it: gzip, then base64.
  const support::Outcome packed = support::Run(
      {.argv = {"sh", "-c",
                "printf '%s' '{\"config\":{\"host\":\"https://old.example\","
                "\"bucket\":\"gs://old\"}}' | gzip -n | base64 -w0"}});
  ASSERT_EQ(packed.exit_code, 0);
  const auto secret = [&](int version, const std::string& release) {
    return absl::StrCat(
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: "
        "sh.helm.release.v1.old.v",
        version, "\n  labels: {owner: helm, name: old, version: '", version,
        "'}\nstringData: {release: ", release, "}\n");
  };
  cluster_.Create(absl::StrCat(secret(9, "none"), secret(10, packed.out), R"(
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: old}
spec:
  replicas: 0
  selector: {matchLabels: {app: old}}
  template:
    metadata: {labels: {app: old}}
    spec:
      containers:
      - name: wandb
        image: wandb/local
        env:
        - {name: HOST, value: "https://bare.example"}
        - {name: MYSQL, value: "mysql://u:canary@db/wandb"}
        - {name: LICENSE, valueFrom: {secretKeyRef: {name: s, key: k}}}
)"));
  workspace_.Write(R"(
data "wandb_legacy_values" "helm" { helm_release = "old" }
data "wandb_legacy_values" "bare" { deployment = "old" }
output "helm" { value = nonsensitive(data.wandb_legacy_values.helm.values) }
output "host" { value = nonsensitive(data.wandb_legacy_values.bare.values.global.host) }
output "unmapped" { value = data.wandb_legacy_values.bare.unmapped }
)");
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(apply.out, Not(HasSubstr("canary")));
  EXPECT_EQ(Output("helm"), *base::ParseJson(
                                R"({"global": {"host": "https://old.example",
                    "bucket": {"provider": "gcs", "name": "old"}}})",
                                "wanted"));
  EXPECT_EQ(Output("host"), "https://bare.example");
  ASSERT_EQ(Output("unmapped").size(), 1U) << Output("unmapped");
  EXPECT_THAT(Output("unmapped")[0].get<std::string>(),
              HasSubstr("LICENSE (valueFrom: "));
  workspace_.Write(
      "data \"wandb_legacy_values\" \"x\" { helm_release = \"none\" }");
  EXPECT_THAT(workspace_.Plan().out, HasSubstr("no release none of Helm"));
  workspace_.Write("");
  cluster_.Kubectl({"delete", "deployment", "old", "--namespace=default"});
  cluster_.Kubectl(
      {"delete", "secret", "--namespace=default", "-l", "name=old"});
}

TEST_P(Specs, FindingsAreWarningsOrErrorsOfThePlan) {
  const auto body = [](const std::string& more) {
    return absl::StrCat(R"(
resource "wandb_instance" "this" {
  airgapped = true
  chart     = { url = "https://charts.example.com", name = "operator-wandb", version = "0.43.8" }
  host      = "https://w.example.com"
  values = {
    global = {
      repositoryPrefix = "registry.example.com"
      imageRegistry    = "registry.example.com"
      bucket           = { name = "files" }
      redis            = { auth = { enabled = true, secret = "canary" } }
    }
    app   = { pod = { securityContext = { runAsUser = 1001 } } }
    mysql = { install = true }
  }
)",
                        more, "\n}\n");
  };
  workspace_.Write(body(""), kNoCluster);
  support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(
      plan.out,
      AllOf(
          HasSubstr("Warning: The specification of default/wandb has 2 "
                    "warnings"),
          HasSubstr("  warning: global.redis.auth has no effect in any chart"),
          HasSubstr("  warning: app.pod.securityContext has no effect"),
          HasSubstr("Use app.podSecurityContext. (stale-key, in values)\n")));
  workspace_.Write(body("checks = \"error\""), kNoCluster);
  plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(plan.out, HasSubstr("  error: global.redis.auth has no effect"));
  // Nothing but the findings is said, so no source line of `values` is shown.
  EXPECT_THAT(plan.out, Not(HasSubstr("canary")));
  workspace_.Write(body("check_levels = { stale-key = \"off\" }"), kNoCluster);
  plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(plan.out, Not(HasSubstr("(stale-key")));
  workspace_.Write(body("check_levels = { stale-keys = \"off\" }"), kNoCluster);
  plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(plan.out, HasSubstr("the nearest is \"stale-key\""));
}

INSTANTIATE_TEST_SUITE_P(Tools, Specs, testing::Values("tofu", "terraform"),
                         ToolName);
// Terraform has functions of providers from 1.8 on, and the one here is older.
INSTANTIATE_TEST_SUITE_P(Tools, SpecFunctions, testing::Values("tofu"),
                         ToolName);

}  // namespace
}  // namespace acceptance
