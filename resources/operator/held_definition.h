// A definition whose end cannot come, because of instances that no operator
// lets go.
#pragma once

#include <string>
#include <vector>

#include "resources/operation.h"
#include "resources/operator/ownership.h"

namespace resources {

// Why the end of the definition, if it is among `all` and being deleted, will
// not come by itself, and what to do: instances have the operator's finalizer,
// and no operator runs that would take it away. "" where that is not so or
// cannot be found out. Asks nothing for a definition that stays.
std::string WhyDefinitionIsHeld(const Operation& op,
                                const std::vector<Sighting>& all);

// The same as a warning that the apply will fail.
void WarnOfHeldDefinition(const Operation& op,
                          const std::vector<Sighting>& all);

}  // namespace resources
