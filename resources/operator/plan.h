// The plan of wandb_operator: what its objects will be.
#pragma once

#include <string>

#include "base/context.h"
#include "provider/tf/resource.h"
#include "resources/connection/ids_in_state.h"
#include "resources/connection/session.h"
#include "resources/operator/model.h"

namespace resources {

// The operators that this process has seen in the state.
class OperatorsInState {
 public:
  void Note(const OperatorModel& state);
  bool Has(const std::string& id) const { return all_.Has(id); }
  bool HasWithForce(const std::string& id) const { return with_force_.Has(id); }

 private:
  IdsInState all_;
  IdsInState with_force_;  // Those with force_destroy.
};

// Plans the objects and what is known of them. The cluster is asked, for
// diagnostics only, whose it is, unless that is recorded (generation_guard.h),
// whether a replacement can work (CheckReplacement()), and what stands in the
// way of a create or an update (PreflightOperator()).
void PlanOperator(const base::Context& ctx, const Session& session,
                  const OperatorsInState& in_state,
                  tf::PlanCall<OperatorModel>& call);

// Warns of instances that stand in the way of a destroy.
void PlanOperatorDestroy(const base::Context& ctx, const Session& session,
                         tf::PlanDestroyCall<OperatorModel>& call);

}  // namespace resources
