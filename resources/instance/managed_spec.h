// ConfigMap `wandb-spec-managed`, which an operator with the switch takes in
// the place of the release channel (wandb/spec/spec.h). It is read only where
// the operator is known to have the switch, so that others pay nothing for it.
#pragma once

#include <optional>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/connection/session.h"
#include "resources/instance/cluster_layers.h"
#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "resources/instance/standing_fault.h"
#include "resources/operation.h"

namespace resources {

// Whether the operator of `model` has the switch: as this walk has seen at its
// wandb_operator, or else as `recorded` at the last look.
bool TakesManagedSpec(const Session& session, const InstanceModel& model,
                      const RecordedLayers& recorded);

// Where the operator has applied another specification than `seen` expects:
// whether that is since it takes the managed spec, or does so no more. That is
// told by what it has applied, or by its Deployment; `seen` is adapted. Nothing
// is asked where all is as expected, and before it has applied anything; where
// it is not, the ConfigMap, and the Deployment only if there is one.
void SettleManagedSpec(const base::Context& ctx, kube::Client& client,
                       const Desired& desired, const base::Json& live,
                       SpecState& seen);

// That the operator takes the ConfigMap, and passes over what it holds, or that
// we may not read it; nullopt: neither. `last_seen` is what was recorded.
std::optional<StandingFault> FindManagedSpecFault(
    const InstanceModel& model, const LiveLayers& layers,
    const RecordedLayers& last_seen, const Session& session,
    const wandb::Scrubber& scrubber);

// Says so.
void WarnOfManagedSpec(const Operation& op, const InstanceModel& model,
                       const LiveLayers& layers,
                       const RecordedLayers& last_seen);

}  // namespace resources
