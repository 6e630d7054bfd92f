// A provider that dies at any write of a create, or of the first update of what
// others have made: the next apply converges.

#include <algorithm>
#include <csignal>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

std::string Instance() {
  return "resource \"wandb_instance\" \"this\" {\n"
         "  operator = wandb_operator.this.id\n}\n";
}

using base::Json;
using testing::HasSubstr;

class KilledWrite : public Acceptance {
 protected:
  // An apply of `body` that dies before the API server has write number `n`, or
  // once it has (`reply`). `more` goes into the provider block. `done` gets
  // whether it had no such write, and ended well; null: it must have one.
  void ApplyKilledAt(const std::string& body, size_t n, bool reply,
                     const std::string& more = "", bool* done = nullptr) {
    ApiProxy proxy(cluster_,
                   {.hold = static_cast<int>(n), .hold_reply = reply});
    workspace_.Write(body, proxy.ProviderBlock(more));
    support::Process apply =
        workspace_.Start({"apply", "-auto-approve", "-no-color"});
    const absl::Status held = proxy.AwaitHeld(absl::Minutes(1));
    if (!held.ok() && done != nullptr) {
      *done = true;
      ASSERT_EQ(apply.Finish(absl::Minutes(1)).exit_code, 0) << held;
      return;
    }
    ASSERT_TRUE(held.ok()) << held;
    const pid_t provider = ProviderOf(apply);
    ASSERT_GT(provider, 0);
    ASSERT_EQ(::kill(provider, SIGKILL), 0);
    EXPECT_NE(apply.Finish(absl::Minutes(1)).exit_code, 0);
  }

  // The writes of an apply of `body` that nothing befalls.
  std::vector<std::string> WritesOf(const std::string& body,
                                    const std::string& more = "") {
    const ApiProxy proxy(cluster_, {});
    workspace_.Write(body, proxy.ProviderBlock(more));
    const support::Outcome apply = workspace_.Apply();
    EXPECT_EQ(apply.exit_code, 0) << apply.out;
    return proxy.Log("write");
  }

  void MustRun(const std::vector<std::string>& args) {
    const support::Outcome outcome = workspace_.Run(args);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }
  void MustKubectl(const std::vector<std::string>& args) {
    const support::Outcome outcome = cluster_.Kubectl(args);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }
  // The next apply makes this of the instance's values, and then all is done.
  void ExpectConverges(const Json& values) {
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    EXPECT_EQ(cluster_.GetObject("default", "weightsandbiases",
                                 "wandb")["spec"]["values"],
              values);
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
  }
  // Whether the Secret of that name has `key`.
  bool SecretHas(const std::string& name, const std::string& key) {
    return base::Find(cluster_.GetObject("default", "secret", name),
                      "/data/" + key) != nullptr;
  }
  // The definition outlives the operator that brings it.
  void Define() {
    Workspace once(GetParam());
    once.Write(OperatorBlock());
    const support::Outcome apply = once.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
  }
};

constexpr char kImported[] = "wandb_instance.this";

std::string WithValues(const std::string& values) {
  return absl::StrCat(
      "resource \"wandb_instance\" \"this\" {\n  wait = false\n  values = {",
      values, "}\n}\n");
}

TEST_P(KilledWrite, AProviderKilledAtAnyWriteOfACreateIsTakenUpByTheNextApply) {
  const std::string body = OperatorBlock() + Instance();
  // The definition outlives a destroy, and is then written no more.
  workspace_.Write(body);
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  ASSERT_EQ(workspace_.Destroy().exit_code, 0);
  const std::vector<std::string> writes = WritesOf(body);
  workspace_.Write(body);
  ASSERT_EQ(workspace_.Destroy().exit_code, 0);
  // Namespace, ServiceAccount, roles and bindings, Deployment, instance.
  ASSERT_GE(writes.size(), 7U);
  for (const bool reply : {false, true}) {
    for (size_t n = 1; n <= writes.size(); ++n) {
      SCOPED_TRACE(
          absl::StrCat(reply ? "after" : "before", " write ", writes[n - 1]));
      ApplyKilledAt(body, n, reply);
      if (HasFatalFailure()) return;
      workspace_.Write(body);
      const support::Outcome again = workspace_.Apply();
      ASSERT_EQ(again.exit_code, 0) << again.out;
      std::string plan;
      EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
      const support::Outcome destroy = workspace_.Destroy();
      ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
    }
  }
}

// What an instance has beside its custom resource: the pin in the Secret that
// the System Console writes, and the Secret of write-only settings.
constexpr char kBeside[] = R"(
resource "wandb_instance" "this" {
  wait               = false
  license_wo         = "made-up"
  secrets_wo_version = 1
  release_id         = "release-pinned"
}
)";

TEST_P(KilledWrite, SecretsBesideAnInstanceAreTakenUpAndGoWithIt) {
  Define();
  const std::vector<std::string> writes = WritesOf(kBeside);
  workspace_.Write(kBeside);
  ASSERT_EQ(workspace_.Destroy().exit_code, 0);
  // The pin, the custom resource, the Secret of the license; and that the pin
  // belongs to the custom resource.
  ASSERT_GE(writes.size(), 4U);
  for (const bool reply : {false, true}) {
    for (size_t n = 1; n <= writes.size(); ++n) {
      SCOPED_TRACE(
          absl::StrCat(reply ? "after" : "before", " write ", writes[n - 1]));
      ApplyKilledAt(kBeside, n, reply);
      if (HasFatalFailure()) return;
      workspace_.Write(kBeside);
      const support::Outcome again = workspace_.Apply();
      ASSERT_EQ(again.exit_code, 0) << again.out;
      std::string plan;
      EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
      EXPECT_TRUE(SecretHas("wandb-terraform-secrets", "license"));
      EXPECT_TRUE(SecretHas("wandb-spec-user", "values"));
      const support::Outcome destroy = workspace_.Destroy();
      ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
      EXPECT_TRUE(
          cluster_.GetObject("default", "secret", "wandb-terraform-secrets")
              .is_null());
    }
  }
}

// Core then has the state of the import, and nothing of what was noted beside.
TEST_P(KilledWrite, AnImportIsTakenOverByTheApplyAfterTheKilledOne) {
  Define();
  const std::string body = WithValues("keep = 1");
  const std::string file = workspace_.directory() + "/cr.yaml";
  workspace_.WriteFile(
      "cr.yaml",
      "apiVersion: apps.wandb.com/v1\nkind: WeightsAndBiases\nmetadata:\n"
      "  name: wandb\n  namespace: default\nspec:\n"
      "  values: {keep: 1, gone: {x: 1}}\n");
  const auto import = [&] {
    MustKubectl({"create", "--filename=" + file,
                 "--field-manager=terraform-provider-helm_v2.17.0_x5"});
    workspace_.Write(body);
    MustRun({"import", "-no-color", kImported, "default/wandb"});
  };
  const auto destroy = [&] {
    workspace_.Write(body);
    MustRun({"destroy", "-auto-approve", "-no-color"});
  };
  import();
  const std::vector<std::string> writes = WritesOf(body);
  destroy();
  // Ours, what we take over, and what is left of it.
  ASSERT_EQ(writes.size(), 3U);
  for (const bool reply : {false, true}) {
    for (size_t n = 1; n <= writes.size(); ++n) {
      SCOPED_TRACE(
          absl::StrCat(reply ? "after" : "before", " write ", writes[n - 1]));
      import();
      ApplyKilledAt(body, n, reply);
      if (HasFatalFailure()) return;
      workspace_.Write(body);
      if (n == 1 && !reply) {
        for (const char* refresh : {"-refresh=true", "-refresh=false"}) {
          const support::Outcome plan =
              workspace_.Run({"plan", "-no-color", refresh});
          EXPECT_EQ(plan.exit_code, 0) << plan.out;
          EXPECT_THAT(plan.out, HasSubstr("- \"gone.x\"")) << refresh;
        }
      }
      ExpectConverges({{"keep", 1}});
      destroy();
    }
  }
  // Without a refresh the apply looks itself.
  import();
  ApplyKilledAt(body, 1, false);
  workspace_.Write(body);
  MustRun({"apply", "-auto-approve", "-no-color", "-refresh=false"});
  ExpectConverges({{"keep", 1}});
}

TEST_P(KilledWrite, AChangedFieldManagerTakesOverAfterTheKilledApply) {
  Define();
  const std::string renamed = "field_manager = \"renamed\"";
  const std::string before = WithValues("keep = 1, gone = 1");
  const std::string body = WithValues("keep = 1");
  workspace_.Write(before);
  MustRun({"apply", "-auto-approve", "-no-color"});
  const size_t writes = WritesOf(body, renamed).size();
  ASSERT_EQ(writes, 3U);
  for (size_t n = 1; n <= writes; ++n) {
    SCOPED_TRACE(absl::StrCat("before write ", n));
    workspace_.Write(before);
    MustRun({"destroy", "-auto-approve", "-no-color"});
    MustRun({"apply", "-auto-approve", "-no-color"});
    ApplyKilledAt(body, n, false, renamed);
    if (HasFatalFailure()) return;
    workspace_.Write(
        body, absl::StrCat("provider \"wandb\" {\n  config_path = "
                           "\"",
                           cluster_.kubeconfig(), "\"\n  ", renamed, "\n}\n"));
    ExpectConverges({{"keep", 1}});
  }
}

// Neither name is the default one, and the last writes are those that take the
// Deployment over.
TEST_P(KilledWrite,
       AnOperatorsChangedFieldManagerTakesOverAfterTheKilledApply) {
  const std::string one = "field_manager = \"one\"";
  const std::string two = "field_manager = \"two\"";
  // No node has it.
  const std::string before =
      OperatorBlock("  wait = false\n  node_selector = { disk = \"ssd\" }");
  const std::string body = OperatorBlock("  wait = false");
  const auto provider = [this](const std::string& manager) {
    return absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                        cluster_.kubeconfig(), "\"\n  ", manager, "\n}\n");
  };
  const auto start = [&] {
    workspace_.Write(before, provider(one));
    MustRun({"apply", "-auto-approve", "-no-color"});
  };
  start();
  const size_t writes = WritesOf(body, two).size();
  ASSERT_GE(writes, 4U);
  for (const char* refresh : {"-refresh=true", "-refresh=false"}) {
    for (const size_t n : {size_t{1}, writes - 2, writes - 1, writes}) {
      SCOPED_TRACE(absl::StrCat("before write ", n, " ", refresh));
      workspace_.Write(before, provider(one));
      MustRun({"destroy", "-auto-approve", "-no-color"});
      start();
      ApplyKilledAt(body, n, false, two);
      if (HasFatalFailure()) return;
      workspace_.Write(body, provider(two));
      MustRun({"apply", "-auto-approve", "-no-color", refresh});
      const Json live =
          cluster_.GetObject("wandb", "deployment", "wandb-controller-manager");
      EXPECT_FALSE(live["spec"]["template"]["spec"].contains("nodeSelector"))
          << live.dump(1);
      std::string plan;
      EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
    }
  }
  // Made under the first name, and nobody else's.
  MustRun({"destroy", "-auto-approve", "-no-color"});
  EXPECT_NE(cluster_.Kubectl({"get", "namespace", "wandb"}).exit_code, 0);
}

TEST_P(KilledWrite, AnImportedOperatorIsTakenOverByTheApplyAfterTheKilledOne) {
  const std::string body = OperatorBlock();
  workspace_.Write(body);
  MustRun({"apply", "-auto-approve", "-no-color"});
  const Json ours =
      cluster_.GetObject("wandb", "deployment", "wandb-controller-manager");
  Json made = {{"apiVersion", "apps/v1"},
               {"kind", "Deployment"},
               {"metadata",
                {{"name", "wandb-controller-manager"},
                 {"namespace", "wandb"},
                 {"labels", ours["metadata"]["labels"]}}},
               {"spec", ours["spec"]}};
  made["spec"]["template"]["spec"]["containers"][0]["env"].push_back(
      {{"name", "THEIRS"}, {"value", "1"}});
  workspace_.WriteFile("deployment.json", made.dump());
  const auto import = [&] {
    MustRun({"state", "rm", "wandb_operator.this"});
    MustKubectl({"delete", "deployment", "wandb-controller-manager",
                 "--namespace=wandb", "--cascade=foreground"});
    MustKubectl({"create",
                 "--filename=" + workspace_.directory() + "/deployment.json"});
    workspace_.Write(body);
    MustRun({"import", "-no-color", "wandb_operator.this", "wandb/wandb"});
  };
  import();
  size_t writes = WritesOf(body).size();
  // One that met the controller's write to the Deployment was made again.
  import();
  writes = std::min(writes, WritesOf(body).size());
  ASSERT_GE(writes, 2U);
  // The last one takes what the tool has set away.
  for (size_t n = 1; n <= writes; ++n) {
    SCOPED_TRACE(absl::StrCat("before write ", n));
    workspace_.Write(body);
    import();
    // A write that met a controller's was made again when they were counted.
    bool done = false;
    ApplyKilledAt(body, n, false, "", n > 2 ? &done : nullptr);
    if (HasFatalFailure() || done) return;
    workspace_.Write(body);
    const support::Outcome apply = workspace_.Apply();
    ASSERT_EQ(apply.exit_code, 0) << apply.out;
    EXPECT_THAT(apply.out, HasSubstr("0 added, 1 changed"));
    EXPECT_THAT(
        cluster_.GetObject("wandb", "deployment", "wandb-controller-manager")
            .dump(),
        testing::Not(HasSubstr("THEIRS")));
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
  }
}

INSTANTIATE_TEST_SUITE_P(Tools, KilledWrite, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
