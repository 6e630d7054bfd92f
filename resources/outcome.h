// What an update makes of an object, known before it is made: for content
// without a schema, where maps merge by key and everything else is one value.
// Pure. The rules are those of server-side apply (seen with Kubernetes 1.36).
#pragma once

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace resources {

struct Outcome {
  // metadata.labels, metadata.annotations and spec as they will be.
  base::Json object;
  // A merge patch that must come first, or null for nothing. A map that loses
  // its last key by an apply becomes null, which the operator cannot merge;
  // one that is empty before stays a map. Whatever another manager holds
  // keeps its map from being emptied.
  base::Json emptying;
  // `body` with the maps of `emptying` as they are: an apply of it meets the
  // same conflicts as one of `body` after the patch, and makes no null.
  base::Json kept;
};

// `body` with an empty map for each map in the spec of `live` that `body` gives
// up, of which `manager` alone holds the node itself, and below which another
// manager holds something: a map that is given up takes all below it away,
// unless somebody else has applied it. An Update holds only what it changed.
base::Json KeepingOthers(const base::Json& live, base::Json body,
                         absl::string_view manager);

// `manager` applies `body` onto `live`, overruling whoever is in conflict.
Outcome OutcomeOf(const base::Json& live, const base::Json& body,
                  absl::string_view manager);

// Whether an apply of `body` after one of `before` may leave a map without
// keys: `body` has an empty one, or lacks keys of `before`, whose map another
// manager may hold. Otherwise there is nothing to empty.
bool MayEmptyMaps(const base::Json& before, const base::Json& body);

}  // namespace resources
