// Inside FindMistakes(): what values demand of one another.
#pragma once

#include "wandb/findings/check.h"

namespace wandb {

// Values that belong together, exclude each other, or have a shape of their
// own: Rules(), and what a rule cannot say.
void CheckRules(Checker& checker);

}  // namespace wandb
