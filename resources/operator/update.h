// How an update writes to the operator's objects, where others have a say too.
#pragma once

#include <string>
#include <vector>

#include "kube/ssa/update.h"
#include "kube/status.h"
#include "resources/operator/model.h"
#include "resources/operator/ownership.h"

namespace resources {

// For an object that this resource wrote before: edits by hand are overruled,
// what another manager applied only with force_conflicts. The first update
// after an import takes everything over from the tools that made the object:
// what they set and the manifest lacks goes away.
ssa::UpdateRules RulesOfUpdate(const Sighting& seen, const Claimant& who,
                               const std::string& manager,
                               const OperatorModel& planned);

// What of the sources of volumes that are in the way of the manifest's
// (SourceClashes()) another manager applies, so that an update by `rules` may
// not take it away.
std::vector<kube::FieldConflict> HeldSources(const Sighting& seen,
                                             const ssa::UpdateRules& rules);

// Conflicts that make an update fail, for the user: paths and managers, not
// more than ten of them, and the ways out.
std::string ExplainOperatorConflicts(
    std::vector<kube::FieldConflict> conflicts);

}  // namespace resources
