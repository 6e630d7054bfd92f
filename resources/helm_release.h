// The Helm release that an object says it belongs to.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"

namespace resources {

struct HelmRelease {
  std::string ns;  // "" if the object does not say.
  std::string name;
};

// By the annotations that Helm gives every object of a release.
std::optional<HelmRelease> HelmReleaseOf(const base::Json& object);

// The type of the Secrets in which Helm 3 and 4 keep a release, one for each
// revision.
inline constexpr char kHelmSecretType[] = "helm.sh/release.v1";

// The release that such a Secret holds, as Helm writes it: `name`, `namespace`,
// `config`, `manifest` and more. kInvalidArgument for what is none; a message
// names the Secret, and nothing of what it holds.
absl::StatusOr<base::Json> UnpackRelease(const base::Json& secret);

// Whether Helm has forgotten `release`, whatever its annotations on objects
// say: nothing is left of what it keeps of one, in Secrets or else in
// ConfigMaps. False where that may not be looked at. One or two requests.
bool IsForgotten(const base::Context& ctx, kube::Client& client,
                 const HelmRelease& release);

// The command that makes Helm forget `release`, and deletes nothing else.
std::string ForgetCommand(const HelmRelease& release);

// For an import: that `release` made `made` ("Deployment \"a/b\"") and that
// uninstalling it would delete `lost` ("the operator"), and how Helm forgets
// the release: by `setting`, an argument that an apply follows, unless that is
// "", or by hand.
void WarnOfHelm(const HelmRelease& release, absl::string_view made,
                absl::string_view lost, tf::Diagnostics& diags,
                absl::string_view setting = "");

}  // namespace resources
