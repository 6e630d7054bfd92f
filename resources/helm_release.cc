#include "resources/helm_release.h"

#include "absl/strings/str_cat.h"

namespace resources {

std::optional<HelmRelease> HelmReleaseOf(const base::Json& object) {
  const auto name = base::StringAt(
      object, "/metadata/annotations/meta.helm.sh~1release-name");
  if (!name.has_value()) return std::nullopt;
  return HelmRelease{
      .ns = base::StringAt(
                object, "/metadata/annotations/meta.helm.sh~1release-namespace")
                .value_or(""),
      .name = *name};
}

bool IsForgotten(const base::Context& ctx, kube::Client& client,
                 const HelmRelease& release) {
  // Each holds the whole release, values and all, which nobody reads here.
  const kube::ListOptions of_release = {
      .label_selector = absl::StrCat("owner=helm,name=", release.name),
      .keep = [](base::Json& item) {
        item = base::Json::object();
        return true;
      }};
  for (const kube::ObjectRef& kind :
       {kube::SecretRef(release.ns, ""), kube::ConfigMapRef(release.ns, "")}) {
    const auto kept = client.List(ctx, kube::CollectionOf(kind), of_release);
    if (!kept.ok() || !kept->items.empty()) return false;
  }
  return true;
}

void WarnOfHelm(const HelmRelease& release, absl::string_view made,
                absl::string_view lost, tf::Diagnostics& diags) {
  diags.AddWarning(
      absl::StrCat("Helm release \"", release.ns, "/", release.name, "\" made ",
                   made),
      absl::StrCat(
          "\"helm uninstall ", release.name, "\" would delete ", lost,
          ", and an upgrade of the release would write to it. Make Helm forget "
          "the release without deleting anything: delete its Secrets (kubectl "
          "delete secret -n ",
          release.ns, " -l owner=helm,name=", release.name,
          "), and if Terraform made the release, take it out of that state "
          "first with removed { lifecycle { destroy = false } }."));
}

}  // namespace resources
