// Data source wandb_effective_spec: what the operator would use, computed from
// layers that are given as arguments. Needs no cluster.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"

namespace resources {

std::unique_ptr<tf::DataSource> NewEffectiveSpecDataSource();

}  // namespace resources
