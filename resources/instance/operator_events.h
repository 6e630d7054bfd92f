// What the operator's events say of a custom resource, and when.
#pragma once

#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace resources {

// Times of the operator's clock in whole seconds; the infinite past if there is
// no such event. Kubernetes keeps events for an hour, and drops those that are
// too many: that one is missing proves nothing.
struct OperatorEvents {
  absl::Time begun = absl::InfinitePast();   // Its last look at the object.
  absl::Time failed = absl::InfinitePast();  // Its last apply that failed.
};

// Those of `live` alone, not of one that had its name before. Every look begins
// with the event "Reconciling", and an apply that fails ends it with
// "ApplyFailed" (internal/controller/weightsandbiases_controller.go). Events
// that cannot be listed are none.
OperatorEvents ReadOperatorEvents(const base::Context& ctx,
                                  kube::Client& client, const base::Json& live);

}  // namespace resources
