// Which resource of this provider made an object: wandb::kOwnerAnnotation.
// Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace resources {

// The owner that `object` names, or "".
std::string OwnerOf(const base::Json& object);

// `object` without its owner.
base::Json WithoutOwner(base::Json object);

}  // namespace resources
