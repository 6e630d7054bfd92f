// The specification of an instance: its layers, and what they are merged into.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/problem.h"

namespace wandb {

// Where a leaf comes from, strongest first.
enum class Origin {
  kCustomResource,
  kOtherManager,  // Of the custom resource, too.
  kUserInput,
  kManagedSpec,  // In the place of the release channel.
  kReleaseChannel,
  kOperatorDefault,
};

// "custom_resource", "other_manager", "user_input", "managed_spec",
// "release_channel", "operator_default".
absl::string_view OriginName(Origin origin);

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

// The ConfigMap in an instance's namespace that managers newer than 1.22.0 take
// in the place of the release channel, chart and values together, where they
// have the switch MANAGED_SPEC_ENABLED; air-gapped, too.
inline constexpr char kManagedSpecConfigMap[] = "wandb-spec-managed";

// The layer in the `spec` of a WeightsAndBiases object.
SpecLayer CustomResourceLayer(const base::Json& custom_resource);

// The layer in a deployer response or any {chart, values, metadata} object.
// kInvalidArgument where the operator would reject it as a whole.
absl::StatusOr<SpecLayer> ParseRelease(const base::Json& release);

// The same of what somebody has written: kInvalidArgument, too, for a map of
// other keys alone.
absl::StatusOr<SpecLayer> ParseGivenRelease(const base::Json& release);

// Reads one of the three Secrets. Like the operator it needs the data keys
// `chart` and `values`; `metadata` may be absent. kInvalidArgument names Secret
// and key, never the content; so does kResourceExhausted, which is for what the
// operator reads, and which is too much here.
absl::StatusOr<SpecLayer> ParseSpecSecret(const base::Json& secret);

// Reads that ConfigMap. kInvalidArgument where the operator passes over it,
// with a line in its log alone, and takes the release channel: without the data
// keys `values`, a JSON object, and `chart`, one that ParseChart() knows.
// kResourceExhausted as of ParseSpecSecret(). Both name ConfigMap and key,
// never the content.
absl::StatusOr<SpecLayer> ParseManagedSpec(const base::Json& config_map);

struct EffectiveSpec {
  base::Json values;
  // origins[i] belongs to the i-th leaf of `values`, in the order of
  // ForEachLeaf().
  std::vector<Origin> origins;
  base::Json chart;  // Whole, from one layer; null for none.
  std::optional<Origin> chart_origin;
  base::Json metadata;  // From the first layer that has some; else null.
  // The clashes of its layers: "kind-clash" and "null-clash". Where there is
  // one, `values` has what the stronger layer says.
  std::vector<Problem> problems;
};

// FormatPath(leaf) -> origin.
std::map<std::string, Origin> OriginMap(const base::Json& values,
                                        const std::vector<Origin>& origins);

}  // namespace wandb
