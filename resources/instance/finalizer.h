// The operator's finalizer on an instance that is being deleted.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/compile.h"
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

// Waits until the deleted instance `state` is gone, and looks every `look` for
// one that was never installed, as above: an ordinary uninstall takes less.
// Fails as kube::AwaitGone() does, and with IsRefused().
inline constexpr absl::Duration kUninstallLook = absl::Seconds(5);
absl::Status AwaitUninstalled(const base::Context& ctx, kube::Client& client,
                              const InstanceModel& state, absl::Duration look,
                              tf::Diagnostics& diags);

// What to do about what still holds the instance after `status`, and what that
// is, unless `status` says it itself; "" if nothing seems to. Before it goes
// what the operator has logged since the deletion. `compiled` is the state's.
std::string ExplainHeld(const base::Context& ctx, kube::Client& client,
                        const InstanceModel& state, const Compiled& compiled,
                        const absl::Status& status);

}  // namespace resources
