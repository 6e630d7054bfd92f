#include "base/environment.h"

#include <cstdlib>

namespace base {

std::optional<std::string> EnvironmentVariable(absl::string_view name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): see the header
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string EnvironmentVariableOrEmpty(absl::string_view name) {
  return EnvironmentVariable(name).value_or("");
}

}  // namespace base
