// A program that prints credentials: `exec` of a kubeconfig user. The rules are
// those of client.authentication.k8s.io.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"

namespace kube {

struct ExecConfig {  // NOLINT(bugprone-exception-escape): moving JSON
  std::string
      api_version;  // "client.authentication.k8s.io/v1" or ".../v1beta1"
  // A name to look for in PATH, or a path.
  std::string command;
  // Either may hold secrets: never print them.
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // The last one wins.
  std::string install_hint;  // What to tell when the command is missing.
  bool provide_cluster_info = false;

  // The command without its folders, for messages.
  std::string name() const;
};

// What must not be shown of `exec` where the plugin repeats it: every value of
// `env`, and every argument that is not known to be harmless, such as a flag
// itself, a subcommand of the usual plugins, a region or the name of a cluster.
std::vector<std::string> SecretsOf(const ExecConfig& exec);

// OK for a version that plugins may speak; else an error that says which to
// write. kInvalidArgument.
absl::Status CheckExecVersion(const std::string& api_version);

// Reads the `exec` of the kubeconfig user `user`. A command with a slash starts
// at `directory`. kInvalidArgument, without the values.
absl::StatusOr<ExecConfig> ParseExecConfig(const base::Json& exec,
                                           absl::string_view user,
                                           const std::string& directory);

}  // namespace kube
