#include "resources/instance/finalizer.h"

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "resources/generation_guard.h"
#include "resources/instance/cluster_layers.h"
#include "wandb/custom_resource.h"

namespace resources {

using base::Json;

absl::Status ReleaseIfNeverInstalled(const base::Context& ctx,
                                     kube::Client& client,
                                     const InstanceModel& state,
                                     tf::Diagnostics& diags) {
  const kube::ObjectRef ref = CustomResourceRef(state);
  const auto live = client.Get(ctx, ref);
  if (!live.ok() || !kube::IsTerminating(*live)) return absl::OkStatus();
  const auto active = ReadActiveSpec(ctx, client, state, kube::UidOf(*live));
  const auto releases = client.List(
      ctx, {"", "v1", "secrets", ref.ns},
      {.label_selector = absl::StrCat("owner=helm,name=", ref.name)});
  const Json* finalizers = base::Find(*live, "/metadata/finalizers");
  if (!active.ok() || active->has_value() || !releases.ok() ||
      !releases->items.empty() || finalizers == nullptr) {
    return absl::OkStatus();
  }
  Json others = Json::array();
  for (const Json& finalizer : *finalizers) {
    if (finalizer != wandb::kFinalizer) others.push_back(finalizer);
  }
  if (others.size() == finalizers->size()) return absl::OkStatus();
  const auto patched =
      client.Patch(ctx, ref,
                   {{"metadata",
                     {{"resourceVersion", kube::ResourceVersionOf(*live)},
                      {"finalizers", others}}}},
                   {.field_manager = "terraform-provider-wandb-finalizers"});
  if (IsRefused(patched.status())) return patched.status();
  // Otherwise the wait goes on and its report shows the finalizer.
  if (patched.ok()) {
    diags.AddWarning(
        "The operator's finalizer was removed",
        absl::StrCat("The operator never installed W&B for ", ref.ns, "/",
                     ref.name,
                     ", and would have tried for ever to uninstall it."));
  }
  return absl::OkStatus();
}

}  // namespace resources
