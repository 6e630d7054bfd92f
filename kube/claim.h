// Why a PersistentVolumeClaim has no volume.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace kube {

// The StorageClasses of the cluster, read when they are first asked for.
class StorageClasses {
 public:
  // Why no volume will be provisioned for `claim`: it names no class and there
  // is no default, or a class that does not exist. "" where there is one, where
  // the claim wants none (""), and where that cannot be told: status().
  std::string Missing(const base::Context& ctx, Client& client,
                      const base::Json& claim);
  const absl::Status& status() const { return status_; }

 private:
  void Read(const base::Context& ctx, Client& client);

  bool read_ = false;
  bool has_default_ = false;
  std::set<std::string> names_;
  absl::Status status_;
};

struct PendingClaim {
  std::string name;
  // For people; foreign text. Its class first, then the last Warning event.
  std::string reason;
  bool lacks_class = false;  // What StorageClasses::Missing() says.
  // That, or such an event. Otherwise it may only wait for its pod's node.
  bool wrong = false;
};

// Those claims of `pod` that exist and are not bound. What cannot be read is
// passed over, but for the StorageClasses: `classes` has the error.
std::vector<PendingClaim> PendingClaimsOf(const base::Context& ctx,
                                          Client& client, const base::Json& pod,
                                          StorageClasses& classes);

}  // namespace kube
