// Any text: no crash, and what is accepted survives EmitYaml().
#include <cstdint>
#include <cstdlib>

#include "base/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = base::ReadYaml(text, "input");
  if (!read.ok()) return 0;
  const std::string emitted = base::EmitYaml(read->json);
  // Expanded aliases may take it over the limit of the reader.
  if (emitted.size() > (1 << 20)) return 0;
  const auto back = base::ParseYaml(emitted, "emitted");
  if (!back.ok() || *back != read->json) std::abort();
  return 0;
}
