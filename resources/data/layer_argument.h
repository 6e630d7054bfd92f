// A layer of a specification as an any-typed argument of a data source.
#pragma once

#include <optional>

#include "provider/cty/value.h"
#include "provider/tf/diagnostics.h"
#include "wandb/spec/spec.h"

namespace resources {

// The layer in `value`; nullopt where it is null, and after an error, which
// names the argument.
std::optional<wandb::SpecLayer> LayerOf(const cty::Value& value,
                                        const char* name,
                                        tf::Diagnostics& diags);

}  // namespace resources
