// What somebody meant who wrote a key that no chart reads.
#pragma once

#include <string>

#include "wandb/leaf_map.h"

namespace wandb {

// The known path that `path`, whose last key nothing reads, was probably meant
// to be; "".
std::string NearestPath(const Path& path);

}  // namespace wandb
