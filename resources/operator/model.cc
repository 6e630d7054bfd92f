#include "resources/operator/model.h"

#include "absl/strings/str_cat.h"
#include "provider/tf/validators.h"

namespace resources {
namespace {

using cty::Value;
using tf::Attr;
using tf::Use;

bool AnyUnknown(const ImageModel& image) {
  return image.repository.IsUnknown() || image.tag.IsUnknown() ||
         image.digest.IsUnknown() || image.pull_policy.IsUnknown() ||
         image.pull_secrets.IsUnknown();
}

}  // namespace

const tf::Bindings<ImageModel>& ImageModel::Fields() {
  using M = ImageModel;
  using tf::Bind;
  static const auto* const kFields = new tf::Bindings<M>{
      Bind("repository", &M::repository,
           {.doc = "Image without tag. Default `wandb/controller`.",
            .example = "\"registry.example.com/wandb/controller\"",
            .validators = {tf::NotEmpty()}}),
      Bind("tag", &M::tag,
           {.doc = "Version of the operator. Default `1.22.0`.",
            .example = "\"1.22.0\"",
            .validators = {tf::NotEmpty()}}),
      Bind("digest", &M::digest,
           {.doc = "Digest `sha256:…`; wins over `tag`."}),
      Bind("pull_policy", &M::pull_policy,
           {.doc = "`Always` (default), `IfNotPresent` or `Never`."}),
      Bind("pull_secrets", &M::pull_secrets,
           {.doc = "Names of image pull Secrets in the operator's namespace.",
            .validators = {tf::Each(tf::NotEmpty())}}),
  };
  return *kFields;
}

const tf::Bindings<OperatorModel>& OperatorModel::Fields() {
  using M = OperatorModel;
  using tf::Bind;
  static const auto* const kFields = new tf::Bindings<M>{
      Bind("id", &M::id,
           {.use = Use::kComputed,
            .planned_by_resource = true,
            .doc = "`namespace/name`. Give it to `wandb_instance.operator`, so "
                   "that instances are destroyed before their operator."}),
      Bind("name", &M::name,
           {.replace_on_change = true,
            .doc = "Prefix of the operator's objects. Default `wandb`. Cannot "
                   "change while instances exist, unless `force_destroy` is "
                   "set.",
            .validators = {tf::DnsLabel(40)}}),
      Bind("namespace", &M::ns,
           {.replace_on_change = true,
            .doc = "Namespace that the operator runs in. Default `wandb`. "
                   "Cannot change while instances exist, unless "
                   "`force_destroy` is set.",
            .validators = {tf::DnsLabel()}}),
      Bind("create_namespace", &M::create_namespace,
           {.doc = "Create the namespace if it does not exist. One that exists "
                   "is used and never deleted. Default `true`."}),
      Bind("image", &M::image, {.doc = "Image of the controller manager."}),
      Bind("airgapped", &M::airgapped,
           {.doc = "Never ask the release channel; instances then need a "
                   "chart of their own. Default `false`."}),
      Bind("custom_ca_certs", &M::custom_ca_certs,
           {.doc = "Certificates that the operator trusts in addition, one PEM "
                   "certificate each.",
            .example = "[file(\"ca.pem\")]",
            .validators = {tf::Each(tf::NotEmpty())}}),
      Bind("release_channel_url", &M::release_channel_url,
           {.doc = "Base URL of the release channel, in place of W&B's own.",
            .validators = {tf::HttpUrl()}}),
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
  };
  return *kFields;
}

std::string IdOf(const OperatorModel& model) {
  return absl::StrCat(model.ns.value(), "/", model.name.value());
}

std::optional<wandb::OperatorSettings> SettingsOf(const OperatorModel& model) {
  const ImageModel& image = model.image.value();
  if (model.name.IsUnknown() || model.ns.IsUnknown() ||
      model.create_namespace.IsUnknown() || model.airgapped.IsUnknown() ||
      model.custom_ca_certs.IsUnknown() || model.image.IsUnknown() ||
      model.release_channel_url.IsUnknown() || AnyUnknown(image)) {
    return std::nullopt;
  }
  return wandb::OperatorSettings{
      .name = model.name.value(),
      .ns = model.ns.value(),
      .create_namespace = model.create_namespace.value(),
      .image = {.repository = image.repository.value(),
                .tag = image.tag.value(),
                .digest = image.digest.value_or(""),
                .pull_policy =
                    std::string(tf::NameOf(image.pull_policy.value())),
                .pull_secrets = image.pull_secrets.value_or({})},
      .airgapped = model.airgapped.value(),
      .release_channel_url = model.release_channel_url.value_or(""),
      .custom_ca_certs = model.custom_ca_certs.value_or({})};
}

}  // namespace resources
