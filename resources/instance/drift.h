// How the live custom resource differs from what the configuration wrote.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "wandb/chart/mask.h"

namespace resources {

// The leaf map of `wrote` with the live value at each of its paths: equal ones
// as written, vanished ones left out, and none that we did not write. A list is
// one whole, so elements added to one of ours count. A masked leaf that differs
// reads kMaskedChanged.
std::map<std::string, std::optional<std::string>> LiveLeafMap(
    const base::Json& wrote, const base::Json& live, const wandb::Mask& mask);

}  // namespace resources
