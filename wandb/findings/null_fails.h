// What the templates of the chart operator-wandb do not check before they look
// inside of it.
#pragma once

#include "absl/strings/string_view.h"

namespace wandb {

// Whether templates of chart `version` ("": the newest) take it for granted
// that there is something at `path`, and fail where null has taken the chart's
// own away.
bool FailsOnNull(absl::string_view path, absl::string_view version);

}  // namespace wandb
