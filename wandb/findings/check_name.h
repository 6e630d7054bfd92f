// Inside FindMistakes(): the name of the instance, from which the chart makes
// those of objects.
#pragma once

#include "wandb/findings/check.h"

namespace wandb {

void CheckName(Checker& checker);

}  // namespace wandb
