// Mistakes in a specification, found before the operator sees it.
#pragma once

#include <vector>

#include "wandb/problem.h"
#include "wandb/spec/layers.h"
#include "wandb/spec/spec.h"

namespace wandb {

// The findings of Evaluate(); `effective` is MergeLayers() of `request`.
std::vector<Problem> FindMistakes(const SpecRequest& request,
                                  const EffectiveSpec& effective);

}  // namespace wandb
