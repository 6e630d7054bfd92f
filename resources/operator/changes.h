// What was changed outside of the operator's objects, in words: `changes`.
#pragma once

#include <string>

#include "base/json.h"

namespace resources {

// Where the live part of an object (ssa::OwnedPart() of `wanted`) says
// something else than `wanted`: `spec.replicas 1 -> 0; metadata.labels.x
// removed`, at most 5 paths, what runs (images, commands, arguments,
// environment, security contexts) first, and how many more there are. Long
// values are cut off; certificates, and values of a name that looks secret, are
// not shown: `data["ca.crt"] changed`. Quantities that are equal in another
// spelling are no difference. "" if there is none.
std::string Differences(const base::Json& wanted, const base::Json& live);

// The annotation of the owner, as Differences() says that it is gone.
std::string OwnerRemoved();

}  // namespace resources
