#include "resources/operator/resource.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/turns.h"
#include "resources/hidden_arguments.h"
#include "resources/ids_in_use.h"
#include "resources/namespaced_name.h"
#include "resources/operator/apply.h"
#include "resources/operator/destroy.h"
#include "resources/operator/import.h"
#include "resources/operator/model.h"
#include "resources/operator/plan.h"
#include "resources/operator/private_data.h"
#include "resources/operator/read.h"
#include "wandb/operator/role_rules.h"

namespace resources {
namespace {

class OperatorResource final : public tf::TypedResource<OperatorModel> {
 public:
  explicit OperatorResource(std::shared_ptr<const Session> session)
      : TypedResource("wandb_operator", 0,
                      "Installs the W&B operator on a Kubernetes cluster "
                      "through the Kubernetes API: namespace, custom resource "
                      "definition, access rules and controller manager. No "
                      "Helm and no chart registry are involved."),
        session_(std::move(session)) {}

  std::vector<tf::IdentityAttribute> identity() const override {
    return NamespacedIdentity("operator");
  }

 protected:
  void CheckConfig(const OperatorModel& config,
                   tf::Diagnostics& diags) const override {
    CheckNothingHidden(tf::Codec<OperatorModel>::Encode(config), {}, diags);
    if (!ManagesDefinition(config) &&
        config.crd.value().delete_on_destroy.value()) {
      diags.AddError(cty::Path("crd"),
                     "Nothing to delete with crd.manage = false",
                     "crd.delete_on_destroy = true deletes a definition that "
                     "this resource has made. Leave one of the two out.");
    }
    const auto settings = SettingsOf(config);
    if (!settings.has_value()) return;
    const absl::Status status = wandb::CheckOperatorSettings(*settings);
    if (!status.ok()) return ReportSettings(status, diags);
    const std::vector<std::string> dropped =
        wandb::NeededRightsDropped(*settings);
    if (dropped.empty()) return;
    diags.AddWarning(
        cty::Path("role_rules"), "Operator is without rights that it needs",
        absl::StrCat("role_rules drops these, and the operator uses them for "
                     "every instance:\n  ",
                     absl::StrJoin(dropped, "\n  "),
                     "\n\nTake them out of role_rules.drop, or give them to "
                     "its ServiceAccount by another role."));
  }

  void PlanChange(const base::Context& ctx,
                  tf::PlanCall<OperatorModel>& call) const override {
    // Again, since what validation did not know yet is known by now.
    CheckNothingHidden(tf::Codec<OperatorModel>::Encode(call.config), {},
                       call.diags);
    if (call.diags.HasError()) return;
    if (call.prior.has_value()) in_state_.Note(*call.prior);
    PlanOperator(ctx, *session_, in_state_, call);
    const OperatorModel& planned = call.planned;
    if (!call.prior.has_value() && IsNamed(planned)) {
      ids_.NotePlan(IdOf(planned), IdsInUse::Planned::kCreate, call.diags);
    }
    const OperatorArguments& arguments = planned.arguments;
    if (IsNamed(planned) && arguments.Knows("airgapped")) {
      session_->plan_notes().NoteAirgapped(IdOf(planned),
                                           arguments.values.airgapped);
    }
  }
  void PlanDestroy(const base::Context& ctx,
                   tf::PlanDestroyCall<OperatorModel>& call) const override {
    PlanOperatorDestroy(ctx, *session_, call);
    ids_.NotePlan(IdOf(call.state), IdsInUse::Planned::kDestroy, call.diags);
  }
  void ApplyChange(const base::Context& ctx,
                   tf::ApplyCall<OperatorModel>& call) const override {
    ids_.Apply(ctx, IdOf(call.planned), call,
               [&] { return ApplyOperator(ctx, *session_, call); });
  }
  void Delete(const base::Context& ctx,
              tf::DeleteCall<OperatorModel>& call) const override {
    ids_.Delete(ctx, IdOf(call.state), call,
                [&] { DestroyOperator(ctx, *session_, destroys_, call); });
  }
  void Refresh(const base::Context& ctx,
               tf::ReadCall<OperatorModel>& call) const override {
    in_state_.Note(call.state);
    ids_.NoteRead(IdOf(call.state));
    ReadOperator(ctx, *session_, call);
    if (call.gone) ids_.Release(IdOf(call.state));
  }
  void ImportState(const base::Context& ctx,
                   tf::ImportCall<OperatorModel>& call) const override {
    auto wanted =
        ImportedName(call.id, call.identity, "wandb/wandb", call.diags);
    if (!wanted.has_value()) return;
    // An identity is meant as it is.
    if (!call.id.empty()) {
      wanted = ImportedOperator(ctx, *session_, *wanted, call.diags);
    }
    call.state.arguments.values.ns = wanted->ns;
    call.state.arguments.values.name = wanted->name;
    call.state.id = ToString(*wanted);
    call.private_data = OperatorRecord{.imported = true}.ToJson();
  }

 private:
  const std::shared_ptr<const Session> session_;
  mutable base::Turns destroys_;
  mutable IdsInUse ids_{"operator"};
  mutable OperatorsInState in_state_;
};

}  // namespace

std::unique_ptr<tf::Resource> NewOperatorResource(
    std::shared_ptr<const Session> session) {
  return std::make_unique<OperatorResource>(std::move(session));
}

}  // namespace resources
