// What a context of a kubeconfig means as a Config.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

namespace kube {

// Names of entries; "" for the current context, and for what the context names.
struct ContextChoice {
  std::string context;
  std::string cluster;
  std::string user;
  // What gave each of them, in the words of whoever knows. For messages.
  std::string context_from;
  std::string cluster_from;
  std::string user_from;
};

struct ChosenContext {  // NOLINT(bugprone-exception-escape): moving JSON
  // Its server is as it is written there, "" if the cluster has none.
  Config config;
  std::string cluster;  // The name of its entry.
  // Why the user is of no use, which matters only to those who do not replace
  // the identity: kUnimplemented for `auth-provider`, kInvalidArgument for an
  // exec plugin that cannot be run.
  absl::Status user;
};

// Nullopt if there is no current context, and `choice` names neither a context
// nor a cluster. kInvalidArgument for a name without an entry, with what gave
// it and those that have one, and for members of another kind, since the
// request would go out without what was meant; kNotFound only for a file that
// does not exist. Files that entries name are read by `read`; relative paths
// start at the folder of the entry's file.
absl::StatusOr<std::optional<ChosenContext>> ChooseContext(
    const Kubeconfig& kubeconfig, const ContextChoice& choice,
    const ReadFile& read);

}  // namespace kube
