// Data source wandb_instance: one that is in the cluster, whoever made it.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"
#include "resources/connection/session.h"

namespace resources {

// Reads the custom resource, the layers below it and its workloads: two round
// trips in sequence. What of them may not be read is null, with a warning.
std::unique_ptr<tf::DataSource> NewInstanceDataSource(
    std::shared_ptr<const Session> session);

}  // namespace resources
