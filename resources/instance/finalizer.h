// The operator's finalizer on an instance that is being deleted.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/instance/desired.h"
#include "resources/instance/standing_fault.h"
#include "resources/operation.h"

namespace resources {

// The operator's finalizer waits for an uninstall, and the operator (1.22)
// tries for ever to uninstall a release that it never got to install. Removes
// it from a terminating instance for which neither an applied specification nor
// a Helm release exists, nor is on its way (MayStillInstall()), with a warning.
// Does nothing in any other case, and where the answer cannot be had. Fails
// only with IsRefused(): waiting on makes no sense then.
absl::Status ReleaseIfNeverInstalled(const Operation& op, const Desired& state);

// Why the operator is never going to uninstall the instance `live` as things
// are: it merges the layers first, also of what is being deleted, and fails on
// those that it cannot read or merge; or Helm's record of what it installed is
// gone (operator 1.22). nullopt where it can, where that cannot be told, and
// where its finalizer is not there, or goes because nothing was ever installed.
// What to do about it depends on whether `live` is being deleted already, and
// is said in the detail.
std::optional<StandingFault> FindUninstallFault(const base::Context& ctx,
                                                kube::Client& client,
                                                const Desired& state,
                                                const base::Json& live);

// Waits until the deleted instance `state` is gone, and looks every `look` for
// one that was never installed, as above: an ordinary uninstall takes less.
// Fails as kube::AwaitGone() does, with IsRefused(), and with
// IsUninstallFault() once two looks have found such a fault: the operator asks
// the release channel first, which may mend it, and what MayStillInstall() is
// waited for.
inline constexpr absl::Duration kUninstallLook = absl::Seconds(5);
absl::Status AwaitUninstalled(const Operation& op, const Desired& state,
                              absl::Duration look);
bool IsUninstallFault(const absl::Status& status);

// After a wait that ended with `status` before the instance was gone: takes the
// operator's finalizer away, with a warning that quotes `why`, and awaits the
// end. Only where the instance's on_stuck_finalizer says so, and the operator
// is known to fail for ever or the time was up; else `status`.
absl::Status RemoveIfStuck(const Operation& op, const Desired& state,
                           const absl::Status& status, absl::string_view why);

// What to do about what still holds the instance after `status`, and what that
// is, unless `status` says it itself; "" if nothing seems to. While the
// operator's finalizer is there, what keeps the operator from its work goes
// before it, and what it has logged since the deletion; others' finalizers are
// named with who set them. Looks when the time of `op` is up, too.
std::string ExplainHeld(const Operation& op, const Desired& state,
                        const absl::Status& status);

}  // namespace resources
