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

  // As they may be stored: secrets replaced by placeholders.
  RecordedLayers Recorded(const wandb::Mask& mask) const;
};

// Reads `<name>-spec-user` and, unless air-gapped, `<name>-latest-cached-
// release`. A Secret that does not exist is an absent layer; one that cannot be
// read is an error, and so is user input that cannot be understood: the
// operator fails on it, too (IsBrokenContent()).
absl::StatusOr<LiveLayers> ReadLiveLayers(const base::Context& ctx,
                                          kube::Client& client,
                                          const InstanceModel& model);

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
