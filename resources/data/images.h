// Data source wandb_images: the images and charts that a specification needs.
// Needs no cluster.
#pragma once

#include <memory>

#include "provider/tf/data_source.h"

namespace resources {

std::unique_ptr<tf::DataSource> NewImagesDataSource();

}  // namespace resources
