// The namespaces that resources make for themselves.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "wandb/scrub.h"

namespace resources {

// Key of the private data: the uid of a namespace that the resource made. While
// it stands, the resource does, whatever else is gone.
inline constexpr char kCreatedNamespace[] = "created_namespace";

// The recorded uid of the namespace, or "".
std::string CreatedNamespace(const base::Json& private_data);

// A namespace of the resource itself.
struct OwnNamespace {
  std::string uid;       // "": it is somebody else's.
  bool created = false;  // Just now.
};

// Whether `live`, a namespace, was made by another resource than `owner`, in
// `manager`'s hand, of which nothing is left: a destroy kept it for what is in
// it, as that of an operator that gets another name. False where that cannot be
// found out, and of one that is so young that its maker may be at work.
bool IsOrphaned(const base::Context& ctx, kube::Client& client,
                const base::Json& live, const std::string& owner,
                const std::string& manager);

// Creates `ns` with kOwnerAnnotation `owner` if it does not exist; an existing
// one is used as it is. It is the resource's own only if `take_back` and it
// names `owner` in `manager`'s own hand: an earlier create or destroy has left
// it; or if it IsOrphaned(): then it names `owner` from now on.
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
  std::string applier;              // The other manager that applies it.
  // Other resources that live there, as in kOwnerAnnotation.
  std::set<std::string> residents = {};

  bool empty() const {
    return left.empty() && hidden.empty() && owner.empty() && applier.empty();
  }
};

// Deletes the namespace with `uid`, unless it names another owner than `owner`
// or is applied by another manager than `manager`, if nothing is left in it
// that somebody could miss, and waits until it is gone. Otherwise returns why
// not. Asks for objects of every kind that the server has; what belongs to a
// deleted object is given time to be collected first. A kind that may not be
// listed, or whose server is away, is a reason to keep the namespace; an API
// server that does not answer is an error.
absl::StatusOr<Rest> DeleteEmptyNamespace(const base::Context& ctx,
                                          kube::Client& client,
                                          const std::string& ns,
                                          const std::string& uid,
                                          const std::string& owner,
                                          const std::string& manager);

// A resource's namespace, and what its messages need.
struct NamespaceOf {
  std::string ns;
  std::string owner;  // The value of kOwnerAnnotation.
  // Whether the resource makes its namespace (create_namespace). Then one that
  // names it as its owner counts as recorded: core forgets the record of an
  // update in which the provider died.
  bool makes;
  const Session& session;
  const wandb::Scrubber& scrubber;
};

// DeleteEmptyNamespace() of the recorded namespace as the last step of a
// destroy: what is left in it is a warning; a failure is an error, and the next
// destroy goes on.
void DeleteOwnNamespace(const base::Context& ctx, kube::Client& client,
                        const NamespaceOf& own, base::Json& private_data,
                        tf::Diagnostics& diags);

// For a refresh that finds nothing else of the resource: whether its state must
// stay, because the namespace that it made is left (a warning), or because that
// cannot be found out (an error). A destroy that was killed, or objects that
// somebody deleted, would otherwise leave it for good: core does not print the
// warnings of the refresh before a destroy.
bool KeepsNamespace(const base::Context& ctx, kube::Client& client,
                    const NamespaceOf& own, const base::Json& private_data,
                    tf::Diagnostics& diags);

}  // namespace resources
