// An update of the custom resource, tried before it is made: it may take more
// than one request, and what would refuse one of them refuses all.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/ssa/update.h"

namespace resources {

// What an update does besides applying its body.
struct UpdateSteps {
  // The live object, as if ours already were what the sources give; null
  // unless one of the steps is needed.
  base::Json live;
  // A merge patch that goes first (outcome.h), or null.
  base::Json emptying;

  bool ApplyOnly() const { return live.is_null(); }
};

// One request, or none where `body` alone, and that `before` it was applied by
// this state, says that an apply is all. So does an object that is gone or has
// another uid: the apply tells.
absl::StatusOr<UpdateSteps> StepsOf(const base::Context& ctx,
                                    kube::Client& client,
                                    const kube::ObjectRef& ref,
                                    const base::Json& before,
                                    const base::Json& body,
                                    const ssa::UpdateRules& rules);

// What the update would end with, found by dry runs: conflicts that will not be
// overruled (RefusedConflicts()), and what validation and admission say to the
// object as it is going to be. OK, too, where an admission webhook keeps it
// from being tried.
absl::Status TryUpdate(const base::Context& ctx, kube::Client& client,
                       const kube::ObjectRef& ref, const base::Json& body,
                       const ssa::UpdateRules& rules, const UpdateSteps& steps);

}  // namespace resources
