// Which of the 403s one is: the API server has one code for all of them, and
// tells them apart by its words alone.
#pragma once

#include "absl/status/status.h"

namespace kube {

// An authorizer says that the identity lacks the right to what was asked. Not
// that it grants, by a role, what it does not have itself: that is refused by
// what the role says.
bool LacksRight(const absl::Status& status);

// A ResourceQuota of the namespace is used up.
bool IsQuotaExceeded(const absl::Status& status);

// An admission webhook or policy says no.
bool IsAdmissionDenial(const absl::Status& status);

}  // namespace kube
