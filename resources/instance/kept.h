// What stays in the cluster when W&B is uninstalled: Secrets that the chart has
// Helm keep, and the volumes of the servers that it bundles.
#pragma once

#include "resources/instance/desired.h"
#include "resources/operation.h"

namespace resources {

// After the end of the custom resource. Names what stays in a warning, with the
// command that removes it, or, where `delete_kept` says so, deletes it and
// waits for its end, so that the namespace can go. What may not be looked at,
// or not be deleted, is a warning, too: the instance is gone.
//
// A Secret counts if Helm's annotations name the instance's release: users have
// Secrets of these names, too. Nothing counts that another instance of the same
// name, or a release that Helm remembers, may use.
void EndKept(const Operation& op, const Desired& state);

}  // namespace resources
