// What the settings of an installation without the operator become.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace wandb {

struct LegacyValues {
  base::Json values = base::Json::object();  // For spec.values.
  // What has no place there, or was not understood: "NAME (why)". No values.
  std::vector<std::string> unmapped;
};

}  // namespace wandb
