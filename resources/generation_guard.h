// Nothing is written to a cluster of operator v2. A resource asks here at each
// of its entry points: what a refresh records, what a plan refuses, and a
// client that looks again before each write.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"

namespace resources {

// What refusals and warnings say of a resource.
struct Guarded {
  std::string type;     // "wandb_instance".
  std::string subject;  // "Instance default/wandb".
  std::string harm;     // What a write would do there; whole sentences.
  std::string way_out;  // Beside forgetting it; whole sentences, or "".
  // A create, of what no state has to forget.
  bool is_create = false;
};

// For a refresh that has reached the cluster: whether it is operator v2's. The
// answer is recorded in `private_data`; where none is to be had, what was
// recorded before counts.
bool OnOperatorV2(const base::Context& ctx, const Session& session,
                  const std::shared_ptr<kube::Client>& client,
                  base::Json& private_data);

// The same for a delete that goes on there, with another meaning: asks again,
// and fails where nobody answers.
absl::StatusOr<bool> StillOnOperatorV2(
    const base::Context& ctx, const Session& session,
    const std::shared_ptr<kube::Client>& client, base::Json& private_data);

// For a plan: what is recorded. If nothing is (a create, or state of an earlier
// version) the cluster is asked, unless the provider configuration is unknown;
// see GenerationCheck::KnownAtPlan().
bool PlansOnOperatorV2(const base::Context& ctx, const Session& session,
                       const base::Json& private_data);

// After a write: records what was learnt for it, without asking.
void NoteGeneration(const Session& session, base::Json& private_data);

// The error of a plan, and the warning of a refresh.
void ReportRefused(const Guarded& guarded, tf::Diagnostics& diags);
void WarnNotManaged(const Guarded& guarded, tf::Diagnostics& diags);

// The client, or null after an error. Before each write except for dry runs it
// looks whose cluster this is, unless it was operator v1's within the last half
// second; on operator v2's the write fails with IsRefused(), unsent. A missing
// definition, and one that may not be read, is no reason to refuse. The session
// must outlive the result.
std::shared_ptr<kube::Client> GuardedClientOrReport(const Session& session,
                                                    Guarded guarded,
                                                    tf::Diagnostics& diags);
bool IsRefused(const absl::Status& status);

}  // namespace resources
