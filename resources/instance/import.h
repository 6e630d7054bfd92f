// Taking over a custom resource that somebody else made.
#pragma once

#include "base/context.h"
#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/model.h"

namespace resources {

// Names the instance that the call asks for, by id or identity, and fills its
// state, as FillImported() does. Not left to the refresh that follows: core
// logs what a refresh adds, secrets below the root, too. What is not there,
// that refresh says. Warns of a Helm release that owns the object, unless it
// IsForgotten().
void ImportInstance(const base::Context& parent, const Session& session,
                    tf::ImportCall<InstanceModel>& call);

// Sets the attributes of `state` that a configuration for `live` would have:
// the typed settings that fit, other secrets in `sensitive_values`, the rest
// in `values`, so that nothing secret is shown by a plan or written into a
// generated configuration. A list that holds a secret is sensitive as a whole.
// Credentials in the chart's URL become user and password where the operator
// uses them alike, else they are left out; both with a warning. False: applying
// `state` would change the chart of `live`.
bool FillImported(const base::Json& live, InstanceModel& state,
                  tf::Diagnostics& diags);

}  // namespace resources
