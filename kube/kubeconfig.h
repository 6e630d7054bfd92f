// Kubeconfig files: reading and merging them, by the rules of kubectl. What a
// context of theirs means: kube/kubeconfig_context.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"

namespace kube {

using ReadFile =
    std::function<absl::StatusOr<std::string>(const std::string& path)>;

struct KubeconfigEntry {  // NOLINT(bugprone-exception-escape): moving JSON
  std::string name;
  base::Json fields;      // Of the cluster, user or context.
  std::string directory;  // Of its file: relative paths start there.
  std::string file;
};

struct Kubeconfig {  // NOLINT(bugprone-exception-escape): moving JSON
  std::string current_context;
  std::vector<KubeconfigEntry> clusters, users, contexts;
  std::vector<std::string> files;  // That were read.
  std::string where;               // All that were asked for, for messages.
};

// Reads and merges `paths`. The first file that has a name wins it whole.
// Missing files are passed over unless `must_exist`. Errors name the file.
absl::StatusOr<Kubeconfig> LoadKubeconfig(const std::vector<std::string>& paths,
                                          bool must_exist,
                                          const ReadFile& read);

// The entry `name`, or null.
const KubeconfigEntry* FindEntry(const std::vector<KubeconfigEntry>& entries,
                                 const std::string& name);

}  // namespace kube
