// What Helm keeps of the release that made an operator: Secrets, one for each
// revision. As long as they are there, "helm uninstall" deletes the operator,
// whoever looks after it by now: Helm goes by its record, not by what objects
// say of themselves.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kube/object_ref.h"
#include "resources/helm_release.h"
#include "resources/operation.h"
#include "resources/operator/model.h"
#include "resources/operator/ownership.h"

namespace resources {

struct ReleaseRecord {
  struct Revision {
    kube::ObjectRef secret;
    std::string uid;
  };
  HelmRelease release;
  std::vector<Revision> revisions;  // Oldest first.
};

// The records, in the namespace of the operator, of the releases that have made
// its Deployment. The newest revision decides, as it does for Helm: its
// manifest names that Deployment. Where it cannot be read, that an object of
// `who` among `all` says that it belongs to the release. One request.
absl::StatusOr<std::vector<ReleaseRecord>> FindReleaseRecords(
    const Operation& op, const std::vector<Sighting>& all, const Claimant& who);

// Whether an apply from `prior` to `planned` makes Helm forget the release:
// that is asked for, and was not before, or an object says again that it
// belongs to one. So an update needs no rights for what is done.
bool EndsRelease(const OperatorModel& prior, const OperatorModel& planned,
                 const std::vector<Sighting>& all, const Claimant& who);

// For the plan of an apply that calls EndRelease(): what that will delete, or
// that it may not.
void WarnOfReleaseEnd(const Operation& op, const std::vector<Sighting>& all,
                      const Claimant& who);

// Deletes those records, the newest revision last: what is cut off is found
// again by the next apply, for which nothing needs to be remembered. A release
// that Helm keeps in ConfigMaps is not touched: a warning says so. False after
// an error.
bool EndRelease(const Operation& op, const std::vector<Sighting>& all,
                const Claimant& who);

// For an import, and for the apply that takes over what was imported: which
// release made the operator, unless Helm has forgotten it.
void WarnOfRelease(const Operation& op, const std::vector<Sighting>& all,
                   const Claimant& who);

}  // namespace resources
