// What the first apply after an import takes away. The fields of the tool that
// made an object become ours, and what we do not send then goes.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "kube/ssa/update.h"
#include "resources/operation.h"
#include "resources/operator/ownership.h"

namespace resources {

// The paths below `.spec` of `live` that `fresh`, a new object of the same
// manifest, lacks, each as far up as all of it is missing, and of which one of
// `owned` is a part (kube::OwnedPaths()) that is not among `kept`, what other
// managers hold and keep. Of what stays in part, those of `owned` that go. The
// elements of a list are told apart as Kubernetes' schema does, or it is one
// path.
std::vector<std::string> LostPaths(const base::Json& live,
                                   const base::Json& fresh,
                                   const std::vector<std::string>& owned,
                                   const std::vector<std::string>& kept);

// A path, and who has set it: `"helm" and "kubectl"`.
struct Loss {
  std::string path, managers;
};

// These paths for an update of `seen` with `manifest` by `rules`; a dry run of
// a create tells what the server adds. Empty where that is not answered.
std::vector<Loss> LostByTakeover(const Operation& op, const Sighting& seen,
                                 const base::Json& manifest,
                                 const ssa::UpdateRules& rules);

}  // namespace resources
