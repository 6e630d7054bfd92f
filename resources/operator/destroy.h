// Deleting wandb_operator.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// Deletes what the resource made, last made first, and waits for the end of
// each; the definition stays, and so does what belongs to others. Refused while
// instances exist and the controller manager does, unless force_destroy is set.
void DestroyOperator(const base::Context& parent, const Session& session,
                     tf::DeleteCall<OperatorModel>& call);

}  // namespace resources
