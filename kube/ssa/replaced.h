// Writes to an object that is not there any more: somebody deleted it, and
// perhaps made another one of its name.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace ssa {

// kFailedPrecondition, never kNotFound: the object with `uid` is gone, and
// nothing was written. IsGone() knows it, whatever else was noted.
absl::Status GoneStatus(const kube::ObjectRef& ref, const std::string& uid);
bool IsGone(const absl::Status& status);

// kFailedPrecondition: the object with `uid` is gone, `live` has its name, and
// nothing was written. IsReplaced() knows it.
absl::Status ReplacedStatus(const kube::ObjectRef& ref, const std::string& uid,
                            const base::Json& live);
bool IsReplaced(const absl::Status& status);

// `status` of a write to the object with `uid` ("" for any), unless the reason
// is that the object is gone or another one has its name: then GoneStatus() or
// ReplacedStatus().
absl::Status ExplainIfReplaced(const base::Context& ctx, kube::Client& client,
                               const kube::ObjectRef& ref,
                               const std::string& uid,
                               const absl::Status& status);

}  // namespace ssa
