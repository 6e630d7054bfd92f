// The plan of wandb_operator: what its objects will be.
#pragma once

#include "absl/status/status.h"
#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/operator/model.h"
#include "resources/session.h"

namespace resources {

// `error.path: message` of wandb/ as a diagnostic on that attribute.
void ReportSettings(const absl::Status& status, tf::Diagnostics& diags);

// Plans the objects and what is known of them. The cluster is only asked whose
// it is, unless that is recorded (generation_guard.h), and whether a
// replacement can work (CheckReplacement()).
void PlanOperator(const base::Context& ctx, const Session& session,
                  tf::PlanCall<OperatorModel>& call);

}  // namespace resources
