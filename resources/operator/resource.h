// wandb_operator: the W&B operator, installed object by object.
#pragma once

#include <memory>

#include "provider/tf/resource.h"
#include "resources/connection/session.h"

namespace resources {

std::unique_ptr<tf::Resource> NewOperatorResource(
    std::shared_ptr<const Session> session);

}  // namespace resources
