// Inside FindMistakes(): what is right for the chart and of no use to W&B.
#pragma once

#include "wandb/findings/check.h"

namespace wandb {

// A W&B without host, database or bucket, images that an air-gapped cluster
// cannot have, settings that somebody else owns or that its server does not
// read. What is missing is said only where all layers are known.
void CheckUseless(Checker& checker);

}  // namespace wandb
