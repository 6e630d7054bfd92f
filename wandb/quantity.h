// Quantities of Kubernetes: "500m", "8Gi".
#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace wandb {

// Whether the API server takes `text` for one.
bool IsQuantity(absl::string_view text);

// How much it is, as near as a double comes; nullopt if it is none.
std::optional<double> QuantityAmount(absl::string_view text);

}  // namespace wandb
