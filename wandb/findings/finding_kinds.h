// The kinds of mistakes that are found in a specification.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/problem.h"

namespace wandb {

// Where a mistake matters.
enum class Reach {
  kOperator,  // The operator fails for it, so nobody may lower it.
  kSpec,      // Wherever it stands.
  kRendered,  // Where the chart makes objects of it.
  kNews       // Nobody's mistake: a warning or nothing, whatever is asked for.
};

// A kind of finding, for docs and for check_levels.
struct FindingKind {
  absl::string_view id;
  Severity severity;
  Reach reach;
  absl::string_view summary;  // One line of the documentation.
};

const std::vector<FindingKind>& FindingKinds();
// nullptr for an id that doesn't exist.
const FindingKind* FindFindingKind(absl::string_view id);

// All of them for docs/guides/findings.md: a table in Markdown.
std::string FindingTable();

}  // namespace wandb
