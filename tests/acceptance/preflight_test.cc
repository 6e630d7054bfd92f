// What a plan says of the cluster that the apply will meet.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kAbsentNamespace[] = "Namespace \"absent\" does not exist";
constexpr char kExists[] = "\"default/wandb\" exists already";

class Preflight : public Acceptance {
 protected:
  static std::string Instance(const std::string& body) {
    return absl::StrCat("resource \"wandb_instance\" \"this\" {\n",
                        "  wait = false\n", body, "\n}\n");
  }
  std::string Context(const std::string& name) const {
    return absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                        cluster_.kubeconfig(), "\"\n  config_context = \"",
                        name, "\"\n}\n");
  }
  // What the plan prints; it must not fail.
  std::string Planned() {
    const support::Outcome plan = workspace_.Plan();
    EXPECT_EQ(plan.exit_code, 0) << plan.out;
    return plan.out;
  }
  void InstallOperator() {
    workspace_.Write(OperatorBlock("wait = false"));
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }
};

TEST_P(Preflight, BeforeTheDefinitionExistsTheNamespaceIsLookedAt) {
  workspace_.Write(Instance("namespace = \"absent\""));
  EXPECT_THAT(Planned(), HasSubstr(kAbsentNamespace));
  workspace_.Write(Instance(""));
  EXPECT_THAT(Planned(), Not(HasSubstr("does not exist")));
}

TEST_P(Preflight, OfACreateSeesWhatIsInTheWay) {
  InstallOperator();
  const std::string op = OperatorBlock("wait = false");
  workspace_.Write(op + Instance("namespace = \"absent\""));
  EXPECT_THAT(Planned(), HasSubstr(kAbsentNamespace));
  workspace_.Write(op + Instance("namespace = \"absent\"\n"
                                 "create_namespace = true"));
  EXPECT_THAT(Planned(), Not(HasSubstr("does not exist")));

  workspace_.Write(op + Instance(""), Context("wandb-readonly"));
  // That identity may not read the operator either.
  EXPECT_THAT(
      workspace_.Run({"plan", "-no-color", "-refresh=false"}).out,
      AllOf(HasSubstr("refuses to create"), HasSubstr("cannot patch resource"),
            HasSubstr("\"weightsandbiases\"")));

  cluster_.Create(R"(
apiVersion: apps.wandb.com/v1
kind: WeightsAndBiases
metadata: {name: wandb, namespace: default}
spec: {values: {a: 1}}
)");
  workspace_.Write(op + Instance(R"(
  values = { a = 1 }
})"
                                 "\nresource \"terraform_data\" \"x\" {"));
  EXPECT_THAT(Planned(), AllOf(HasSubstr(kExists), HasSubstr("import {"),
                               HasSubstr("id = \"default/wandb\"")));
  // What is not known yet does not hide it.
  workspace_.Write(op + R"(resource "terraform_data" "x" { input = "1" }
)" + Instance("values = { a = terraform_data.x.output }"));
  EXPECT_THAT(Planned(), HasSubstr(kExists));
  ASSERT_EQ(cluster_
                .Kubectl({"delete", "weightsandbiases", "wandb",
                          "--namespace=default"})
                .exit_code,
            0);
  EXPECT_THAT(Planned(), Not(HasSubstr(kExists)));
  workspace_.Write(op);
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Preflight, WhatIsReplacedIsNotInTheWay) {
  InstallOperator();
  workspace_.Write(OperatorBlock("wait = false") +
                   Instance("operator = wandb_operator.this.id"));
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(workspace_.Run({"taint", "wandb_instance.this"}).exit_code, 0);
  EXPECT_THAT(Planned(),
              AllOf(HasSubstr("must be replaced"), Not(HasSubstr(kExists))));
  ASSERT_EQ(workspace_.Run({"untaint", "wandb_instance.this"}).exit_code, 0);
  const support::Outcome replace =
      workspace_.Run({"plan", "-no-color", "-replace=wandb_instance.this"});
  EXPECT_EQ(replace.exit_code, 0) << replace.out;
  EXPECT_THAT(replace.out,
              AllOf(HasSubstr("will be replaced"), Not(HasSubstr(kExists))));
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
}

TEST_P(Preflight, SeesMissingObjectsAndKeys) {
  cluster_.Create(R"(
apiVersion: v1
kind: Secret
metadata: {name: preflight-db, namespace: default}
stringData: {password: canary-password}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: preflight-nginx}
spec: {controller: example.com/none}
)");
  workspace_.Write(Instance(R"(
  checks = "off"
  values = {
    global = {
      mysql            = { passwordSecret = { name = "preflight-db" } }
      caCertsConfigMap = "preflight-cas"
    }
    ingress = { class = "preflight-ngnix" }
  })"));
  EXPECT_THAT(
      Planned(),
      AllOf(HasSubstr("Secret \"preflight-db\" has no key \"MYSQL_PASSWORD\""),
            HasSubstr("ConfigMap \"preflight-cas\" does not exist"),
            HasSubstr("IngressClass \"preflight-ngnix\" does not exist; the "
                      "cluster has preflight-nginx"),
            Not(HasSubstr("canary-password"))));
  workspace_.Write(Instance(R"(
  values = {
    global = {
      mysql = { password = { valueFrom = { secretKeyRef = {
        name = "preflight-db"
        key  = "password"
      } } } }
    }
    ingress = { class = "preflight-nginx" }
  })"));
  EXPECT_THAT(Planned(), Not(HasSubstr("lacks what the values of")));
  EXPECT_EQ(
      cluster_
          .Kubectl({"delete", "secret/preflight-db",
                    "ingressclass/preflight-nginx", "--namespace=default"})
          .exit_code,
      0);
  workspace_.Forget();
}

TEST_P(Preflight, ConnectionThatIsConfiguredWronglyFailsThePlan) {
  const auto plan = [this](const std::string& provider) {
    workspace_.Write(OperatorBlock() + Instance(""), provider);
    return workspace_.Plan();
  };
  for (const char* provider :
       {"provider \"wandb\" {\n  config_path = \"/nowhere/kubeconfig\"\n}",
        "provider \"wandb\" {\n  host = \"https://127.0.0.1:9\"\n  "
        "cluster_ca_certificate = \"text\"\n}"}) {
    const support::Outcome failed = plan(provider);
    EXPECT_EQ(failed.exit_code, 1) << failed.out;
    EXPECT_THAT(failed.out, HasSubstr("configured wrongly"));
  }
  const support::Outcome context = plan(Context("absent"));
  EXPECT_EQ(context.exit_code, 1) << context.out;
  EXPECT_THAT(
      context.out,
      HasSubstr("context \"absent\" (from argument config_context) does "
                "not exist"));
  // A plan needs no cluster.
  for (const char* name :
       {"KUBE_CONFIG_PATH", "KUBE_CONFIG_PATHS", "KUBE_HOST", "KUBECONFIG"}) {
    workspace_.environment[name] = "";
  }
  const support::Outcome none = plan("provider \"wandb\" {}");
  EXPECT_EQ(none.exit_code, 0) << none.out;
  EXPECT_THAT(none.out, HasSubstr("not configured"));
  workspace_.Forget();
}

// terraform 1.5, which the tests have, knows no mocks.
TEST_P(Preflight, IsNotInTheWayOfMocks) {
  workspace_.Write(R"(
resource "wandb_operator" "this" {}
data "wandb_release_channel" "this" {}
resource "wandb_instance" "this" {
  operator = wandb_operator.this.id
  release  = data.wandb_release_channel.this.release
  host     = "https://w.example.com"
  values   = { global = { extraEnv = { A = wandb_operator.this.deployed_image } } }
}
)",
                   "provider \"wandb\" {}\n");
  workspace_.WriteFile("mocks.tftest.hcl", R"(
mock_provider "wandb" {}
run "plan" {
  command = plan
  assert {
    condition     = wandb_instance.this.operator == wandb_operator.this.id
    error_message = "another operator"
  }
}
run "apply" {
  assert {
    condition     = wandb_instance.this.host == "https://w.example.com"
    error_message = "another host"
  }
}
)");
  const support::Outcome test = workspace_.Run({"test", "-no-color"});
  EXPECT_EQ(test.exit_code, 0) << test.out;
  EXPECT_THAT(test.out, HasSubstr("2 passed, 0 failed"));
  workspace_.Forget();
}

INSTANTIATE_TEST_SUITE_P(Tools, Preflight, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
