// What an import of an operator puts into the state.
#pragma once

#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/operator/model.h"

namespace resources {

// Fills the arguments of an operator of which only namespace and name are
// known: image, air gap, release channel and certificates as its Deployment has
// them, the defaults where that says nothing or cannot be read. So the first
// plan of the configuration that made it is empty. A single setting that no
// configuration may have is left out, with a warning that names it.
void FillImported(const base::Context& ctx, kube::Client& client,
                  OperatorModel& state, tf::Diagnostics& diags);

}  // namespace resources
