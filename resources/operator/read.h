// The refresh of wandb_operator.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/operator/model.h"
#include "resources/session.h"

namespace resources {

void ReadOperator(const base::Context& parent, const Session& session,
                  tf::ReadCall<OperatorModel>& call);

}  // namespace resources
