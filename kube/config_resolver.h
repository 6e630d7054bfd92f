// Puts a Config together from ConfigSources. Internal to kube/: the rules are
// at ResolveConfig() in kube/config.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

namespace kube {

// Resolves one ConfigSources; each step adds to what was looked at.
class Resolver {
 public:
  explicit Resolver(const ConfigSources& sources);

  absl::StatusOr<Config> Resolve();

 private:
  std::string Environment(const std::string& name) const {
    return environment_(name).value_or("");
  }

  // Argument, else environment variable.
  std::string Value(const std::optional<std::string>& argument,
                    const char* argument_name, const std::string& variable);

  std::string ExpandHome(const std::string& path) const {
    if (path != "~" && !absl::StartsWith(path, "~/")) return path;
    return Environment("HOME") + path.substr(1);
  }

  absl::StatusOr<std::vector<std::string>> Paths();
  std::vector<std::string> PathsFromEnvironment();
  std::vector<std::string> PathsOfKubectl();
  absl::Status FromKubeconfig();
  absl::Status UseEntries(const Kubeconfig& kubeconfig,
                          const std::string& cluster, const std::string& user,
                          const std::string& where);
  absl::Status ApplyCluster(const KubeconfigEntry& cluster);
  absl::Status ApplyUser(const KubeconfigEntry& user);
  void ApplyExec(const KubeconfigEntry& user);
  void NameCredentials(const KubeconfigEntry& user);
  void ApplyImpersonation(const KubeconfigEntry& user);
  absl::Status FromArguments();
  absl::Status TlsFromArguments();
  absl::Status IdentityFromArguments();
  void DropIdentity();
  bool HasIdentity() const;
  absl::Status FromCluster();
  absl::Status Check() const;

  const ConfigSources& sources_;
  std::function<std::optional<std::string>(const std::string&)> environment_;
  ReadFile read_;
  Config config_;
  std::vector<std::string> looked_at_;
  bool must_exist_ = false;  // The one kubeconfig file that was named.
  bool named_ = false;       // Some kubeconfig file was.
  // Why the kubeconfig's user is of no use; forgotten if the arguments bring
  // credentials of their own.
  absl::Status unusable_user_;
};

}  // namespace kube
