// The provider `wandb`: its configuration block and its resources.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "provider/tf/provider.h"
#include "resources/connection/session.h"

namespace resources {

using MakeParts = std::function<tf::Parts(std::shared_ptr<const Session>)>;

struct ProviderOptions {
  std::string version;
  // What programs that the provider runs get as their environment.
  std::map<std::string, std::string> child_environment;
};

// The provider with the parts that `make_parts` makes for its session.
std::unique_ptr<tf::Provider> NewProvider(ProviderOptions options,
                                          const MakeParts& make_parts);

}  // namespace resources
