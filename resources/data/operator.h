// Data source wandb_operator: an operator that is in the cluster, whoever
// installed it.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"
#include "resources/connection/session.h"

namespace resources {

std::unique_ptr<tf::DataSource> NewOperatorDataSource(
    std::shared_ptr<const Session> session);

}  // namespace resources
