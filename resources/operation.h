// The call that a resource's code works for.
#pragma once

#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "wandb/scrub.h"

namespace resources {

// What one RPC of a resource works with; made once for each.
struct Operation {
  base::Context ctx;
  kube::Client& client;
  const Session& session;
  const wandb::Scrubber& scrubber;
  tf::Diagnostics& diags;
};

}  // namespace resources
