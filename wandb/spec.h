// The specification of an instance: its layers, and what the operator makes of
// them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/merge.h"

namespace wandb {

// One layer. Null means that it has none.
struct SpecLayer {
  base::Json chart;
  base::Json values;
  base::Json metadata;  // Strings by name; the custom resource has none.

  bool operator==(const SpecLayer&) const = default;
};

// Names of the Secrets that the operator keeps beside the custom resource.
std::string UserInputSecretName(absl::string_view instance);
std::string ActiveSecretName(absl::string_view instance);
std::string CachedReleaseSecretName(absl::string_view instance);

// The layer in the `spec` of a WeightsAndBiases object.
SpecLayer CustomResourceLayer(const base::Json& custom_resource);

// The layer in a deployer response or any {chart, values, metadata} object.
// kInvalidArgument where the operator would reject it as a whole.
absl::StatusOr<SpecLayer> ParseRelease(const base::Json& release);

// Reads one of the three Secrets. Like the operator it needs the data keys
// `chart` and `values`; `metadata` may be absent. kInvalidArgument names Secret
// and key, never the content; so does kResourceExhausted, which is for what the
// operator reads, and which is too much here.
absl::StatusOr<SpecLayer> ParseSpecSecret(const base::Json& secret);

struct EffectiveSpec {
  base::Json values;
  std::vector<Origin> origins;  // See Merged::origins.
  base::Json chart;             // Whole, from one layer; null for none.
  std::optional<Origin> chart_origin;
  base::Json metadata;  // From the first layer that has some; else null.
  std::vector<MergeProblem> problems;
};

// What the operator in `operator_namespace` uses. `user_input` and `channel`
// may be null (not there, or not known). The channel counts for nothing when
// `airgapped`. A chart that ParseChart() doesn't recognise is passed over; one
// with an unknown field is taken as it is.
EffectiveSpec ComputeEffectiveSpec(const SpecLayer& custom_resource,
                                   const SpecLayer* user_input,
                                   const SpecLayer* channel, bool airgapped,
                                   absl::string_view operator_namespace);

// Where `spec` names the custom resource as the origin of a leaf, of the chart
// or of a problem, and `own`, our part of that, has nothing at the place: names
// kOtherManager instead.
void MarkOthers(const SpecLayer& own, EffectiveSpec& spec);

}  // namespace wandb
