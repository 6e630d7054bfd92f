// Real tofu and terraform, the built provider, and a real API server.
//
// The cluster is started once for a test program (scripts/install-tools.sh has
// built what it needs), or is the one that WANDB_ACC_KUBECONFIG names.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/json.h"
#include "gtest/gtest.h"
#include "tests/support/process.h"

namespace acceptance {

// Where scripts/install-tools.sh puts programs.
std::string Tool(const std::string& name);

// The provider that is tested: WANDB_ACC_PROVIDER, or this build's own.
std::string ProviderBinary();

class Cluster {
 public:
  // The program's cluster, started on first use. Fails the test otherwise.
  static Cluster& Get();
  // Ends it, if it was started.
  static void Shutdown();

  const std::string& kubeconfig() const { return kubeconfig_; }
  // Where files may be put that last as long as the cluster.
  const std::string& directory() const { return directory_; }
  // True for a cluster that these tests did not start.
  bool foreign() const { return process_ == nullptr; }
  // The release channel's file, which the operator stand-in reads; restored
  // by ResetChannel().
  void WriteChannel(const base::Json& channel) const;
  void ResetChannel() const;
  base::Json channel() const;

  support::Outcome Kubectl(std::vector<std::string> args) const;
  // `kubectl get … -o json`; null when not found. Other failures fail the test.
  base::Json GetObject(const std::string& ns, const std::string& kind,
                       const std::string& name) const;
  // Applies a manifest by `kubectl apply` or `kubectl create`.
  void Create(const std::string& manifest) const;
  // Kills the API server, and starts it again on the same port. Both return
  // once that is done. Not for a foreign cluster.
  void StopApiServer() const;
  void StartApiServer() const;
  // To the operator's stand-in: SIGSTOP and SIGCONT hold it up. Not for a
  // foreign cluster.
  void SignalOperator(int signal) const;

 private:
  Cluster() = default;
  void AwaitScheduler(bool runs) const;

  std::string directory_;
  std::string kubeconfig_;
  std::unique_ptr<support::Process> process_;
};

// A root module in a directory of its own, driven by one tool.
class Workspace {
 public:
  // `tool`: "tofu" or "terraform".
  explicit Workspace(std::string tool);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Writes main.tf: `body` below the required_providers block and, unless
  // `provider` is given, a provider block for the test cluster.
  void Write(const std::string& body);
  void Write(const std::string& body, const std::string& provider);
  void WriteFile(const std::string& name, const std::string& content);

  support::Outcome Run(std::vector<std::string> args,
                       absl::Duration timeout = absl::Minutes(3));
  // Starts in a process group of its own, as from a terminal.
  support::Process Start(std::vector<std::string> args);
  support::Outcome Plan() { return Run({"plan", "-no-color"}); }
  support::Outcome Apply() {
    return Run({"apply", "-auto-approve", "-no-color"});
  }
  support::Outcome Destroy() {
    return Run({"destroy", "-auto-approve", "-no-color"});
  }
  // 0: nothing to do, 2: changes, 1: error.
  int PlanExitCode(std::string* out = nullptr);
  // `show -json` of a saved plan of the current configuration.
  base::Json PlanJson();
  base::Json StateJson();
  // Attributes of one resource in state; null if absent.
  base::Json Attributes(const std::string& address);
  bool Tainted(const std::string& address);

  const std::string& directory() const { return directory_; }
  // Destroys nothing at the end (the test did, or meant to leave it).
  void Forget() { destroy_ = false; }
  // Text of a file in the directory; "" if there is none.
  std::string ReadFile(const std::string& name) const;

  std::map<std::string, std::string> environment;

 private:
  support::Command CommandOf(std::vector<std::string> args) const;

  const std::string tool_;
  std::string directory_;
  bool destroy_ = true;
};

// Runs each test with both tools.
class Acceptance : public testing::TestWithParam<std::string> {
 protected:
  Acceptance() : cluster_(Cluster::Get()), workspace_(GetParam()) {}

  Cluster& cluster_;
  Workspace workspace_;
};

std::string ToolName(const testing::TestParamInfo<std::string>& info);

// HCL of an operator that every test may share. `more` goes into the block.
std::string OperatorBlock(const std::string& more = "");

// The provider that `tool`, a running tofu or terraform, has started last; 0
// when there is none.
pid_t ProviderOf(const support::Process& tool);

// Text without line breaks and the frame that core draws around diagnostics.
std::string Flat(const std::string& text);

// The text of tests/data/`name`, and where it is.
std::string Data(const std::string& name);
std::string DataPath(const std::string& name);

}  // namespace acceptance
