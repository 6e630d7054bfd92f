// wandb_instance: the WeightsAndBiases custom resource.
#pragma once

#include <memory>

#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/readiness.h"

namespace resources {

std::unique_ptr<tf::Resource> NewInstanceResource(
    std::shared_ptr<const Session> session);

// One whose applies wait with `patience`, for tests.
std::unique_ptr<tf::Resource> NewInstanceResource(
    std::shared_ptr<const Session> session, const Patience& patience);

}  // namespace resources
