// What the operator's log says of an instance: it gives the reason of a failure
// nowhere else.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/instance/model.h"
#include "wandb/operator/log.h"
#include "wandb/spec/scrub.h"

namespace resources {

struct OperatorLog {
  std::vector<wandb::OperatorError> errors;  // Foreign text; the newest last.
  std::string unread;                        // As in OperatorQuotes.
};

// The errors about the instance `model` since `since` in the logs of the newest
// pods of `deployment`, which is null where there is none.
OperatorLog ReadOperatorErrors(const base::Context& ctx, kube::Client& client,
                               const base::Json& deployment,
                               const InstanceModel& model, absl::Time since);

struct OperatorQuotes {
  std::vector<std::string> lines;  // The last few errors, the newest last.
  std::string unread;  // Why not all could be looked at; "" if all could.
};

// The last of these errors. Each is one line of bounded length, and without
// what `scrubber` hides: it should know the secrets of all layers (LearnAll()).
OperatorQuotes QuoteOperatorLog(const base::Context& ctx, kube::Client& client,
                                const base::Json& deployment,
                                const InstanceModel& model, absl::Time since,
                                const wandb::Scrubber& scrubber);

}  // namespace resources
