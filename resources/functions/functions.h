// provider::wandb::merge_values, effective_spec, flatten_values and
// parse_instance_id.
#pragma once

#include <vector>

#include "provider/tf/function.h"

namespace resources {

std::vector<tf::Function> SpecFunctions();

}  // namespace resources
