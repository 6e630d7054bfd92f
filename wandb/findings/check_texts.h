// Inside FindMistakes(): single texts that the chart puts into others.
#pragma once

#include "wandb/findings/check.h"

namespace wandb {

// Passwords that end up raw in URLs, names of servers and buckets with more
// than the name, and white space at an end.
void CheckTexts(Checker& checker);

}  // namespace wandb
