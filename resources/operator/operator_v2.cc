#include "resources/operator/operator_v2.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/object_ref.h"

namespace resources {

Guarded GuardedOperator(const OperatorModel& model, bool is_create) {
  return {.type = "wandb_operator",
          .subject = IsNamed(model)
                         ? absl::StrCat("The cluster of operator ", IdOf(model))
                         : "The cluster of an operator",
          .harm =
              "Applying this resource would start the controller of v1 "
              "again, beside that of v2 and over the same objects.",
          .way_out =
              "Destroying the resource works, too: it takes away what "
              "it made for v1, and keeps the definition and every "
              "instance.",
          .is_create = is_create};
}

bool PlannedOnOperatorV2(const base::Context& ctx, const Session& session,
                         tf::PlanCall<OperatorModel>& call) {
  if (!PlansOnOperatorV2(ctx, session, call.private_data)) return false;
  if (call.prior.has_value() && !call.changed) return true;
  ReportRefused(GuardedOperator(call.planned, !call.prior.has_value()),
                call.diags);
  return true;
}

base::Json WithoutStop(base::Json live, const base::Json& manifest) {
  if (kube::KindOf(live) != "Deployment" ||
      base::IntAt(live, "/spec/replicas") != 0) {
    return live;
  }
  live["spec"]["replicas"] =
      base::IntAt(manifest, "/spec/replicas").value_or(1);
  return live;
}

}  // namespace resources
