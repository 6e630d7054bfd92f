// Between Terraform's values and the JSON trees that wandb/ works on.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "provider/cty/value.h"
#include "provider/tf/attr.h"

namespace resources {

// `value` as a tree; unknown primitives become unknown leaves, other unknowns
// become unknown shapes (wandb/unknown.h).
absl::StatusOr<base::Json> TreeOf(const cty::Value& value);

// A string attribute as a tree: null, an unknown string, or the string.
base::Json TreeOf(const tf::Attr<std::string>& attr);

// A map of strings whose elements may be unknown (nullopt).
cty::Value StringMap(
    const std::map<std::string, std::optional<std::string>>& entries);
cty::Value UnknownStringMap();
cty::Value NullStringMap();

}  // namespace resources
