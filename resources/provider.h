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

// What the provider offers.
struct Parts {
  std::vector<std::unique_ptr<tf::Resource>> resources;
  std::vector<std::unique_ptr<tf::DataSource>> data_sources;
  std::vector<tf::Function> functions;
};
using MakeParts = std::function<Parts(std::shared_ptr<const Session>)>;

struct ProviderOptions {
  std::string version;
  // What programs that the provider runs get as their environment.
  std::map<std::string, std::string> child_environment;
};

// The provider with the parts that `make_parts` makes for its session.
std::unique_ptr<tf::Provider> NewProvider(ProviderOptions options,
                                          const MakeParts& make_parts);

}  // namespace resources
