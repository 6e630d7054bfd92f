// What the cluster knows of an instance's specification.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "resources/instance/compile.h"
#include "wandb/spec.h"

namespace resources {

// The layers below the custom resource, in clear: for comparisons only.
struct LiveLayers {
  std::optional<wandb::SpecLayer> user_input;
  std::optional<wandb::SpecLayer> channel;

  // As they may be stored: secrets replaced by placeholders.
  RecordedLayers Recorded(const wandb::Mask& mask) const;
};

// Reads `<name>-spec-user` and, unless air-gapped, `<name>-latest-cached-
// release`. A Secret that does not exist is an absent layer; one that cannot be
// read or understood is an error.
absl::StatusOr<LiveLayers> ReadLiveLayers(const base::Context& ctx,
                                          kube::Client& client,
                                          const InstanceModel& model);

// The specification that the operator applied last to the custom resource with
// `uid`; nullopt before the first. The Secret of an earlier incarnation, which
// Kubernetes has yet to collect, does not count.
absl::StatusOr<std::optional<wandb::SpecLayer>> ReadActiveSpec(
    const base::Context& ctx, kube::Client& client, const InstanceModel& model,
    const std::string& uid);

// What the operator must be applying now: the live object, of which `own` is
// ours, over live layers.
wandb::EffectiveSpec ExpectedSpec(const InstanceModel& model,
                                  const base::Json& custom_resource,
                                  const wandb::SpecLayer& own,
                                  const LiveLayers& layers);

}  // namespace resources
