#include "resources/instance/resource.h"

#include <utility>

#include "resources/connection/look_context.h"
#include "resources/connection/plan_notes.h"
#include "resources/ids_in_use.h"
#include "resources/instance/apply.h"
#include "resources/instance/desired.h"
#include "resources/instance/destroy.h"
#include "resources/instance/destroy_plan.h"
#include "resources/instance/findings.h"
#include "resources/instance/import.h"
#include "resources/instance/model.h"
#include "resources/instance/operator_v2.h"
#include "resources/instance/plan.h"
#include "resources/instance/read.h"
#include "resources/instance/release_pin.h"
#include "resources/instance/twin_check.h"
#include "resources/instance/write_only.h"
#include "resources/namespaced_name.h"

namespace resources {
namespace {

class InstanceResource final : public tf::TypedResource<InstanceModel> {
 public:
  InstanceResource(std::shared_ptr<const Session> session,
                   const Patience& patience)
      : TypedResource("wandb_instance", 0,
                      "Runs a Weights & Biases Server instance: manages the "
                      "WeightsAndBiases custom resource, shows at plan what "
                      "the operator will use, and waits until W&B runs."),
        session_(std::move(session)),
        patience_(patience) {}

  std::vector<tf::IdentityAttribute> identity() const override {
    return NamespacedIdentity("instance");
  }

 protected:
  void CheckConfig(const InstanceModel& config,
                   tf::Diagnostics& diags) const override {
    diags.Append(Desired(config).compiled.diags);
    CheckWriteOnly(config, diags);
    CheckReleaseId(config, diags);
    CheckTwinTexts(config, diags);
    CheckNothingHidden(config, diags);
    ValidateCheckLevels(config, diags);
  }
  void PlanChange(const base::Context& ctx,
                  tf::PlanCall<InstanceModel>& call) const override {
    if (call.prior.has_value()) NoteInState(*call.prior);
    PlanInstance(ctx, *session_, call);
    if (!call.prior.has_value() && call.planned.id.IsKnown()) {
      ids_.NotePlan(call.planned.id.value(), IdsInUse::Planned::kCreate,
                    call.diags);
    }
    if (call.prior.has_value()) {
      NotePlan(*call.prior, PlanNotes::Plan::kStays, call.diags);
    }
  }
  void PlanDestroy(const base::Context& ctx,
                   tf::PlanDestroyCall<InstanceModel>& call) const override {
    const base::Context look = LookContext(ctx);
    PlanDestroyOnOperatorV2(look, *session_, call);
    if (!call.diags.HasError()) {
      WarnOfRemoval(look, *session_, Desired(call.state), Removal::kDestroy,
                    call.diags);
    }
    NotePlan(call.state, PlanNotes::Plan::kGoes, call.diags);
    ids_.NotePlan(IdOf(call.state), IdsInUse::Planned::kDestroy, call.diags);
  }
  void ApplyChange(const base::Context& ctx,
                   tf::ApplyCall<InstanceModel>& call) const override {
    ids_.Apply(ctx, IdOf(call.planned), call,
               [&] { return ApplyInstance(ctx, *session_, patience_, call); });
  }
  void Refresh(const base::Context& ctx,
               tf::ReadCall<InstanceModel>& call) const override {
    NoteInState(call.state);
    ids_.NoteRead(IdOf(call.state));
    ReadInstance(ctx, *session_, call);
    if (call.gone) ids_.Release(IdOf(call.state));
  }
  void Delete(const base::Context& ctx,
              tf::DeleteCall<InstanceModel>& call) const override {
    ids_.Delete(ctx, IdOf(call.state), call,
                [&] { DestroyInstance(ctx, *session_, call); });
  }
  void ImportState(const base::Context& ctx,
                   tf::ImportCall<InstanceModel>& call) const override {
    ImportInstance(ctx, *session_, call);
  }

 private:
  void NoteInState(const InstanceModel& state) const {
    session_->instances_in_state().Note(state.id);
    session_->instances_in_state().Note(state.uid);
  }
  void NotePlan(const InstanceModel& state, PlanNotes::Plan plan,
                tf::Diagnostics& diags) const {
    const std::string id = IdOf(state);
    const std::string going = session_->plan_notes().NoteInstance(id, plan);
    if (!going.empty()) WarnOfOperatorThatGoes(going, id, plan, diags);
  }

  const std::shared_ptr<const Session> session_;
  const Patience patience_;
  mutable IdsInUse ids_{"instance"};
};

}  // namespace

std::unique_ptr<tf::Resource> NewInstanceResource(
    std::shared_ptr<const Session> session) {
  return NewInstanceResource(std::move(session), Patience());
}

std::unique_ptr<tf::Resource> NewInstanceResource(
    std::shared_ptr<const Session> session, const Patience& patience) {
  return std::make_unique<InstanceResource>(std::move(session), patience);
}

}  // namespace resources
