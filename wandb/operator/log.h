// What went wrong, from the log of the operator: it says the reason of a
// failure nowhere else.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace wandb {

struct OperatorError {
  std::string time;     // Of the last one; as the log has it, or "".
  std::string message;  // May have several lines.
  std::string error;    // Likewise; "" if the entry has none.
  int count = 1;        // How often the log has it.

  bool operator==(const OperatorError&) const = default;
};

// The errors in `log` that are about the instance `ns`/`name` or about none in
// particular, oldest first, repetitions counted. The manager writes one JSON
// object a line (level, ts, msg, error, stacktrace, and what it was about);
// only time, message and error are taken, since other fields may hold a trace
// or the whole specification. Of lines that are no JSON those count that speak
// of an error, frames of traces aside. Of a long log the last 1000 lines count.
// Foreign text, as the log
// has it: Scrubber::ScrubToLine() makes it fit to be shown.
std::vector<OperatorError> OperatorErrors(absl::string_view log,
                                          absl::string_view ns,
                                          absl::string_view name);

}  // namespace wandb
