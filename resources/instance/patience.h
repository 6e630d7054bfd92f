// How long the wait for an instance bears with what it finds.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "resources/instance/operator_look.h"

namespace resources {

// Times of AwaitInstance().
struct Patience {
  // The layers live in Secrets, which are not watched: they are read again at
  // each change of the custom resource, and after this time in any case. So is
  // the operator's Deployment; and so is the custom resource itself, while
  // others are waited for.
  absl::Duration look_again = absl::Seconds(5);
  // How long a fault of the operator must stand before it ends the wait: it may
  // be in the midst of a change.
  absl::Duration with_operator = absl::Seconds(10);
  // Likewise, for one that is not there: somebody may be installing it.
  absl::Duration without_operator = absl::Seconds(40);
  // Likewise, for pods whose image has an invalid name: another specification
  // may be on its way.
  absl::Duration with_bad_image = absl::Seconds(30);
  // And for what pods lack: a Secret, room in a quota, a StorageClass. Others
  // may bring it: controllers of secrets take a minute, and a quota has room
  // again once the old pods of a rollout are gone.
  absl::Duration with_something_missing = absl::Minutes(2);
  // How long the phase may lag behind what it stands for.
  absl::Duration with_old_phase = absl::Seconds(5);
  // How long "Invalid Config" must stand before it is believed to be about our
  // write: the operator begins at once with what was written while it failed.
  absl::Duration with_invalid_config = absl::Seconds(4);
  // The same where the operator's events are all about what was there before,
  // or where it has begun anew: asking the release channel may take that long.
  // Only for that Kubernetes has dropped an event, as it does with too many.
  absl::Duration with_old_failure = absl::Minutes(1);
  // How long the operator may leave alone what was written, before it is made
  // to look: it may be in its backoff, of up to 16 minutes.
  absl::Duration with_idle_operator = absl::Seconds(8);
};

// Faults of the operator, and since when each has stood.
class StandingFaults {
 public:
  explicit StandingFaults(const Patience& patience) : patience_(patience) {}

  // Takes what a look has found. The worst fault that has stood so long that no
  // change is to be expected; nullopt for none.
  std::optional<OperatorFault> Note(const std::vector<OperatorFault>& faults);

 private:
  absl::Duration PatienceWith(OperatorFault::Kind kind) const;

  const Patience patience_;
  std::map<OperatorFault::Kind, absl::Time> since_;
};

}  // namespace resources
