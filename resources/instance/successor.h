// An object that has the name of an instance, which itself is gone: somebody
// deleted the one and made the other.
#pragma once

#include <string>

#include "base/json.h"
#include "resources/instance/model.h"

namespace resources {

// Whose `live` is, and what can be done: manage it, leave it to its owner, and,
// where nobody is known to look after it, delete it. `manager` is our field
// manager. Whole sentences and blocks.
std::string AdviceOnSuccessor(const base::Json& live,
                              const InstanceModel& model,
                              const std::string& manager);

}  // namespace resources
