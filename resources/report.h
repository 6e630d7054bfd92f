// From what a library reports to what a user reads.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "kube/status.h"
#include "provider/tf/diagnostics.h"
#include "resources/session.h"
#include "wandb/scrub.h"

namespace resources {

// The detail of a diagnostic about a failed call: what the status says
// (scrubbed), which endpoint and credentials were used, and `next_step`, or one
// that fits the code.
std::string Explain(const absl::Status& status, const Session& session,
                    const wandb::Scrubber& scrubber,
                    absl::string_view next_step = "");

// A line for each: field, manager, operation and time of its last write.
std::string ConflictLines(const std::vector<kube::FieldConflict>& conflicts);

// Explain() as an error with `summary`.
void ReportStatus(absl::string_view summary, const absl::Status& status,
                  const Session& session, const wandb::Scrubber& scrubber,
                  tf::Diagnostics& diags);

// Warning: headers of the API server.
void ReportWarnings(const std::vector<std::string>& warnings,
                    const wandb::Scrubber& scrubber, tf::Diagnostics& diags);

// The client, or null after an error.
std::shared_ptr<kube::Client> ClientOrReport(const Session& session,
                                             tf::Diagnostics& diags);

// For the plan of a create: says early what would make apply fail.
void WarnIfUnconfigured(const Session& session, tf::Diagnostics& diags);

}  // namespace resources
