// The provider `wandb`: its configuration block and its resources.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "provider/tf/provider.h"
#include "resources/session.h"

namespace resources {

using ResourceList = std::vector<std::unique_ptr<tf::Resource>>;
using MakeResources =
    std::function<ResourceList(std::shared_ptr<const Session>)>;

struct ProviderOptions {
  std::string version;
  // What programs that the provider runs get as their environment.
  std::map<std::string, std::string> child_environment;
};

// The provider with the resources that `make_resources` makes for its session.
std::unique_ptr<tf::Provider> NewProvider(ProviderOptions options,
                                          const MakeResources& make_resources);

}  // namespace resources
