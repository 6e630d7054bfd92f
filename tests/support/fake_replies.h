// Refusals in the words of a real API server, as the statuses that the real
// client makes of them.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/json.h"
#include "kube/object_ref.h"

namespace support {

// `body` is a Status object, or a string for plain text.
absl::Status Reply(const std::string& method, const kube::ObjectRef& ref,
                   int code, const base::Json& body, bool create_only = false);

// A Status object.
base::Json StatusBody(const std::string& reason, const std::string& message,
                      base::Json details);

absl::Status NotFound(const std::string& method, const kube::ObjectRef& ref);

// 409. `causes` are FieldManagerConflicts, or empty.
absl::Status Conflict(const std::string& method, const kube::ObjectRef& ref,
                      base::Json causes, bool create_only);

}  // namespace support
