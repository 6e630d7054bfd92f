// Quantities of Kubernetes: "500m", "8Gi".
#pragma once

#include "absl/strings/string_view.h"

namespace wandb {

// Whether the API server takes `text` for one.
bool IsQuantity(absl::string_view text);

}  // namespace wandb
