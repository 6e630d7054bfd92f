// The operator's finalizer on an instance that is being deleted.
#pragma once

#include "absl/status/status.h"
#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/model.h"

namespace resources {

// The operator's finalizer waits for an uninstall, and the operator (1.22)
// tries for ever to uninstall a release that it never got to install. Removes
// it from a terminating instance for which neither an applied specification nor
// a Helm release exists, with a warning. Does nothing in any other case, and
// where the answer cannot be had. Fails only with IsRefused(): waiting on makes
// no sense then.
absl::Status ReleaseIfNeverInstalled(const base::Context& ctx,
                                     kube::Client& client,
                                     const InstanceModel& state,
                                     tf::Diagnostics& diags);

}  // namespace resources
