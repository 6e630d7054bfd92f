// A layer of a specification as it may be shown and stored.
#pragma once

#include <string>
#include <vector>

#include "wandb/chart/mask.h"
#include "wandb/spec/spec.h"

namespace wandb {

// `layer` without its secrets: those of the values and of the metadata are
// placeholders of the same kind (see ReplaceSecrets()), and the chart is as
// ShownChart() has it. Computing with it gives the same leaves, kinds, problems
// and shown texts.
SpecLayer MaskedLayer(const SpecLayer& layer, const Mask& mask);

// The secrets of `layer`, for Scrubber: of its values, of its metadata, and the
// chart's password and credentials.
std::vector<std::string> SecretsOf(const SpecLayer& layer, const Mask& mask);

}  // namespace wandb
