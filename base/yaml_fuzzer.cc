// Any text: no crash, and what is accepted survives EmitYaml().
#include <cstdint>
#include <cstdlib>

#include "base/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto documents = base::ParseYamlDocuments(text, "input");
  if (!documents.ok()) return 0;
  for (const base::Json& document : *documents) {
    const std::string emitted = base::EmitYaml(document);
    // Expanded aliases may take it over the limit of the reader.
    if (emitted.size() > (1 << 20)) continue;
    const auto back = base::ParseYaml(emitted, "emitted");
    if (!back.ok() || *back != document) std::abort();
  }
  return 0;
}
