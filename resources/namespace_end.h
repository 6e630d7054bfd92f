// The end of the namespaces that resources have made for themselves.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "resources/namespace_content.h"
#include "wandb/spec/scrub.h"

namespace resources {

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
  // update in which the provider died. So does one that HasLostMaker(): whose
  // maker went first leaves it to the others in it, or to itself under another
  // name.
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
