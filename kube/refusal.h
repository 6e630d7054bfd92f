// 403s that are about no right: the API server has one code for all of them,
// and tells them apart by its words alone.
#pragma once

#include "absl/status/status.h"

namespace kube {

// A ResourceQuota of the namespace is used up.
bool IsQuotaExceeded(const absl::Status& status);

// An admission webhook or policy says no.
bool IsAdmissionDenial(const absl::Status& status);

}  // namespace kube
