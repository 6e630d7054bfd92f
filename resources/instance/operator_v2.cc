#include "resources/instance/operator_v2.h"

#include "absl/strings/str_cat.h"
#include "resources/instance/desired.h"
#include "resources/instance/evaluation.h"
#include "resources/spec/effective.h"

namespace resources {

Guarded GuardedInstance(const InstanceModel& model, bool is_create) {
  const bool named = model.ns.IsKnown() && model.name.IsKnown();
  return {
      .type = "wandb_instance",
      .subject = named ? absl::StrCat("Instance ", IdOf(model)) : "An instance",
      .harm =
          "A write through apps.wandb.com/v1, however small, makes its "
          "conversion rebuild the whole object from what v1 knew of it, "
          "so that whatever was set since is lost; a delete deletes it.",
      .way_out =
          "The object stays as it is. To change or delete it, use "
          "operator v2's own tools.",
      .is_create = is_create};
}

bool PlannedOnOperatorV2(const base::Context& ctx, const Session& session,
                         tf::PlanCall<InstanceModel>& call) {
  if (!PlansOnOperatorV2(ctx, session, call.private_data)) return false;
  if (call.prior.has_value()) {
    InstanceModel wanted = call.planned;
    // A preview for creates only: a new release is no change.
    if (!wanted.release.IsNull() && !call.prior->release.IsNull()) {
      wanted.release = call.prior->release;
    }
    using Encoding = tf::Codec<InstanceModel>;
    if (Encoding::Encode(wanted) == Encoding::Encode(*call.prior)) {
      call.planned = std::move(wanted);
      return true;
    }
  }
  ReportRefused(GuardedInstance(call.planned, !call.prior.has_value()),
                call.diags);
  return true;
}

void PlanDestroyOnOperatorV2(const base::Context& ctx, const Session& session,
                             tf::PlanDestroyCall<InstanceModel>& call) {
  if (PlansOnOperatorV2(ctx, session, call.private_data)) {
    ReportRefused(GuardedInstance(call.state), call.diags);
  }
}

bool ReadOnOperatorV2(const base::Context& ctx, const Session& session,
                      const std::shared_ptr<kube::Client>& client,
                      const base::Json* live,
                      tf::ReadCall<InstanceModel>& call) {
  if (!OnOperatorV2(ctx, session, client, call.private_data)) return false;
  InstanceModel& state = call.state;
  if (live != nullptr) SetObserved(*live, state);
  if (state.configured_values.IsNull()) {  // Just imported.
    state.configured_values = ConfiguredLeaves(Desired(state).compiled);
  }
  state.ready = false;
  SetEffectiveNull(state);
  state.effective_chart = {};
  state.url = {};
  state.version = {};
  WarnNotManaged(GuardedInstance(state), call.diags);
  return true;
}

}  // namespace resources
