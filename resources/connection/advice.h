// What to write in the provider block where a connection cannot work.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "kube/config.h"

namespace resources {

// What contradicts itself, and what to do about it.
absl::string_view TextOf(kube::ConfigFault fault);

// Which argument to set after an exchange with the server of `config` failed
// with `status`: where the server's certificate or the proxy does not fit. ""
// for other failures.
std::string ConnectionAdvice(const absl::Status& status,
                             const kube::Config& config);

}  // namespace resources
