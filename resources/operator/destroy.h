// Deleting wandb_operator.
#pragma once

#include "base/context.h"
#include "base/turns.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// Deletes what the resource made, last made first, and waits for the end of
// each; the definition stays, unless `crd.delete_on_destroy` says otherwise,
// and so does what belongs to others. Refused while instances exist and the
// controller manager does, unless force_destroy is set. `turns` are those of
// all destroys of this process: each looks for instances and lets its
// Deployment go in one turn, so that of two operators that end together one
// sees that the other does not go on.
void DestroyOperator(const base::Context& parent, const Session& session,
                     base::Turns& turns, tf::DeleteCall<OperatorModel>& call);

}  // namespace resources
