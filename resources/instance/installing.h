// Whether an operator may still be at work on an instance that is being
// deleted.
#pragma once

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/instance/model.h"

namespace resources {

// Whether an operator may yet install something for the terminating `live`. One
// that began before the deletion does not look again, and for as long as it
// fetches the chart it leaves no trace; it works on one instance after another
// (operator 1.22). So nothing is installed any more once it has taken `live` up
// again, which it does to uninstall, or where no operator that watches the
// namespace runs. True, too, where that cannot be told.
bool MayStillInstall(const base::Context& ctx, kube::Client& client,
                     const InstanceModel& model, const base::Json& live);

}  // namespace resources
