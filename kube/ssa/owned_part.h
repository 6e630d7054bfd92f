// What of an object is somebody's who applied it. Pure.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "base/json.h"

namespace ssa {

// The part of `live` that `body` speaks about: the same keys, list elements
// matched by "name" where all have one and are not references to objects, else
// by index; a list of another length is there as a whole. What is missing is
// null.
base::Json OwnedPart(const base::Json& body, const base::Json& live);

// The server's time of `manager`'s last apply to `live`, to which events are
// compared; now where that is not told.
absl::Time WriteTime(const base::Json& live, const std::string& manager);

// Whether two results of an apply say the same, bookkeeping aside.
bool SameObject(const base::Json& a, const base::Json& b);

}  // namespace ssa
