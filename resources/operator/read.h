// The refresh of wandb_operator.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// Brings the state up to what the cluster has, and says in private data what
// was seen. `gone` only when the API server itself says that none of the
// objects that the state knows is there, or are another's by now. After an
// import it first fills the state from the Deployment, and fails if that is
// another operator's. Whatever cannot be read is an error that keeps the state;
// on an operator v2 cluster nothing is drift.
void ReadOperator(const base::Context& parent, const Session& session,
                  tf::ReadCall<OperatorModel>& call);

}  // namespace resources
