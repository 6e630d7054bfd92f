// Making the namespaces that resources make for themselves; their end is in
// resources/namespace_end.h.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

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
// it, as that of a resource that gets another name. False where that cannot be
// found out.
bool HasLostMaker(const base::Context& ctx, kube::Client& client,
                  const base::Json& live, const std::string& owner,
                  const std::string& manager);

// For a create: HasLostMaker(), but not while it is so young that its maker may
// be at work.
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

// For a message about something that is in a namespace which is being deleted.
struct DyingNamespace {
  std::string summary;  // One line, no full stop: `namespace "x" is being ...`
  // Sentences: since when, what remains in it, and how to look further. Text of
  // the cluster's, not scrubbed.
  std::string detail;
};

// nullopt where `live` is not being deleted.
std::optional<DyingNamespace> DyingNamespaceOf(const base::Json& live);

// Asks for namespace `ns`: one request. nullopt, too, where that may not be
// looked at or is not answered: whoever asks says what it knows without it.
std::optional<DyingNamespace> FindDyingNamespace(const base::Context& ctx,
                                                 kube::Client& client,
                                                 const std::string& ns);

// `status` of a wait for the end of a namespace: where what is in it held that
// up (kube::IsHeld()), with the advice to clear that away.
absl::Status OfHeldNamespace(const absl::Status& status);

}  // namespace resources
