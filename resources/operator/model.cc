#include "resources/operator/model.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/never_destroyed.h"

namespace resources {
namespace {

using tf::Use;
using Fields = tf::Bindings<OperatorModel>;

// The rows of OperatorArguments as attributes of the resource itself, in front
// of its `own`.
Fields WithArguments(Fields own) {
  Fields fields = BindArguments(&OperatorModel::arguments);
  for (auto& field : fields) {
    tf::AttributeSpec& spec = field.attribute.spec;
    if (!spec.replace_on_change) continue;
    absl::StrAppend(&spec.doc,
                    " Cannot change while instances exist, unless "
                    "`force_destroy` is set.");
  }
  for (auto& field : own) fields.push_back(std::move(field));
  return fields;
}

}  // namespace

const tf::Bindings<CrdArguments>& CrdArguments::Fields() {
  using C = CrdArguments;
  using tf::Bind;
  static const base::NeverDestroyed<tf::Bindings<C>> kFields(tf::Bindings<C>{
      Bind("manage", &C::manage,
           {.doc = "Create the definition where there is none, and keep one "
                   "that this resource has made as this version of the "
                   "provider has it. One that others made is used as it is. "
                   "With `false` the definition has to be there, and is never "
                   "written. Default `true`."}),
      Bind("delete_on_destroy", &C::delete_on_destroy,
           {.doc = "Delete the definition with the operator, if this resource "
                   "has made it. The destroy is refused while the cluster has "
                   "any instance: all of them would go. Other operators need "
                   "the definition, too. Apply it before destroying. Default "
                   "`false`."}),
  });
  return *kFields;
}

const tf::Bindings<AdoptArguments>& AdoptArguments::Fields() {
  using A = AdoptArguments;
  using tf::Bind;
  static const base::NeverDestroyed<tf::Bindings<A>> kFields(tf::Bindings<A>{
      Bind("remove_helm_release", &A::remove_helm_release,
           {.doc = "Make Helm forget the release that made the operator: once "
                   "an apply has written everything, it deletes the Secrets "
                   "`sh.helm.release.v1.<release>.v*` in which Helm keeps it, "
                   "and no other release's. Without that, `helm uninstall` of "
                   "the release would delete the operator. Needs the rights to "
                   "list and delete Secrets in the operator's namespace. "
                   "Default `false`."}),
  });
  return *kFields;
}

const tf::Bindings<OperatorModel>& OperatorModel::Fields() {
  using M = OperatorModel;
  using tf::Bind;
  static const base::NeverDestroyed<tf::Bindings<M>> kFields(WithArguments({
      Bind("id", &M::id,
           {.use = Use::kComputed,
            .planned_by_resource = true,
            .doc = "`namespace/name`. Give it to `wandb_instance.operator`, so "
                   "that instances are destroyed before their operator."}),
      Bind(
          "crd", &M::crd,
          {.doc = "The custom resource definition of `WeightsAndBiases`, which "
                  "the whole cluster shares. One of operator v2 is neither "
                  "written nor deleted, whatever this says.",
           .example = "{ manage = false }"}),
      Bind("adopt", &M::adopt,
           {.doc = "What becomes of the Helm release of an operator that was "
                   "imported (see the guide on Helm).",
            .example = "{ remove_helm_release = true }"}),
      Bind("force_conflicts", &M::force_conflicts,
           {.doc = "Take over fields of the operator's objects that another "
                   "manager (GitOps) applies, in place of an error. Default "
                   "`false`."}),
      Bind("force_destroy", &M::force_destroy,
           {.doc = "Destroy the operator even while instances need it; nothing "
                   "will then be left to finish their deletion. Default "
                   "`false`."}),
      Bind("wait", &M::wait,
           {.doc = "Wait until the controller manager is rolled out. Default "
                   "`true`."}),
      Bind(
          "wait_failure", &M::wait_failure,
          {.doc = "What an unsuccessful wait is: `error` (default) or `warn`, "
                  "which keeps the object with `ready = false` and waits again "
                  "at the next apply."}),
      Bind("objects", &M::objects, cty::Type::Map(cty::Type::String()),
           {.use = Use::kComputed,
            .planned_by_resource = true,
            .doc = "The operator's objects: `Kind/namespace/name` to a digest "
                   "of what is wanted there, so that a plan shows which object "
                   "changes."}),
      Bind("changes", &M::changes, cty::Type::Map(cty::Type::String()),
           {.use = Use::kComputed,
            .planned_by_resource = true,
            .doc =
                "What was changed outside of Terraform: `Kind/namespace/name` "
                "to paths, as in `spec.replicas 1 -> 0`. The next apply "
                "takes that back. No secrets and no certificates."}),
      Bind("deployed_image", &M::deployed_image,
           {.use = Use::kComputed,
            .planned_by_resource = true,
            .doc = "Image reference in the Deployment."}),
      Bind("crd_versions", &M::crd_versions,
           {.use = Use::kComputed,
            .keep_on_update = true,
            .doc = "Versions of WeightsAndBiases that the cluster serves."}),
      Bind("ready", &M::ready,
           {.use = Use::kComputed,
            .doc = "Whether the controller manager is rolled out."}),
      BindBlock("timeouts", &M::timeouts,
                "How long operations may take. Default 10m each."),
  }));
  return *kFields;
}

bool IsNamed(const OperatorModel& model) {
  return model.arguments.Knows("name") && model.arguments.Knows("namespace");
}

std::string IdOf(const OperatorModel& model) {
  return wandb::OperatorOwner(model.arguments.values);
}

bool ManagesDefinition(const OperatorModel& model) {
  return model.crd.value().manage.value();
}

bool EndsDefinition(const OperatorModel& model) {
  return ManagesDefinition(model) &&
         model.crd.value().delete_on_destroy.value();
}

bool EndsHelmRelease(const OperatorModel& model) {
  return model.adopt.IsKnown() &&
         model.adopt.value().remove_helm_release.IsKnown() &&
         model.adopt.value().remove_helm_release.value();
}

std::optional<wandb::OperatorSettings> SettingsOf(const OperatorModel& model) {
  if (!model.arguments.unknown.empty() || model.crd.IsUnknown() ||
      model.crd.value().manage.IsUnknown()) {
    return std::nullopt;
  }
  wandb::OperatorSettings settings = model.arguments.values;
  settings.manage_crd = ManagesDefinition(model);
  return settings;
}

}  // namespace resources
