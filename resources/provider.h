// The provider `wandb`: its configuration block and its resources.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "provider/tf/provider.h"
#include "resources/session.h"

namespace resources {

using ResourceList = std::vector<std::unique_ptr<tf::Resource>>;

// The provider with the resources that `make_resources` makes for its session.
std::unique_ptr<tf::Provider> NewProvider(
    const std::string& version,
    const std::function<ResourceList(std::shared_ptr<const Session>)>&
        make_resources);

}  // namespace resources
