// In which order an operator's objects are written, and backwards deleted.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "resources/operator/ownership.h"

namespace resources {

// What does not need each other, so that it is written at the same time.
struct Stage {
  std::vector<const Sighting*> objects;
  // The definition, of the stage before, is to be established, too.
  bool awaits_definition = false;
};

// Each of `all`, which outlives the result, in one of: the namespace and the
// definition; what Pods and bindings refer to (a binding to a role that is
// missing is refused to who may not give every right); the bindings; the
// Deployment.
std::vector<Stage> StagesOf(const std::vector<Sighting>& all);

// Whether the failure of one write says what those beside it failed by, too: a
// server that is away, the end of the time, a cluster of operator v2, and what
// is forbidden, which is told of all objects at once.
bool IsAboutAllWrites(const absl::Status& failed);

}  // namespace resources
