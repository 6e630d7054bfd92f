// What stays wrong with an instance until somebody acts, as a refresh sees it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/model.h"
#include "wandb/chart/mask.h"
#include "wandb/spec/scrub.h"
#include "wandb/spec/spec.h"

namespace resources {

// What the cluster says of a live custom resource's specification.
struct SpecState {
  LiveLayers layers;
  wandb::EffectiveSpec expected;           // What the operator must apply.
  std::optional<wandb::SpecLayer> active;  // What it applied last.
};

// Reads the operator's three Secrets of `live`, of which `desired` is ours, and
// the ConfigMap that it may take, if it `takes_managed_spec`.
// Errors are those of ReadLiveLayers().
absl::StatusOr<SpecState> ReadSpecState(const base::Context& ctx,
                                        kube::Client& client,
                                        const Desired& desired,
                                        const base::Json& live,
                                        bool takes_managed_spec);

// For a warning.
struct StandingFault {
  std::string summary;
  std::string detail;
  // Where the cause may lie with the operator: what to look at while nothing is
  // known of it. The detail does not say it.
  std::string advice = {};
  // What holds until somebody has acted, where the detail does not say it.
  std::string outlook = {};
};

// The layers cannot be merged, the operator reports "Invalid Config", or what
// it applied last is another specification; the first of these that holds.
// `model` is as observed. Secrets by `mask` are not shown, and `scrubber` knows
// those of all layers (SecretsOfAll()).
std::optional<StandingFault> FindStandingFault(const InstanceModel& model,
                                               const SpecState& seen,
                                               const wandb::Mask& mask,
                                               const wandb::Scrubber& scrubber);

// The first of these alone, which holds whatever a layer says that could not be
// read.
std::optional<StandingFault> FindClash(const InstanceModel& model,
                                       const SpecState& seen);

// That the operator cannot read its user input, or the cached release, or that
// only we cannot: `status` is IsBrokenContent().
StandingFault BrokenUserInput(const InstanceModel& model,
                              const absl::Status& status);
StandingFault BrokenCachedRelease(const InstanceModel& model,
                                  const absl::Status& status);

// Why the operator cannot apply a specification without a chart.
inline constexpr char kNoChart[] =
    "No layer names a chart: neither this configuration (attribute chart) nor "
    "the release channel.";

// For Said::First(): one of these clashes; what the user input is broken by.
std::string ClashCause(const InstanceModel& model, const wandb::Problem& clash);
std::string InputCause(const InstanceModel& model, absl::string_view fault);

// One line for each clash between layers: path, both sources and what the
// operator does about it.
std::string ClashLines(const std::vector<wandb::Problem>& problems);

}  // namespace resources
