// What one call of Terraform's is carried out with.
#pragma once

#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "wandb/spec/scrub.h"

namespace resources {

// Made once for a call, and handed down. Refers to what lives as long as that.
struct Operation {
  base::Context ctx;  // With the deadline of the call.
  kube::Client& client;
  const Session& session;
  const wandb::Scrubber& scrubber;  // Knows the secrets of the resource.
  tf::Diagnostics& diags;

  // Later than the deadline, but a stop still ends it: what is looked at to
  // explain a failure, or to leave nothing behind.
  base::Context Aftermath(absl::Duration limit) const {
    return ctx.WithoutDeadline().WithTimeout(limit);
  }
  // Later than a stop, too: what keeps an object from being lost or left.
  base::Context LastLook(absl::Duration limit) const {
    return Aftermath(limit).WithoutStop();
  }
};

}  // namespace resources
