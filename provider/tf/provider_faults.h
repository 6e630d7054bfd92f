// What is wrong with the declarations of a whole provider.
#pragma once

#include <string>
#include <vector>

#include "provider/tf/provider.h"

namespace tf {

// SchemaFaults() of each schema, prefixed with its type; names that are taken
// twice; attributes of identities that the resource's schema does not have as
// strings; parameters of functions that are no names or are taken twice. Empty
// when nothing is wrong.
std::vector<std::string> ProviderFaults(const Provider& provider);

}  // namespace tf
