// The namespaces that resources make for themselves.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/session.h"
#include "wandb/scrub.h"

namespace resources {

// Creates `ns` if it does not exist; an existing one is used as it is. Returns
// the uid of a namespace that was made here, else "".
absl::StatusOr<std::string> EnsureNamespace(const base::Context& ctx,
                                            kube::Client& client,
                                            const std::string& ns,
                                            const std::string& manager);

// A dry run of EnsureNamespace(): an error that it would meet.
absl::Status TryNamespace(const base::Context& ctx, kube::Client& client,
                          const std::string& ns, const std::string& manager);

// Why a namespace was kept, for a message.
struct Rest {
  std::vector<std::string> left;    // What is in it: `Secret "x"`.
  std::vector<std::string> hidden;  // What could not be looked at, and why.

  bool empty() const { return left.empty() && hidden.empty(); }
};

// Deletes the namespace with `uid` if nothing is left in it that somebody could
// miss, and waits until it is gone. Otherwise returns why not. Asks for objects
// of every kind that the server has; what belongs to a deleted object is given
// time to be collected first. A kind that may not be listed, or whose server is
// away, is a reason to keep the namespace; an API server that does not answer
// is an error.
absl::StatusOr<Rest> DeleteEmptyNamespace(const base::Context& ctx,
                                          kube::Client& client,
                                          const std::string& ns,
                                          const std::string& uid);

// DeleteEmptyNamespace() as the last step of a destroy: what is left is a
// warning, a failure an error.
void DeleteOwnNamespace(const base::Context& ctx, kube::Client& client,
                        const std::string& ns, const std::string& uid,
                        const Session& session, const wandb::Scrubber& scrubber,
                        tf::Diagnostics& diags);

}  // namespace resources
