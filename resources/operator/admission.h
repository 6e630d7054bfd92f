// Whether an operator may write what it wants to: asked of all of its objects
// before the first write, so that a refusal leaves nothing behind.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "resources/operation.h"
#include "resources/operator/ownership.h"

namespace resources {

struct Admission {
  bool granted = false;
  // Keys of objects that an interrupted create of ours has left as they shall
  // be; nothing is to be written to them.
  std::set<std::string> adopted;
};

// Objects that are absent, or on their way out, may be made; ours may be
// written. Of what only carries our id, an object is adopted if it
// ssa::IsWhatCreateMade(); a warning names these. Everything else, what others
// made anew among it, is one error: ReportOthers(). UsedIfPresent() kinds are
// not judged.
Admission Admit(const Operation& op, const std::vector<Sighting>& all,
                const Claimant& who);

// What Admit() is going to make of an apply, as a warning of a plan or a
// refresh: that it will be refused, or what it will take over.
void WarnOfRefusal(const Operation& op, const std::vector<Sighting>& all,
                   const Claimant& who);

}  // namespace resources
