// Which versions of operator-wandb W&B has released.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace wandb {

// Why `version` ("0.42.10") cannot be a release: "The last one of 0.42 is
// 0.42.9". "" where it is one, where it is of no series that has ended, and
// where it is no version of three numbers. From the tags of
// github.com/wandb/helm-charts without those of pull requests: within a series
// they have no gaps.
std::string WhyNotReleased(absl::string_view version);

}  // namespace wandb
