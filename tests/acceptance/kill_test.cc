// Somebody is killed, interrupted or away at a random point of a create, an
// update or a destroy, again and again: nothing is lost, nothing is left
// behind, and state, cluster and plan agree after the next run.
//
// WANDB_KILL_CYCLES and WANDB_KILL_SEED run more of them, and other ones.

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using testing::IsEmpty;

enum class Attack {
  kKillProvider,
  kKillClient,
  kInterrupt,
  kInterruptTwice,
  kKillApiServer,
};
constexpr Attack kAttacks[] = {Attack::kKillProvider, Attack::kKillClient,
                               Attack::kInterrupt, Attack::kInterruptTwice,
                               Attack::kKillApiServer};
constexpr const char* kAttackNames[] = {"provider killed", "client killed",
                                        "Ctrl-C", "Ctrl-C twice",
                                        "API server killed"};

constexpr char kOperatorNamespace[] = "wandb";
constexpr char kInstanceNamespace[] = "ml";

int FromEnvironment(const char* name, int fallback) {
  const char* text = std::getenv(name);
  int value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : fallback;
}

// Whether process `pid`, which is no child of ours, has ended.
bool HasEnded(pid_t pid) {
  std::ifstream stat(absl::StrCat("/proc/", pid, "/stat"));
  std::string number, name, state;
  return !(stat >> number >> name >> state) || state == "Z";
}

std::string Body(int replicas) {
  return absl::StrCat(OperatorBlock(replicas == 1 ? "" : "airgapped = true"),
                      R"(
resource "wandb_instance" "this" {
  operator         = wandb_operator.this.id
  namespace        = ")",
                      kInstanceNamespace, R"("
  create_namespace = true
  airgapped        = )",
                      replicas == 1 ? "false" : "true", R"(
  chart            = { url = "https://charts.example.org", name = "operator-wandb", version = "0.43.8" }
  values           = { app = { replicaCount = )",
                      replicas, R"( }, mysql = { install = true } }
}
)");
}

class Kill : public Acceptance {
 protected:
  void SetUp() override {
    if (cluster_.foreign()) {
      FAIL() << "these tests kill the API server: unset WANDB_ACC_KUBECONFIG";
    }
  }

  // Runs `args`, and attacks at request number `at` of that run.
  support::Outcome RunAttacked(const std::vector<std::string>& args,
                               const ApiProxy& proxy, size_t at,
                               Attack attack) {
    const size_t before = proxy.Log("request").size();
    support::Process process = workspace_.Start(args);
    // A run may need fewer requests than the one they were counted in.
    const bool reached =
        proxy.AwaitLog("request", before + at, absl::Seconds(10)).ok();
    if (!reached) return process.Finish(absl::Minutes(3));
    const pid_t provider = ProviderOf(process);
    switch (attack) {
      case Attack::kKillProvider:
        if (provider > 0) ::kill(provider, SIGKILL);
        break;
      case Attack::kKillClient:
        process.Signal(SIGKILL);
        break;
      case Attack::kInterrupt:
        process.SignalGroup(SIGINT);
        break;
      case Attack::kInterruptTwice:
        process.SignalGroup(SIGINT);
        process.SignalGroup(SIGINT);
        break;
      case Attack::kKillApiServer:
        cluster_.StopApiServer();
        cluster_.StartApiServer();
        break;
    }
    support::Outcome outcome = process.Finish(absl::Minutes(3));
    if (provider > 0) {
      const absl::Time ended = absl::Now();
      while (!HasEnded(provider)) {
        if (absl::Now() - ended > absl::Seconds(10)) {
          ADD_FAILURE() << "the provider outlives its client";
          ::kill(provider, SIGKILL);
          break;
        }
        absl::SleepFor(absl::Milliseconds(20));  // It is no child of ours.
      }
    }
    return outcome;
  }

  std::string UidInCluster(const std::string& ns, const std::string& kind,
                           const std::string& name) {
    return base::StringAt(cluster_.GetObject(ns, kind, name), "/metadata/uid")
        .value_or("(absent)");
  }

  void ExpectAllThere() {
    const support::Outcome again = workspace_.Apply();
    ASSERT_EQ(again.exit_code, 0) << again.out;
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
    EXPECT_FALSE(workspace_.Attributes("wandb_operator.this").is_null());
    const Json instance = workspace_.Attributes("wandb_instance.this");
    ASSERT_FALSE(instance.is_null());
    EXPECT_EQ(instance["uid"],
              UidInCluster(kInstanceNamespace, "weightsandbiases", "wandb"));
    EXPECT_EQ(instance["ready"], true);
  }

  void ExpectNothingLeft() {
    const support::Outcome again = workspace_.Destroy();
    ASSERT_EQ(again.exit_code, 0) << again.out;
    EXPECT_TRUE(workspace_.Attributes("wandb_operator.this").is_null());
    EXPECT_TRUE(workspace_.Attributes("wandb_instance.this").is_null());
    EXPECT_THAT(cluster_
                    .Kubectl({"get", "--all-namespaces", "--output=name",
                              "--ignore-not-found", "weightsandbiases"})
                    .out,
                IsEmpty());
    EXPECT_EQ(UidInCluster("", "clusterrole", "wandb-manager-role"),
              "(absent)");
    for (const char* ns : {kInstanceNamespace, kOperatorNamespace}) {
      const Json left = cluster_.GetObject("", "namespace", ns);
      if (left.is_null()) continue;
      // The run that was attacked may have deleted it just now.
      EXPECT_TRUE(
          base::StringAt(left, "/metadata/deletionTimestamp").has_value())
          << ns << " is left";
      const support::Outcome gone =
          cluster_.Kubectl({"wait", "--for=delete", "--timeout=60s",
                            absl::StrCat("namespace/", ns)});
      EXPECT_EQ(gone.exit_code, 0) << gone.out;
    }
  }
};

TEST_P(Kill, AnywhereLosesNothingAndLeavesNothingBehind) {
  const int cycles = FromEnvironment("WANDB_KILL_CYCLES", 7);
  const int seed = FromEnvironment("WANDB_KILL_SEED", 1);
  std::mt19937 random(seed);
  const std::vector<std::string> apply = {"apply", "-auto-approve",
                                          "-no-color"};
  const std::vector<std::string> destroy = {"destroy", "-auto-approve",
                                            "-no-color"};
  const ApiProxy proxy(cluster_, {});
  // How many requests each of the three needs when nothing happens.
  std::map<std::string, size_t> needed;
  const auto count = [&](const std::string& phase, const auto& run) {
    const size_t before = proxy.Log("request").size();
    const support::Outcome outcome = run();
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
    needed[phase] = proxy.Log("request").size() - before;
  };
  for (const int replicas : {1, 2}) {
    workspace_.Write(Body(replicas), proxy.ProviderBlock());
    count(replicas == 1 ? "create" : "update",
          [this] { return workspace_.Apply(); });
    if (HasFatalFailure()) return;
  }
  count("destroy", [this] { return workspace_.Destroy(); });
  if (HasFatalFailure()) return;

  std::map<std::string, int> runs;
  for (int i = 0; i < cycles; ++i) {
    for (const char* phase : {"create", "update", "destroy"}) {
      const size_t at =
          std::uniform_int_distribution<size_t>(1, needed[phase])(random);
      const size_t attack = std::uniform_int_distribution<size_t>(
          0, std::size(kAttacks) - 1)(random);
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", cycle ", i, ": ", phase, ", ",
                                kAttackNames[attack], " at request ", at,
                                " of ", needed[phase]));
      const bool destroys = absl::string_view(phase) == "destroy";
      if (!destroys) {
        workspace_.Write(Body(absl::string_view(phase) == "create" ? 1 : 2),
                         proxy.ProviderBlock());
      }
      const support::Outcome attacked =
          RunAttacked(destroys ? destroy : apply, proxy, at, kAttacks[attack]);
      if (kAttacks[attack] == Attack::kKillApiServer) {
        EXPECT_EQ(attacked.exit_code, 0) << attacked.out;
      }
      if (destroys) {
        ExpectNothingLeft();
      } else {
        ExpectAllThere();
      }
      if (HasFailure()) {
        FAIL() << "the attacked run said:\n" << attacked.out;
      }
      ++runs[kAttackNames[attack]];
    }
  }
  for (const auto& [name, number] : runs) {
    RecordProperty(name, number);
    std::printf("%3d times %s\n", number, name.c_str());
  }
}

INSTANTIATE_TEST_SUITE_P(Tools, Kill, testing::Values("tofu"), ToolName);

}  // namespace
}  // namespace acceptance
