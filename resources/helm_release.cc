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
