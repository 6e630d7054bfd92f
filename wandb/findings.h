// Mistakes in a specification, found before the operator sees it.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "wandb/spec.h"

namespace wandb {

enum class Severity { kInfo, kWarning, kError };

// "info", "warning", "error".
absl::string_view SeverityName(Severity severity);

struct Finding {
  std::string id;  // Stable, "unknown-key".
  Severity severity;
  // Of spec.values, as FormatPath() writes it; "chart" and "chart.x" for the
  // chart; "" for the whole.
  std::string path;
  std::string message;  // What, why, and what to do. Never a value.

  bool operator==(const Finding&) const = default;
};

// A kind of finding, for docs and for check_levels.
struct FindingKind {
  absl::string_view id;
  Severity severity;
  // The operator fails for it, so nobody may lower it.
  bool fixed;
  absl::string_view summary;  // One line of the documentation.
};

const std::vector<FindingKind>& FindingKinds();
// nullptr for an id that doesn't exist.
const FindingKind* FindFindingKind(absl::string_view id);

struct CheckInput {
  const SpecLayer* custom_resource;       // Required.
  const SpecLayer* user_input = nullptr;  // Null: none, or not known.
  const SpecLayer* channel = nullptr;     // Likewise.
  bool airgapped = false;
  // ComputeEffectiveSpec() of the above. Required.
  const EffectiveSpec* effective;
};

// All findings, those of the merge first, then by path. Judges what the custom
// resource says; the other layers are W&B's own, and count where they meet it.
// What is unknown is never a finding. The rules are those of the chart version
// that will run, if it is known, else of kCataloguedChart.
std::vector<Finding> CheckSpec(const CheckInput& input);

// {values, origin (path -> layer), chart, release_metadata, findings} of
// `spec`, which must be wholly known. Findings are {id, severity, path,
// message}. Nothing is masked.
base::Json SpecReport(const EffectiveSpec& spec,
                      const std::vector<Finding>& findings);

}  // namespace wandb
