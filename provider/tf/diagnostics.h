// What users see when something is wrong: a summary, sentences of detail, and
// the attribute it is about.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "provider/cty/path.h"

namespace tf {

enum class Severity { kError, kWarning };

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string summary;  // One short line, no full stop.
  std::string detail;   // Sentences; ends with the next step for the user.
  // Only finds the source line: the detail names the attribute, too.
  std::optional<cty::Path> path;

  bool operator==(const Diagnostic&) const = default;
};

// Keeps order, drops repetitions.
class Diagnostics {
 public:
  void AddError(absl::string_view summary, absl::string_view detail);
  void AddError(const cty::Path& path, absl::string_view summary,
                absl::string_view detail);
  void AddWarning(absl::string_view summary, absl::string_view detail);
  void AddWarning(const cty::Path& path, absl::string_view summary,
                  absl::string_view detail);
  void Add(Diagnostic diagnostic);
  void Append(const Diagnostics& other);

  // Forgets the path of each diagnostic for which `hide` is true.
  void HidePaths(const std::function<bool(const cty::Path&)>& hide);

  bool HasError() const;
  // Of a temporary they are moved out, so that a loop over them is safe.
  const std::vector<Diagnostic>& items() const& { return items_; }
  std::vector<Diagnostic> items() && { return std::move(items_); }

 private:
  std::vector<Diagnostic> items_;
};

}  // namespace tf
