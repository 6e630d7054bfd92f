// Which manager works where an operator has several, or two operators share a
// namespace: the holder of the Lease (kLeaderLease). The others are ready, and
// wait until it is gone.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace resources {

struct LeaderLook {
  // Unless empty: who holds it in the place of the managers of the Deployment,
  // since when, and what to do. Who holds it is foreign text.
  std::string held;
  // Unless empty: that this cannot be told, and what grants the right.
  std::string unseen;
};

// Asks who holds the Lease that the managers of `deployment`, live or as it was
// applied, take turns by: one request in the ordinary case, and one for the
// holder. No answer is no fault, nor is a Lease that does not
// exist, or whose holder has only just gone: a manager takes such a one within
// seconds.
LeaderLook LookAtLeader(const base::Context& ctx, kube::Client& client,
                        const base::Json& deployment,
                        absl::Time now = absl::Now());

}  // namespace resources
