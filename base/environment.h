// The variables of the process's environment.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace base {

// Nothing where `name` is not set. Nobody in this process may call setenv()
// once it has more than one thread.
std::optional<std::string> EnvironmentVariable(absl::string_view name);

// The same, with "" where `name` is not set.
std::string EnvironmentVariableOrEmpty(absl::string_view name);

// EnvironmentVariable(), or what stands in for it.
using EnvironmentLookup =
    std::function<std::optional<std::string>(const std::string& name)>;

}  // namespace base
