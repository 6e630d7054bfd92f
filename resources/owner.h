// Which resource of this provider made an object: wandb::kOwnerAnnotation.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "kube/managed_fields.h"

namespace resources {

// The owner that `object` names, or "".
std::string OwnerOf(const base::Json& object);

// The managers that have applied the owner: this provider, under every
// field_manager that its configuration has had and that still holds anything.
std::vector<std::string> ManagersNamingOwner(const base::Json& object);

// Whether somebody has applied the owner and nothing else: what this provider
// does with a namespace, under whatever field_manager, and nobody else does.
bool AppliedOwnerOnly(const kube::ManagerEntry& entry);

// `object` without its owner.
base::Json WithoutOwner(base::Json object);

}  // namespace resources
