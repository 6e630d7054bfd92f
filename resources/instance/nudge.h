// Making the operator look again at once.
#pragma once

#include <string>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace resources {

// The operator looks again where an apply failed only within the hour, and
// after an error when its backoff is over; at once whenever the Secret of the
// user input changes, as far as it belongs to `live` as its controller
// (internal/controller/weightsandbiases_controller.go watches those). So this
// writes the time into an annotation of that Secret, and touches nothing else
// in it, as field manager `manager`. Returns whether it did: false without such
// a Secret, and without the right to it.
bool Nudge(const base::Context& ctx, kube::Client& client,
           const base::Json& live, const std::string& manager);

}  // namespace resources
