// Instances that cannot run: each wait ends in its time, says the cause first,
// and takes nothing for ready.
//
// There is no kubelet: what it would say of a pod is written into its status.
#include <csignal>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// An instance `name` in a namespace of its own of that name.
std::string InstanceBlock(const std::string& name, const std::string& more) {
  return absl::StrCat("resource \"wandb_instance\" \"", name, "\" {\n",
                      "  operator = wandb_operator.this.id\n  namespace = \"",
                      name, "\"\n", more, "\n}\n");
}

std::string Behaviour(const std::string& behaviour) {
  return absl::StrCat(
      "  values = { app = { podAnnotations = { \"wandb-test/behaviour\" = \"",
      behaviour, "\" } } }\n");
}

constexpr char kShort[] = "  timeouts {\n    create = \"20s\"\n  }\n";

// As if the chart had made it. `pod` is what its pod's spec has more, `more`
// what its own spec has.
std::string Workload(const std::string& kind, const std::string& ns,
                     const std::string& annotations, const std::string& pod,
                     const std::string& more = "") {
  return absl::StrCat(
      "apiVersion: apps/v1\nkind: ", kind, "\nmetadata:\n  name: wandb-extra\n",
      "  namespace: ", ns,
      "\n  labels: {app.kubernetes.io/managed-by: Helm, "
      "app.kubernetes.io/instance: wandb}\n"
      "spec:\n  selector: {matchLabels: {app: extra}}\n  template:\n"
      "    metadata: {labels: {app: extra}, annotations: {",
      annotations,
      "}}\n    spec:\n      containers:\n      - {name: extra, image: x, ", pod,
      "}\n", more);
}

struct Said {
  std::string summary, detail;
};

class Diagnosis : public Acceptance {
 protected:
  ~Diagnosis() override {
    if (cluster_.foreign()) return;
    cluster_.SignalOperator(SIGCONT);
  }

  void MakeNamespace(const std::string& name) {
    cluster_.Create(absl::StrCat(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: ", name, "}\n"));
  }
  void DropNamespaces(std::vector<std::string> names) {
    names.insert(names.begin(), {"delete", "namespace", "--wait=false"});
    cluster_.Kubectl(std::move(names));
  }

  // A workload whose pod's container waits for `reason`.
  void MakeWaiting(const std::string& ns, const std::string& reason,
                   const std::string& message) {
    cluster_.Create(
        Workload("Deployment", ns, "wandb-test/behaviour: pending", ""));
    const std::string in_ns = absl::StrCat("--namespace=", ns);
    const auto pods = [&](std::vector<std::string> args) {
      args.insert(args.end(), {in_ns, "--selector=app=extra"});
      return cluster_.Kubectl(std::move(args));
    };
    ASSERT_EQ(cluster_
                  .Kubectl({"rollout", "status", "deployment/wandb-extra",
                            in_ns, "--timeout=1s"})
                  .exit_code,
              1);
    const support::Outcome started = pods(
        {"wait", "pod", "--for=jsonpath={.status.podIP}", "--timeout=60s"});
    ASSERT_EQ(started.exit_code, 0) << started.out;
    const std::string name =
        pods({"get", "pods", "-o=jsonpath={.items[0].metadata.name}"}).out;
    const Json status = {
        {"status",
         {{"containerStatuses",
           {{{"name", "extra"},
             {"image", "x"},
             {"imageID", ""},
             {"ready", false},
             {"restartCount", 0},
             {"state",
              {{"waiting", {{"reason", reason}, {"message", message}}}}}}}}}}};
    const support::Outcome patch =
        cluster_.Kubectl({"patch", "pod", name, in_ns, "--subresource=status",
                          "--type=merge", "-p=" + status.dump()});
    ASSERT_EQ(patch.exit_code, 0) << patch.out;
  }

  // The errors of an apply, by instance.
  std::map<std::string, Said> ErrorsOf(const std::string& out) {
    std::map<std::string, Said> said;
    for (const absl::string_view line : absl::StrSplit(out, '\n')) {
      const auto json = base::ParseJson(line, "line");
      if (!json.ok() ||
          base::StringAt(*json, "/diagnostic/severity") != "error") {
        continue;
      }
      const std::string address =
          base::StringAt(*json, "/diagnostic/address").value_or("");
      said[address.substr(address.rfind('.') + 1)] = {
          base::StringAt(*json, "/diagnostic/summary").value_or(""),
          base::StringAt(*json, "/diagnostic/detail").value_or("")};
    }
    return said;
  }
};

TEST_P(Diagnosis, EachCauseIsNamedFirstAndInItsTime) {
  const std::vector<std::string> all = {
      "quota", "claim", "secret", "badname", "capacity", "pull", "crash"};
  for (const std::string& name : all) MakeNamespace(name);
  cluster_.Create(
      "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: none, namespace: "
      "quota}\nspec: {hard: {pods: \"0\"}}\n");
  cluster_.Create(
      Workload("StatefulSet", "claim", "", "",
               "  volumeClaimTemplates:\n  - metadata: {name: data}\n    spec: "
               "{accessModes: [ReadWriteOnce], resources: {requests: {storage: "
               "1Gi}}}\n"));
  MakeWaiting("secret", "CreateContainerConfigError",
              "secret \"wandb-db\" not found");
  MakeWaiting("badname", "InvalidImageName",
              "Failed to apply default image tag \"A:b:c\"");
  cluster_.Create(Workload("Deployment", "capacity", "",
                           "resources: {requests: {memory: 100Ti}}"));
  // The first four have half an hour.
  workspace_.Write(absl::StrCat(
      OperatorBlock(), InstanceBlock("quota", ""), InstanceBlock("claim", ""),
      InstanceBlock("secret", ""), InstanceBlock("badname", ""),
      InstanceBlock("capacity", kShort),
      InstanceBlock("pull", absl::StrCat(Behaviour("image-pull"), kShort)),
      InstanceBlock("crash", absl::StrCat(Behaviour("crash"), kShort))));
  const absl::Time start = absl::Now();
  const support::Outcome apply =
      workspace_.Run({"apply", "-auto-approve", "-json"}, absl::Minutes(8));
  EXPECT_EQ(apply.exit_code, 1);
  EXPECT_LT(absl::Now() - start, absl::Minutes(5));
  std::map<std::string, Said> said = ErrorsOf(apply.out);
  for (const std::string& name : all) {
    SCOPED_TRACE(name);
    EXPECT_EQ(
        workspace_.Attributes(absl::StrCat("wandb_instance.", name))["ready"],
        false);
    EXPECT_THAT(said[name].detail, Not(HasSubstr("timeouts block")));
  }
  EXPECT_EQ(said["quota"].summary,
            "W&B cannot start: the API server refuses its pods");
  EXPECT_THAT(said["quota"].detail, AllOf(StartsWith("Deployment \"wandb-"),
                                          HasSubstr("exceeded quota: none")));
  EXPECT_EQ(said["claim"].summary,
            "W&B cannot start: a volume claim has no StorageClass");
  EXPECT_THAT(said["claim"].detail,
              StartsWith("PersistentVolumeClaim \"data-wandb-extra-0\" of "
                         "StatefulSet \"wandb-extra\": it names no "
                         "StorageClass, and the cluster has no default one"));
  EXPECT_EQ(said["secret"].summary,
            "W&B cannot start: a Secret or ConfigMap that it needs is missing");
  EXPECT_THAT(said["secret"].detail,
              AllOf(StartsWith("Pod \"wandb-extra-"),
                    HasSubstr("secret \"wandb-db\" not found")));
  EXPECT_EQ(said["badname"].summary,
            "W&B cannot start: the name of an image is invalid");
  EXPECT_THAT(said["badname"].detail, HasSubstr("\"A:b:c\""));
  for (const char* name : {"capacity", "pull", "crash"}) {
    EXPECT_EQ(said[name].summary, "W&B is not running yet") << name;
  }
  EXPECT_THAT(
      said["capacity"].detail,
      AllOf(StartsWith("Deployment \"wandb-extra\""),
            HasSubstr("not scheduled"), HasSubstr("Insufficient memory")));
  EXPECT_THAT(said["pull"].detail,
              AllOf(StartsWith("Deployment \"wandb-app-bc\""),
                    HasSubstr("ImagePullBackOff")));
  EXPECT_THAT(said["crash"].detail, AllOf(StartsWith("Deployment \"wandb-app"),
                                          HasSubstr("CrashLoopBackOff"),
                                          HasSubstr("exited with status 1"),
                                          HasSubstr("log of pod wandb-app")));
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  DropNamespaces(all);
}

// The operator waits for a hook before it says that anything is applied.
TEST_P(Diagnosis, AFailedHookIsNamedWithItsPod) {
  MakeNamespace("hook");
  workspace_.Write(OperatorBlock());
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  cluster_.SignalOperator(SIGSTOP);
  workspace_.Write(
      absl::StrCat(OperatorBlock(), InstanceBlock("hook", kShort)));
  support::Process apply =
      workspace_.Start({"apply", "-auto-approve", "-json"});
  ASSERT_EQ(cluster_
                .Kubectl({"wait", "weightsandbiases/wandb", "--namespace=hook",
                          "--for=create", "--timeout=60s"})
                .exit_code,
            0);
  cluster_.Create(
      "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: wandb-migration\n"
      "  namespace: hook\n  annotations: {helm.sh/hook: pre-upgrade}\n"
      "spec:\n  backoffLimit: 0\n  template:\n    metadata:\n      "
      "annotations: {wandb-test/behaviour: crash}\n    spec:\n      "
      "restartPolicy: Never\n      containers:\n      - {name: migrate, image: "
      "x}\n");
  const support::Outcome ended = apply.Finish(absl::Minutes(2));
  cluster_.SignalOperator(SIGCONT);
  EXPECT_EQ(ended.exit_code, 1);
  const Said said = ErrorsOf(ended.out)["hook"];
  EXPECT_EQ(said.summary, "The operator has not applied the specification");
  EXPECT_THAT(said.detail,
              AllOf(StartsWith("Job \"wandb-migration\": the job failed"),
                    HasSubstr("container migrate: exited with status 1"),
                    Not(HasSubstr("timeouts block"))));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.hook")["ready"], false);
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  DropNamespaces({"hook"});
}

// An update that the operator has not come to: all is as before, and well.
TEST_P(Diagnosis, AStaleCompletedIsNotReady) {
  MakeNamespace("stale");
  const auto body = [](int value, const char* update) {
    return absl::StrCat(
        OperatorBlock(),
        InstanceBlock("stale", absl::StrCat("  values = { a = ", value,
                                            " }\n  timeouts {\n    update = \"",
                                            update, "\"\n  }\n")));
  };
  workspace_.Write(body(1, "1m"));
  const support::Outcome first = workspace_.Apply();
  ASSERT_EQ(first.exit_code, 0) << first.out;
  EXPECT_EQ(workspace_.Attributes("wandb_instance.stale")["phase"],
            "Completed");
  cluster_.SignalOperator(SIGSTOP);
  workspace_.Write(body(2, "10s"));
  const support::Outcome held =
      workspace_.Run({"apply", "-auto-approve", "-json"});
  cluster_.SignalOperator(SIGCONT);
  EXPECT_EQ(held.exit_code, 1);
  const Said said = ErrorsOf(held.out)["stale"];
  EXPECT_EQ(said.summary, "The operator has not applied the specification");
  EXPECT_THAT(said.detail, HasSubstr("applied last, values.a should be 2"));
  EXPECT_EQ(workspace_.Attributes("wandb_instance.stale")["ready"], false);
  workspace_.Write(body(2, "1m"));
  const support::Outcome again = workspace_.Apply();
  EXPECT_EQ(again.exit_code, 0) << again.out;
  const Json state = workspace_.Attributes("wandb_instance.stale");
  EXPECT_EQ(state["ready"], true);
  EXPECT_EQ(state["phase"], "Completed");
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  DropNamespaces({"stale"});
}

INSTANTIATE_TEST_SUITE_P(Tools, Diagnosis, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
