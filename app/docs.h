// The pages of docs/ that follow from the code and the examples.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace app {

// By their path below docs/. `root` is the repository's folder, whose examples
// go into the pages; the error names one that cannot be read.
absl::StatusOr<std::map<std::string, std::string>> DocPages(
    const std::string& root);

}  // namespace app
