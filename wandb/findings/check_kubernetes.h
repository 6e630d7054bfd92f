// Inside FindMistakes(): what the API server refuses of what the chart hands on
// to it as it is.
#pragma once

#include "wandb/findings/check.h"

namespace wandb {

// Hosts, class and names of the Ingresses, names in references, tolerations,
// requests over their limits, bounds of autoscalers.
void CheckKubernetes(Checker& checker);

}  // namespace wandb
