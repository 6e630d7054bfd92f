// Whose an object is that this provider did not make, as far as the object
// tells, and how a state gives one up. Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace resources {

struct Holder {
  // "belongs to Helm release "x" in namespace "y"", or "made by somebody else
  // (field manager "kubectl")": for sentences.
  std::string text;
  // Whether somebody looks after it; it is not to be deleted then.
  bool known = false;
};

// By its Helm release, or by who applies it: `manager` is our own field
// manager, which another state may have, too.
Holder HolderOf(const base::Json& live, absl::string_view manager);

// `made by somebody else (field manager "argocd")`
std::string MadeBySomebody(const base::Json& live);

// `Helm release "x" in namespace "y"`, which made `live`; "" if none has.
std::string HelmOwnerOf(const base::Json& live);

// For messages: the block by which the state forgets a resource of that type.
std::string RemovedBlock(absl::string_view type);

}  // namespace resources
