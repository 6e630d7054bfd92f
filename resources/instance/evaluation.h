// The specification of an instance: what its attributes mean beside what the
// cluster has. Pure: the plan, the apply and the comparison all use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "resources/instance/desired.h"
#include "resources/instance/model.h"
#include "wandb/chart/mask.h"
#include "wandb/findings/evaluate.h"
#include "wandb/spec/spec.h"

namespace resources {

// What others say of the specification, as Read recorded it (private_data.h).
// Secrets are placeholders.
struct RecordedLayers {
  // Their part of the custom resource; it stays beside ours.
  std::optional<wandb::SpecLayer> others;
  std::optional<wandb::SpecLayer> user_input;
  std::optional<wandb::SpecLayer> channel;
  // In the place of the channel. Only looked for where the operator has been
  // seen to take it (managed_spec.h), and not to be told at the last look if
  // `managed_spec_unread`.
  bool takes_managed_spec = false;
  bool managed_spec_unread = false;
  std::optional<wandb::SpecLayer> managed_spec;
  // Why `user_input` is not what the cluster has: that could not be understood
  // at the last look. "" if it could.
  std::string user_input_fault;

  // Whether the layer below the user input is known, or that there is none.
  bool KnowBase(const InstanceModel& model) const {
    return managed_spec.has_value() ||
           (!managed_spec_unread &&
            (model.airgapped.value() || channel.has_value()));
  }

  // `status` is that of a look, and IsBrokenContent().
  void NoteBroken(const absl::Status& status) {
    user_input_fault = std::string(status.message());
  }
};

// The custom resource's layer once `compiled` is applied beside what `layers`
// has of others; nothing of them is a create, after which others have what it
// left to them.
wandb::SpecLayer WithOthers(const Compiled& compiled,
                            const RecordedLayers& layers);

// The specification once `desired` is applied, over `layers`.
wandb::Evaluation EvaluateOver(const Desired& desired,
                               const RecordedLayers& layers);

// Whether EvaluateOver() comes to the same for both.
bool AreAlike(const Desired& desired, const RecordedLayers& one,
              const RecordedLayers& other);

// The effective specification of the custom resource `live`, of which `desired`
// is ours; `layers.others` plays no part. Clashes with what others wrote there
// name their field managers.
wandb::EffectiveSpec EffectiveOfLive(const Desired& desired,
                                     const base::Json& live,
                                     const RecordedLayers& layers);

// Whether `clash` is about what others wrote into the custom resource, and not
// about `own`.
bool IsOfOthers(const wandb::Problem& clash, const wandb::SpecLayer& own,
                const wandb::SpecLayer& custom_resource);

// Says of `clash`, which IsOfOthers(), which field managers of `live` these
// are, as far as it tells; `except` is not told.
void NameHolders(const base::Json& live, absl::string_view except,
                 wandb::Problem& clash);

// Namespace of the operator: the first part of `operator`, else the default.
std::string OperatorNamespace(const InstanceModel& model);

// Sets effective_values, effective_origin, effective_chart, release_metadata
// and url, without secrets.
void SetEffective(const wandb::EffectiveSpec& spec, const wandb::Mask& mask,
                  InstanceModel& model);
// What the custom resource itself says is known all the same.
void SetEffectiveUnknown(const Compiled& compiled, const RecordedLayers& layers,
                         InstanceModel& model);
void SetEffectiveNull(InstanceModel& model);

}  // namespace resources
