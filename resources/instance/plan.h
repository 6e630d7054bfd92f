// The plan of a wandb_instance. Values are a pure function of configuration,
// prior state and private data; the cluster is asked for diagnostics only: of
// an update that is known in full whether it would be taken, else see
// preflight.h.
#pragma once

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/session.h"
#include "resources/instance/evaluation.h"
#include "resources/instance/model.h"
#include "resources/instance/preflight.h"

namespace resources {

// Whether the apply of `planned` writes nothing and waits for nothing, as the
// plan has decided: then what only the cluster can tell stays.
bool WritesNothing(const InstanceModel& planned);

// The layers that the plan of a create goes by: the release that it previews,
// where that is the one that it pins.
RecordedLayers PreviewOf(const InstanceModel& planned, tf::Diagnostics& diags);

// Sets what is computed in `planned`. Errors: mistakes in the configuration,
// layers that cannot be merged where this change meets the clash, findings of
// level error, an operator that is air-gapped unlike the instance, any change
// on an operator v2 cluster. All else that may stop the apply is a warning.
// A create over an object of session.instances_in_state() is a replacement, not
// a clash.
void PlanInstance(const base::Context& ctx, const Session& session,
                  tf::PlanCall<InstanceModel>& call);

}  // namespace resources
