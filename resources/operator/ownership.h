// Whose the objects are that have the names of an operator's: decided by the
// owner that they name and by uid, never by the field manager's name alone,
// which all states share.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "resources/operator/private_data.h"

namespace resources {

// An object as it is wanted, and as the cluster has it.
struct Sighting {
  std::string key;  // ObjectKey().
  kube::ObjectRef ref;
  base::Json manifest;
  base::Json live;  // Null when absent.

  // Its namespace, which is one of the operator's objects, is being deleted.
  bool in_dying_namespace = false;

  bool exists() const { return !live.is_null(); }
  // Whether it exists, and its end is only a matter of time.
  bool IsDying() const {
    return exists() && (in_dying_namespace || kube::IsTerminating(live));
  }
};

// Looks at all of them before anything is written. An error is that of the
// first object that could not be read.
absl::StatusOr<std::vector<Sighting>> LookAt(
    const base::Context& ctx, kube::Client& client,
    const std::vector<base::Json>& manifests);

// Who asks.
struct Claimant {
  enum class Stage {
    kCreate,       // It has nothing yet.
    kEstablished,  // It is in a state: update, refresh, destroy.
    kImport,       // It takes over what is there.
  };
  std::string id;  // "namespace/name".
  OperatorRecord record;
  Stage stage = Stage::kEstablished;

  // Whether it takes over what others made: until the first apply after an
  // import, which may want more objects than the import has seen.
  bool IsImporting() const;
};

enum class Claim {
  kOurs,
  // It names us, but that is all: an interrupted create leaves that, and so
  // does a resource of the same id in another state.
  kPerhaps,
  kReplaced,  // Ours is gone; this one has only its name.
  kOthers,
};

// Whose a sighting is that exists. `all` are the sightings of the operator: who
// owns a role is told by its binding. An import takes what names nobody only if
// it belongs to the operator's Deployment: its ServiceAccount, its
// certificates, and the rights that this account is given, be it alone or among
// others, who keep them.
Claim ClaimTo(const Sighting& seen, const std::vector<Sighting>& all,
              const Claimant& who);

// Whether `seen`, of any kind, is the namespace that `who` has made for itself:
// the only one that it writes to.
bool IsOwnNamespace(const Sighting& seen, const Claimant& who);

// Who else has the rights of `seen`, a role or its binding, beside the service
// account that the manifest names, for messages: `ServiceAccount "ops/x"`.
std::vector<std::string> AlsoFor(const Sighting& seen,
                                 const std::vector<Sighting>& all);

// Whether a destroy by `who` deletes `seen`: it exists, is not merely used, is
// ours, and gives rights to nobody else.
bool TakenByDestroy(const Sighting& seen, const std::vector<Sighting>& all,
                    const Claimant& who);

// The sighting of the operator's Deployment.
const Sighting& DeploymentOf(const std::vector<Sighting>& all);

// Why `who` may not import what was seen as an operator, and what was looked
// for; "" if it may: its Deployment runs the W&B operator and is nobody else's;
// or there is none yet, and an object says by name that it belongs to `who`.
std::string WhyNoOperator(const std::vector<Sighting>& all,
                          const Claimant& who);

// Who made an object that exists, as far as it tells: the resource that it
// names, its Helm release, or the operator that is bound to it.
struct MadeBy {
  std::string text;  // `wandb_operator "a/b"`; "" when nothing tells.
  std::string id;    // Of that operator as one imports it; "" when unknown.
};
MadeBy WhoMade(const Sighting& seen, const std::vector<Sighting>& all,
               const Claimant& who);

}  // namespace resources
