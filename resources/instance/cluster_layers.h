// What the cluster knows of an instance's specification.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "resources/instance/evaluation.h"
#include "wandb/spec/spec.h"

namespace resources {

// The layers below the custom resource, in clear: for comparisons only.
struct LiveLayers {
  std::optional<wandb::SpecLayer> user_input;
  std::optional<wandb::SpecLayer> channel;
  // Why the cached release cannot be understood. To the operator it is absent
  // then, and written anew once the release channel answers.
  absl::Status channel_fault;
  // Whether the operator takes ConfigMap `wandb-spec-managed` in the place of
  // the channel (managed_spec.h); it is read only then.
  bool takes_managed_spec = false;
  std::optional<wandb::SpecLayer> managed_spec;
  // Why there is none though it takes it: the ConfigMap holds what the operator
  // passes over (kInvalidArgument), or cannot be told by us.
  absl::Status managed_spec_fault;

  // Whether it is known what stands below the user input: if anything does,
  // it has been read.
  bool KnowBase() const;
  // As they may be stored: secrets replaced by placeholders.
  RecordedLayers Recorded(const wandb::Mask& mask) const;
  // Puts that into `recorded`, where what could not be read stays, and so do
  // the others.
  void RecordIn(RecordedLayers& recorded, const wandb::Mask& mask) const;
};

// Reads `<name>-spec-user`; unless air-gapped, `<name>-latest-cached-release`;
// and `wandb-spec-managed` if the operator `takes_managed_spec`. A Secret that
// does not exist is an absent layer; one that cannot be read is an error, and
// so is user input that cannot be understood: the operator fails on it, too
// (IsBrokenContent()).
absl::StatusOr<LiveLayers> ReadLiveLayers(const base::Context& ctx,
                                          kube::Client& client,
                                          const InstanceModel& model,
                                          bool takes_managed_spec);

// Reads the last of these into `layers`, of an operator that takes it. What
// cannot be read for want of a right is a `managed_spec_fault`.
absl::Status ReadManagedSpec(const base::Context& ctx, kube::Client& client,
                             const InstanceModel& model, LiveLayers& layers);

// Whether the error of a read is what the Secret holds (no JSON, or nested too
// deep), and not the API server's. It names Secret and key, and nothing of the
// content.
bool IsBrokenContent(const absl::Status& status);

// The specification that the operator applied last to the custom resource with
// `uid`; nullopt before the first. The Secret of an earlier incarnation, which
// Kubernetes has yet to collect, does not count.
absl::StatusOr<std::optional<wandb::SpecLayer>> ReadActiveSpec(
    const base::Context& ctx, kube::Client& client, const InstanceModel& model,
    const std::string& uid);

// The secrets by `mask` of the custom resource `live`, of the layers below it
// and of the specification that was applied last: what is quoted may hold those
// of others, too.
std::vector<std::string> SecretsOfAll(
    const base::Json& live, const LiveLayers& layers,
    const std::optional<wandb::SpecLayer>& active, const wandb::Mask& mask);

// Adds these to `scrubber`, as far as they can be read now.
void LearnAll(const base::Context& ctx, kube::Client& client,
              const Desired& desired, wandb::Scrubber& scrubber);

// What grants the right to read all that is read here: a rule, as a sentence.
std::string SecretsRule(const InstanceModel& model);

// That to read `wandb-spec-managed`, likewise.
std::string ManagedSpecRule(const InstanceModel& model);

// What grants the rights to read all that the wait for the instance reads: it
// would meet them one after the other.
std::string WaitRules(const InstanceModel& model);

// Those of these rights, and of those to write the custom resource, that are
// not among `rules`, which must be complete: a line for each resource.
std::vector<std::string> MissingRights(const InstanceModel& model,
                                       const kube::OwnRules& rules);

// What the operator must be applying now: the live object, of which `desired`
// is ours, over live layers.
wandb::EffectiveSpec ExpectedSpec(const Desired& desired,
                                  const base::Json& custom_resource,
                                  const LiveLayers& layers);

}  // namespace resources
