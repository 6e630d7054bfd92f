// Data source wandb_legacy_values: chart values from an installation without
// the operator.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"
#include "resources/connection/session.h"

namespace resources {

std::unique_ptr<tf::DataSource> NewLegacyValuesDataSource(
    std::shared_ptr<const Session> session);

}  // namespace resources
