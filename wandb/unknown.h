// Values that a Terraform plan doesn't know yet, inside a base::Json tree.
//
// An unknown is an empty nlohmann binary value whose subtype is its kind. JSON
// text can't hold one, so nothing that was parsed is ever taken for an unknown,
// and none may be written out: whoever serialises a tree checks HasUnknown().
#pragma once

#include <optional>

#include "base/json.h"

namespace wandb {

// What is known of a value that isn't: one leaf of that kind, or (kShape) a
// value that decides which keys or elements exist, or whose kind is open.
enum class Unknown { kString = 1, kNumber = 2, kBool = 3, kShape = 4 };

base::Json MakeUnknown(Unknown kind);

// nullopt when `json` itself is known; it may still hold unknowns.
std::optional<Unknown> UnknownKind(const base::Json& json);

// Whether `tree` is or holds an unknown of any kind.
bool HasUnknown(const base::Json& tree);

// Whether `tree` is or holds a kShape: then the set of its leaves is unknown.
bool HasUnknownShape(const base::Json& tree);

}  // namespace wandb
