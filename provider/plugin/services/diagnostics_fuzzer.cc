// Whatever text gets into a diagnostic, clients can read it.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/printable.h"
#include "base/redact.h"
#include "base/utf8.h"
#include "provider/plugin/services/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<absl::string_view> parts = absl::StrSplit(bytes, '\0');
  const auto part = [&parts](size_t i) {
    return i < parts.size() ? parts[i] : absl::string_view();
  };
  tf::Diagnostics diags;
  diags.AddWarning(cty::Path(part(0)).Key(part(1)).Attribute(part(2)), part(3),
                   part(4));
  diags.AddError(base::Shortened(std::string(part(0)), part(1).size()),
                 base::RedactCredentials(bytes));
  tfplugin6::ApplyResourceChange::Response message;
  plugin::ToDiagnostics(diags, nullptr, message.mutable_diagnostics());
  tfplugin6::CallFunction::Response function;
  plugin::ToFunctionError(bytes, nullptr, std::nullopt,
                          function.mutable_error());
  tfplugin6::ApplyResourceChange::Response back;
  tfplugin6::CallFunction::Response function_back;
  if (!back.ParseFromString(message.SerializeAsString()) ||
      !function_back.ParseFromString(function.SerializeAsString()) ||
      back.SerializeAsString() != message.SerializeAsString()) {
    std::abort();
  }
  // Once is enough.
  const std::string printable = base::Printable(bytes);
  if (base::Printable(printable) != printable) std::abort();
  const std::string valid = base::ValidUtf8(bytes);
  if (base::ValidUtf8(valid) != valid) std::abort();
  return 0;
}
