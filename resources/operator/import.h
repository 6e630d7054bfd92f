// What an import of an operator puts into the state.
#pragma once

#include "resources/operation.h"
#include "resources/operator/model.h"

namespace resources {

// Fills the arguments of an operator of which only namespace and name are
// known: image, air gap, release channel and certificates as its Deployment has
// them, the defaults where that says nothing or cannot be read. So the first
// plan of the configuration that made it is empty. A single setting that no
// configuration may have is left out, with a warning that names it.
void FillImported(const Operation& op, OperatorModel& state);

}  // namespace resources
