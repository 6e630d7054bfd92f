// What is wrong with a specification: one shape for what every check says.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace wandb {

enum class Severity { kInfo, kWarning, kError };

// "info", "warning", "error".
absl::string_view SeverityName(Severity severity);

// What of a configuration wrote something.
struct Source {
  std::string attribute;          // "values", "mysql.password".
  std::optional<size_t> element;  // Of `values_yaml`.

  bool operator==(const Source&) const = default;
};

// Whether it is an argument of the provider's own, rather than values.
bool IsSetting(const Source& source);

// "values_yaml[1]".
std::string SourceName(const Source& source);

struct Problem {
  std::string id;  // Stable, "unknown-key".
  Severity severity = Severity::kError;
  // Nothing where no attribute wrote it, or which did is not known.
  std::optional<Source> source;
  // Of spec.values, as FormatPath() writes it; "chart" and "chart.x" for the
  // chart; "" for the whole.
  std::string path;
  std::string message;  // Sentences: what, why, and what to do. Never a value.

  bool operator==(const Problem&) const = default;
};

}  // namespace wandb
