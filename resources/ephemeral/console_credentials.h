// Ephemeral resource wandb_console_credentials: how to get into the System
// Console of an instance, without a trace in plan or state.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"
#include "resources/connection/session.h"

namespace resources {

std::unique_ptr<tf::DataSource> NewConsoleCredentials(
    std::shared_ptr<const Session> session);

}  // namespace resources
