// The namespaces that resources make for themselves.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/session.h"
#include "wandb/scrub.h"

namespace resources {

// Keys of the private data. The first is the uid of a namespace that the
// resource made. The second says that a create or a destroy failed before it
// could delete the namespace, which may be all that is left of the resource.
inline constexpr char kCreatedNamespace[] = "created_namespace";
inline constexpr char kNamespaceLeft[] = "namespace_left";

// The recorded uid of the namespace, or "".
std::string CreatedNamespace(const base::Json& private_data);

// A namespace of the resource itself.
struct OwnNamespace {
  std::string uid;       // "": it is somebody else's.
  bool created = false;  // Just now.
};

// Creates `ns` with kOwnerAnnotation `owner` if it does not exist; an existing
// one is used as it is. It is the resource's own only if `take_back` and it
// names `owner`: an earlier create or destroy has left it.
absl::StatusOr<OwnNamespace> EnsureNamespace(
    const base::Context& ctx, kube::Client& client, const std::string& ns,
    const std::string& owner, bool take_back, const std::string& manager);

// A dry run of EnsureNamespace(): an error that it would meet.
absl::Status TryNamespace(const base::Context& ctx, kube::Client& client,
                          const std::string& ns, const std::string& owner,
                          const std::string& manager);

// Why a namespace was kept, for a message.
struct Rest {
  std::vector<std::string> left;    // What is in it: `Secret "x"`.
  std::vector<std::string> hidden;  // What could not be looked at, and why.
  std::string owner;                // The other resource that it names.

  bool empty() const { return left.empty() && hidden.empty() && owner.empty(); }
};

// Deletes the namespace with `uid`, unless it names another owner than `owner`,
// if nothing is left in it that somebody could miss, and waits until it is
// gone. Otherwise returns why not. Asks for objects of every kind that the
// server has; what belongs to a deleted object is given time to be collected
// first. A kind that may not be listed, or whose server is away, is a reason to
// keep the namespace; an API server that does not answer is an error.
absl::StatusOr<Rest> DeleteEmptyNamespace(const base::Context& ctx,
                                          kube::Client& client,
                                          const std::string& ns,
                                          const std::string& uid,
                                          const std::string& owner);

// A resource's namespace, and what its messages need.
struct NamespaceOf {
  std::string ns;
  std::string owner;  // The value of kOwnerAnnotation.
  const Session& session;
  const wandb::Scrubber& scrubber;
};

// DeleteEmptyNamespace() of the recorded namespace as the last step of a
// destroy: what is left in it is a warning; a failure is an error and leaves
// kNamespaceLeft for the next destroy.
void DeleteOwnNamespace(const base::Context& ctx, kube::Client& client,
                        const NamespaceOf& own, base::Json& private_data,
                        tf::Diagnostics& diags);

// For a refresh that finds nothing else of the resource: whether its state must
// stay, because kNamespaceLeft says that the next destroy has to delete the
// namespace, or because that cannot be found out (an error). Where the
// namespace is left and no mark says so, the run was killed: that is a warning
// with the command that removes it.
bool KeepsNamespace(const base::Context& ctx, kube::Client& client,
                    const NamespaceOf& own, const base::Json& private_data,
                    tf::Diagnostics& diags);

}  // namespace resources
