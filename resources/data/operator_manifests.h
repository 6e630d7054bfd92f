// Data source wandb_operator_manifests: the objects that wandb_operator with
// the same arguments applies. Needs no cluster.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"

namespace resources {

std::unique_ptr<tf::DataSource> NewOperatorManifestsDataSource();

}  // namespace resources
