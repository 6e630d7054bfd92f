// An operator that real Helm has installed, from a chart of the tests' own
// (tests/data/operator-chart), becomes this provider's.
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kForget[] = "adopt = { remove_helm_release = true }";

struct Object {
  const char* ns;
  const char* kind;
  const char* name;
};
constexpr Object kObjects[] = {
    {"wandb", "serviceaccount", "wandb-manager"},
    {"", "clusterrole", "wandb-manager-role"},
    {"", "clusterrolebinding", "wandb-manager-rolebinding"},
    {"wandb", "role", "wandb-leader-election-role"},
    {"wandb", "rolebinding", "wandb-leader-election-rolebinding"},
    {"wandb", "deployment", "wandb-controller-manager"}};

class Helm : public Acceptance {
 protected:
  Helm() { Installed("operator", {}); }
  ~Helm() override {
    workspace_.Destroy();
    workspace_.Forget();
    for (const Object& object : kObjects) {
      cluster_.Kubectl({"delete", object.kind, object.name, "--namespace=wandb",
                        "--ignore-not-found"});
    }
    cluster_.Kubectl({"delete", "secrets", "--namespace=wandb", "--all"});
  }

  support::Outcome RunHelm(std::vector<std::string> args) {
    args.insert(args.begin(), Tool("helm"));
    args.insert(args.end(),
                {absl::StrCat("--kubeconfig=", cluster_.kubeconfig()),
                 "--namespace=wandb"});
    std::map<std::string, std::string> environment;
    for (const char* home :
         {"HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"}) {
      environment[home] = absl::StrCat(workspace_.directory(), "/helm");
    }
    return support::Run({.argv = args, .environment = environment});
  }
  void Installed(const std::string& release,
                 const std::vector<std::string>& settings) {
    std::vector<std::string> args = {
        "upgrade",   "--install", "--create-namespace",      "--wait", release,
        "--timeout", "1m",        DataPath("operator-chart")};
    for (const std::string& setting : settings) {
      args.push_back(absl::StrCat("--set=", setting));
    }
    const support::Outcome outcome = RunHelm(args);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  }
  // The configuration with an import of `id`.
  void Write(const std::string& id, const std::string& more) {
    workspace_.Write(
        absl::StrCat("import {\n  to = wandb_operator.this\n  id = \"", id,
                     "\"\n}\n", OperatorBlock(more)));
  }

  Json Deployment() const {
    return cluster_.GetObject("wandb", "deployment",
                              "wandb-controller-manager");
  }
  std::set<std::string> PodUids() const {
    const support::Outcome pods = cluster_.Kubectl(
        {"get", "pods", "--namespace=wandb",
         "--output=jsonpath={range .items[*]}{.metadata.uid}{\"\\n\"}{end}"});
    std::set<std::string> uids;
    for (const auto& uid : absl::StrSplit(pods.out, '\n', absl::SkipEmpty())) {
      uids.emplace(uid);
    }
    return uids;
  }
  // Of all releases in the namespace.
  std::string Secrets() const {
    return cluster_
        .Kubectl({"get", "secrets", "--namespace=wandb",
                  "--field-selector=type=helm.sh/release.v1", "--output=name"})
        .out;
  }
  // No object says any more that it is Helm's, and each whose it is.
  void ExpectTakenOver() const {
    for (const Object& object : kObjects) {
      const Json metadata =
          cluster_.GetObject(object.ns, object.kind, object.name)["metadata"];
      EXPECT_EQ(metadata.value("annotations", Json::object())
                    .value("terraform.wandb.ai/owner", ""),
                "wandb/wandb")
          << object.name;
      for (const char* map : {"labels", "annotations"}) {
        const Json marks = metadata.value(map, Json::object());
        for (const auto& [key, value] : marks.items()) {
          EXPECT_THAT(key, AllOf(Not(HasSubstr("helm.sh/")),
                                 Not(HasSubstr("app.kubernetes.io/"))))
              << object.name;
        }
      }
      std::vector<std::string> get = {
          "get", object.kind, object.name, "--show-managed-fields",
          "--output=jsonpath={.metadata.managedFields[*].manager}"};
      if (*object.ns != '\0') {
        get.push_back(absl::StrCat("--namespace=", object.ns));
      }
      EXPECT_THAT(
          cluster_.Kubectl(get).out,
          AllOf(HasSubstr("terraform-provider-wandb"), Not(HasSubstr("helm"))))
          << object.name;
    }
  }
  void ExpectNothingToDo() {
    std::string out;
    EXPECT_EQ(workspace_.PlanExitCode(&out), 0) << out;
  }
};

TEST_P(Helm, AnInstallationIsTakenOverAndItsReleaseGoesOnRequest) {
  const Json before = Deployment();
  const std::set<std::string> pods = PodUids();
  ASSERT_THAT(pods, SizeIs(1));
  Write("wandb/wandb", "");
  const support::Outcome plan = workspace_.Plan();
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
  EXPECT_THAT(
      Flat(plan.out),
      AllOf(HasSubstr("1 to import, 0 to add, 1 to change, 0 to destroy"),
            HasSubstr("Helm release \"wandb/operator\" made operator "
                      "wandb/wandb"),
            HasSubstr("helm uninstall operator"), HasSubstr(kForget),
            Not(HasSubstr("take settings away"))));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(Flat(apply.out), HasSubstr("helm uninstall operator"));
  // Of a Deployment other annotations alone are another generation, which is
  // nothing to its pods.
  EXPECT_EQ(Deployment()["spec"], before["spec"]);
  EXPECT_EQ(PodUids(), pods);
  ExpectTakenOver();
  ExpectNothingToDo();
  EXPECT_THAT(RunHelm({"list", "--short"}).out, HasSubstr("operator"));

  Write("wandb/wandb", kForget);
  EXPECT_THAT(
      Flat(workspace_.Plan().out),
      AllOf(HasSubstr("Apply will make Helm forget release "
                      "\"wandb/operator\""),
            HasSubstr("Secret \"wandb/sh.helm.release.v1.operator.v1\"")));
  EXPECT_THAT(Secrets(), Not(IsEmpty()));
  const support::Outcome forget = workspace_.Apply();
  ASSERT_EQ(forget.exit_code, 0) << forget.out;
  EXPECT_THAT(Secrets(), IsEmpty());
  EXPECT_THAT(RunHelm({"list", "--short"}).out, IsEmpty());
  EXPECT_EQ(RunHelm({"uninstall", "operator"}).exit_code, 1);
  EXPECT_EQ(PodUids(), pods);
  ExpectTakenOver();
  ExpectNothingToDo();

  const support::Outcome gone = workspace_.Destroy();
  EXPECT_EQ(gone.exit_code, 0) << gone.out;
  for (const Object& object : kObjects) {
    EXPECT_TRUE(
        cluster_.GetObject(object.ns, object.kind, object.name).is_null())
        << object.name;
  }
}

// Labels in the immutable selector stay, and those on the pods restart none.
TEST_P(Helm, AReleaseOfManyRevisionsIsImportedByItsNameAndGoesAtOnce) {
  ASSERT_EQ(RunHelm({"uninstall", "--wait", "operator"}).exit_code, 0);
  Installed("wb", {"usualLabels=true"});
  Installed("wb", {"usualLabels=true"});
  Installed("other", {"nameOverride=other"});
  const Json before = Deployment();
  const std::set<std::string> pods = PodUids();
  ASSERT_THAT(pods, SizeIs(2));
  Write("wandb/wb", kForget);
  const support::Outcome plan = workspace_.Plan();
  EXPECT_THAT(
      Flat(plan.out),
      AllOf(HasSubstr("Helm release \"wandb/wb\" is imported as operator "
                      "wandb/wandb"),
            HasSubstr("Secret \"wandb/sh.helm.release.v1.wb.v1\""),
            HasSubstr("Secret \"wandb/sh.helm.release.v1.wb.v2\""),
            Not(HasSubstr("release.v1.other")),
            Not(HasSubstr("take settings away"))));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_EQ(Deployment()["spec"], before["spec"]);
  EXPECT_EQ(PodUids(), pods);
  ExpectTakenOver();
  ExpectNothingToDo();
  EXPECT_EQ(Secrets(), "secret/sh.helm.release.v1.other.v1\n");
  EXPECT_EQ(RunHelm({"uninstall", "--wait", "other"}).exit_code, 0);
  EXPECT_FALSE(Deployment().is_null());
}

// Nothing but Helm's own record says then which release it was.
TEST_P(Helm, AnEndThatAKillCutsOffIsGoneOnWith) {
  Installed("operator", {});
  Write("wandb/wandb", "");
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  size_t writes = 0;
  {
    const ApiProxy proxy(cluster_, {});
    workspace_.Write(OperatorBlock("force_conflicts = true"),
                     proxy.ProviderBlock());
    ASSERT_EQ(workspace_.Apply().exit_code, 0);
    writes = proxy.Log("write").size();
  }
  ExpectTakenOver();
  {
    // The last of two Secrets. The trials of a deletion, in the plan and in the
    // apply, count as writes, too.
    ApiProxy proxy(cluster_, {.hold = static_cast<int>(writes) + 4});
    workspace_.Write(OperatorBlock(kForget), proxy.ProviderBlock());
    support::Process apply =
        workspace_.Start({"apply", "-auto-approve", "-no-color"});
    const absl::Status held = proxy.AwaitHeld(absl::Minutes(1));
    ASSERT_TRUE(held.ok()) << held;
    const pid_t provider = ProviderOf(apply);
    ASSERT_GT(provider, 0);
    ASSERT_EQ(::kill(provider, SIGKILL), 0);
    EXPECT_NE(apply.Finish(absl::Minutes(1)).exit_code, 0);
  }
  EXPECT_EQ(Secrets(), "secret/sh.helm.release.v1.operator.v2\n");
  workspace_.Write(OperatorBlock(kForget));
  const support::Outcome apply = workspace_.Apply();
  ASSERT_EQ(apply.exit_code, 0) << apply.out;
  EXPECT_THAT(Secrets(), IsEmpty());
  ExpectNothingToDo();
}

INSTANTIATE_TEST_SUITE_P(Tools, Helm, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
