// Inside FindMistakes(): keys and values against the catalogue.
#pragma once

#include <string>

#include "wandb/findings/check.h"

namespace wandb {

// Keys that the chart that runs does not read, and values of another type than
// the chart, or the API server, takes.
void CheckKeys(Checker& checker);

// Says that the switch at `path` is text.
void AddQuotedBoolean(const std::string& path, Checker& checker);

}  // namespace wandb
