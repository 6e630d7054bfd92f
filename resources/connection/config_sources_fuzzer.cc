// A kubeconfig is foreign text: whatever it holds, the result is a usable
// configuration or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "resources/connection/config_sources.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  resources::ConfigSources sources{.config_path = "/k"};
  sources.environment = [](const std::string&) { return std::nullopt; };
  sources.read_file =
      [&text](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "/k") return text;
    return absl::NotFoundError("no such file");
  };
  const auto config = resources::ResolveConfig(sources);
  if (config.ok() && !absl::StartsWith(config->server, "http")) abort();
  return 0;
}
