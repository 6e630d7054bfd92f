// The checks that Terraform and OpenTofu make on a provider's answers, so that
// our tests (and the plugin server, as a log line) find a mistake before a user
// sees "Provider produced …". Rules: protocol 6, resource instance change
// lifecycle.
#pragma once

#include <string>
#include <vector>

#include "provider/cty/value.h"
#include "provider/tf/schema.h"

namespace tf {

// What is wrong with `planned` as the plan for `config` and `prior` (null for a
// create); each entry starts with the path. Empty when core accepts it.
std::vector<std::string> PlanFaults(const Schema& schema,
                                    const cty::Value& prior,
                                    const cty::Value& config,
                                    const cty::Value& planned);

// What is wrong with `state` as the result of applying `planned`.
std::vector<std::string> ApplyFaults(const Schema& schema,
                                     const cty::Value& planned,
                                     const cty::Value& state);

// What makes `later`, planned inside apply with everything known, incompatible
// with the plan that the user approved.
std::vector<std::string> ReplanFaults(const cty::Value& earlier,
                                      const cty::Value& later);

}  // namespace tf
