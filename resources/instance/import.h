// Taking over a custom resource that somebody else made.
#pragma once

#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/model.h"

namespace resources {

// Sets the attributes of `state` that a configuration for `live` would have:
// `host` and `license` where they fit, secrets in `sensitive_values`, the rest
// in `values`, so that nothing secret is shown by a plan or written into a
// generated configuration. A list that holds a secret is sensitive as a whole.
// Warns of a Helm release that owns the object.
void FillImported(const base::Json& live, InstanceModel& state,
                  tf::Diagnostics& diags);

}  // namespace resources
