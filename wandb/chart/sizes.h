// What the chart's sizes give the containers of components.
#pragma once

#include "absl/strings/string_view.h"

namespace wandb {

// The quantity of `what`, "cpu" or "memory", that the chart `version` itself
// has in `side`, "requests" or "limits", of `component` in `size`. "" where
// there is none, or it is not known: of charts that were not looked at, sizes
// of one's own, and components whose containers have their own.
absl::string_view SizeResource(absl::string_view version,
                               absl::string_view component,
                               absl::string_view size, absl::string_view side,
                               absl::string_view what);

}  // namespace wandb
