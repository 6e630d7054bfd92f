// What stands in the way of the create of a wandb_instance, as its plan sees
// it.
#pragma once

#include "absl/status/status.h"
#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/desired.h"
#include "resources/operation.h"

namespace resources {

struct CreateLook {
  enum class Verdict {
    kNoFinding,
    kForeign,
    kAdopted,
    kPerhapsAdopted,  // The values tell, and are not known yet.
    kDying,
    kNamespaceMissing,
    kNamespaceDying,
    kRefused,
    kNoAccess,
  };
  Verdict verdict = Verdict::kNoFinding;
  absl::Status status;  // Of kRefused and kNoAccess: why.
  base::Json live;      // What exists, or the namespace that is dying.
  // What goes with the object that this create replaces.
  tf::Diagnostics removal;
};

// Asks the cluster, in a few dry runs and looks one after the other. Name and
// namespace must be known. Adds nothing to the diagnostics of `op`.
CreateLook LookAtCreate(const Operation& op, const Desired& planned);

// Warns of what was found. Name and namespace need not be known if that is
// kNoFinding or kNoAccess.
void ReportCreate(const Operation& op, const CreateLook& found,
                  const InstanceModel& planned);

}  // namespace resources
