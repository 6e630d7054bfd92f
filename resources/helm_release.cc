#include "resources/helm_release.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/gzip.h"
#include "base/limits.h"
#include "kube/object_ref.h"

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

// Base64, by Kubernetes and by Helm, around gzip around JSON.
absl::StatusOr<base::Json> UnpackRelease(const base::Json& secret) {
  const std::string what = absl::StrCat("Secret ", kube::NameOf(secret));
  const auto stored = base::StringAt(secret, "/data/release");
  std::string outer;
  std::string packed;
  if (!stored.has_value() || !absl::Base64Unescape(*stored, &outer) ||
      !absl::Base64Unescape(outer, &packed)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " holds no release of Helm 3"));
  }
  const auto text = base::Gunzip(packed, base::kMaxUnpackedBytes);
  if (!text.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " ", text.status().message()));
  }
  return base::ParseJson(*text, what);
}

std::string ForgetCommand(const HelmRelease& release) {
  return absl::StrCat("kubectl delete secret -n ", release.ns,
                      " -l owner=helm,name=", release.name);
}

void WarnOfHelm(const HelmRelease& release, absl::string_view made,
                absl::string_view lost, tf::Diagnostics& diags,
                absl::string_view setting) {
  const std::string way =
      setting.empty()
          ? "delete its Secrets ("
          : absl::StrCat("set ", setting,
                         ", and the apply deletes its Secrets once it has "
                         "taken everything over; or delete them yourself (");
  diags.AddWarning(
      absl::StrCat("Helm release \"", release.ns, "/", release.name, "\" made ",
                   made),
      absl::StrCat(
          "As long as Helm has its record, \"helm uninstall ", release.name,
          "\" would delete ", lost,
          ", and an upgrade of the release would write to it. Make Helm forget "
          "the release without deleting anything else: ",
          way, ForgetCommand(release),
          "). If Terraform made the release, take it out of that state "
          "first with removed { lifecycle { destroy = false } }."));
}

}  // namespace resources
