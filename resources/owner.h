// Which resource of this provider made an object: wandb::kOwnerAnnotation.
// Pure.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "base/json.h"

namespace resources {

// The owner that `object` names, or "".
std::string OwnerOf(const base::Json& object);

// `object` without its owner.
base::Json WithoutOwner(base::Json object);

// How long before `now` the server stored `object` first; infinite if it does
// not say.
absl::Duration AgeOf(const base::Json& object, absl::Time now);

}  // namespace resources
