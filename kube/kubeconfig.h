// Kubeconfig files: reading, merging, and what a context means. The rules are
// those of kubectl. Internal to kube/.
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
};

struct Kubeconfig {
  std::string current_context;
  std::vector<KubeconfigEntry> clusters, users, contexts;
  std::vector<std::string> files;  // That were read.
};

// Reads and merges `paths`. The first file that has a name wins it whole.
// Missing files are passed over unless `must_exist`. Errors name the file.
absl::StatusOr<Kubeconfig> LoadKubeconfig(const std::vector<std::string>& paths,
                                          bool must_exist,
                                          const ReadFile& read);

// The entry `name`, or null.
const KubeconfigEntry* FindEntry(const std::vector<KubeconfigEntry>& entries,
                                 const std::string& name);

// A member of the entry's fields; "" or false when it is absent or of another
// kind.
std::string Field(const KubeconfigEntry& entry, const std::string& name);
bool Flag(const KubeconfigEntry& entry, const std::string& name);

// What the extension `name` of `entry` holds; null when it has none.
base::Json FindExtension(const KubeconfigEntry& entry, const std::string& name);

// `path` against the entry's directory.
std::string ResolvePath(const KubeconfigEntry& entry, const std::string& path);

// The content of `<field>-data` (base64) or of the file that `field` names;
// "" when there is neither.
absl::StatusOr<std::string> DataOrFile(const KubeconfigEntry& entry,
                                       const std::string& field,
                                       const ReadFile& read);

}  // namespace kube
