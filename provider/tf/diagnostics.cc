#include "provider/tf/diagnostics.h"

#include <algorithm>
#include <utility>

namespace tf {

void Diagnostics::AddError(absl::string_view summary,
                           absl::string_view detail) {
  Add({Severity::kError, std::string(summary), std::string(detail),
       std::nullopt});
}

void Diagnostics::AddError(const cty::Path& path, absl::string_view summary,
                           absl::string_view detail) {
  Add({Severity::kError, std::string(summary), std::string(detail), path});
}

void Diagnostics::AddWarning(absl::string_view summary,
                             absl::string_view detail) {
  Add({Severity::kWarning, std::string(summary), std::string(detail),
       std::nullopt});
}

void Diagnostics::AddWarning(const cty::Path& path, absl::string_view summary,
                             absl::string_view detail) {
  Add({Severity::kWarning, std::string(summary), std::string(detail), path});
}

void Diagnostics::Add(Diagnostic diagnostic) {
  if (std::find(items_.begin(), items_.end(), diagnostic) != items_.end()) {
    return;
  }
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::Append(const Diagnostics& other) {
  for (const Diagnostic& diagnostic : other.items_) Add(diagnostic);
}

void Diagnostics::HidePaths(const std::function<bool(const cty::Path&)>& hide) {
  for (Diagnostic& diagnostic : items_) {
    if (diagnostic.path.has_value() && hide(*diagnostic.path)) {
      diagnostic.path.reset();
    }
  }
}

bool Diagnostics::HasError() const {
  return std::any_of(items_.begin(), items_.end(), [](const Diagnostic& d) {
    return d.severity == Severity::kError;
  });
}

}  // namespace tf
