// From what a library reports to what a user reads.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "kube/status.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/session.h"
#include "wandb/spec/scrub.h"

namespace resources {

// The detail of a diagnostic about a failed call. First the cause in the
// server's own words (scrubbed, also of what the session knows), then
// `next_step`, or one that fits the code, and last the request with the code
// and reason of its reply, which endpoint and credentials were used, and the
// server's id of the request.
std::string Explain(const absl::Status& status, const Session& session,
                    const wandb::Scrubber& scrubber,
                    absl::string_view next_step = "");

// At most 4 KiB of what others wrote, which must be redacted already: a cut
// would leave a part of a secret that nothing finds any more. What is left out
// is in its middle, since what is noted about it stands at the end.
std::string ShortenedForeign(std::string text);

// `status` of a read, whose time is ours and not a timeouts block's: if that
// ran out, the server was not reachable.
absl::Status OfFixedTime(const absl::Status& status);

// The rule that grants `right`, for the objects `names` (empty: for all), as a
// sentence.
std::string RuleText(const kube::Right& right,
                     const std::vector<std::string>& names);

// The advice of a wait whose time was up, and which found nothing wrong.
inline constexpr char kMoreTime[] =
    "Nothing speaks against it so far. If it needs longer, raise the value in "
    "the timeouts block.";

// A line for each: field, manager, operation and time of its last write.
std::string ConflictLines(const std::vector<kube::FieldConflict>& conflicts);

// `text` as a string of HCL: in quotes, on one line, and without templates.
std::string HclText(absl::string_view text);

// For messages: the block that imports `id` into a resource of type `type`.
std::string ImportBlock(absl::string_view type, absl::string_view id);

// The warning that a create of `what` ("Instance ns/name") took over what was
// there: `objects` as they are, which an interrupted create has left, unless
// they are another state's.
void WarnOfAdopted(absl::string_view what,
                   const std::vector<base::Json>& objects,
                   tf::Diagnostics& diags);

// Explain() as an error with `summary`.
void ReportStatus(absl::string_view summary, const absl::Status& status,
                  const Session& session, const wandb::Scrubber& scrubber,
                  tf::Diagnostics& diags);

// Warning: headers of the API server, each text once in a walk.
void ReportWarnings(const std::vector<std::string>& warnings,
                    const Session& session, const wandb::Scrubber& scrubber,
                    tf::Diagnostics& diags);

}  // namespace resources
