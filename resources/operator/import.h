// What an import of an operator puts into the state.
#pragma once

#include "base/context.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "resources/namespaced_name.h"
#include "resources/operation.h"
#include "resources/operator/model.h"

namespace resources {

// The operator that an import id asks for: `id` itself, or else the only one in
// that namespace that a Helm release of this name has made, as the annotations
// or labels of its Deployment say; a warning gives its real name. `id` where
// nothing is found, or the cluster cannot be asked: the refresh that core makes
// next says why.
NamespacedName ImportedOperator(const base::Context& parent,
                                const Session& session,
                                const NamespacedName& id,
                                tf::Diagnostics& diags);

// Fills the arguments of an operator of which only namespace and name are
// known: image, air gap, release channel and certificates as its Deployment has
// them, the defaults where that says nothing or cannot be read. So the first
// plan of the configuration that made it is empty. A single setting that no
// configuration may have is left out, with a warning that names it.
void FillImported(const Operation& op, OperatorModel& state);

}  // namespace resources
