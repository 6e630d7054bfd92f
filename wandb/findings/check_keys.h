// Inside FindMistakes(): keys against the catalogue.
#pragma once

#include "wandb/findings/check.h"

namespace wandb {

// Keys that the chart that runs does not read, and what CheckValue() says of
// the others.
void CheckKeys(Checker& checker);

}  // namespace wandb
