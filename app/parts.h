// What the provider is made of.
#pragma once

#include <memory>

#include "resources/provider.h"

namespace app {

// All resources, data sources and functions; those that need a cluster use
// `session`.
tf::Parts AllParts(const std::shared_ptr<const resources::Session>& session);

}  // namespace app
