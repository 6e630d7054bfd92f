// Writing our objects: create-only, adoption after a killed create, and who may
// be overruled. The rules are Kubernetes' server-side apply's.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace resources {

enum class Found {
  kCreated,  // It was absent.
  kAdopted,  // It is what an interrupted create of ours left.
  kForeign,  // It is somebody else's: nothing was written.
};

struct CreateResult {
  Found found = Found::kCreated;
  kube::Applied applied;  // kForeign: the live object.
};

// Creates `body`, never changing an existing object. An existing one is adopted
// only if `manager` alone has applied to it and applying `body` would change
// nothing.
absl::StatusOr<CreateResult> CreateOrAdopt(const base::Context& ctx,
                                           kube::Client& client,
                                           const kube::ObjectRef& ref,
                                           const base::Json& body,
                                           const std::string& manager);

// Applies `body` to an object of ours. A conflict is overruled only if every
// field of it was written by us before (`wrote` gets the field path as the
// server names it) and is now owned by an Update: an edit by hand.
absl::StatusOr<kube::Applied> UpdateOwned(
    const base::Context& ctx, kube::Client& client, const kube::ObjectRef& ref,
    const base::Json& body, const std::string& manager,
    const std::function<bool(const std::string& field)>& wrote);

// Every path in `body` as the server spells fields in conflicts
// (".spec.values.global.host"), inner nodes included. A list is one field.
std::set<std::string> FieldPaths(const base::Json& body);

// What must be taken out of an object before `after` is applied in place of
// `before`: a merge patch, or null for nothing. Server-side apply turns a map
// that loses its last key into null (in content without a schema), which the
// operator cannot merge; a map that is empty before stays a map.
base::Json EmptyingPatch(const base::Json& before, const base::Json& after);

// The part of `live` that `body` speaks about: the same keys, list elements
// matched by "name" where all have one, else by index. What is missing is null.
base::Json OwnedPart(const base::Json& body, const base::Json& live);

// Whether two results of an apply say the same, bookkeeping aside.
bool SameObject(const base::Json& a, const base::Json& b);

}  // namespace resources
