// The Helm release that an object says it belongs to.
#pragma once

#include <optional>
#include <string>

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

// Whether Helm has forgotten `release`, whatever its annotations on objects
// say: nothing is left of what it keeps of one, in Secrets or else in
// ConfigMaps. False where that may not be looked at. One or two requests.
bool IsForgotten(const base::Context& ctx, kube::Client& client,
                 const HelmRelease& release);

// For an import: that `release` made `made` ("Deployment \"a/b\"") and that
// uninstalling it would delete `lost` ("the operator"), and how Helm forgets
// the release.
void WarnOfHelm(const HelmRelease& release, absl::string_view made,
                absl::string_view lost, tf::Diagnostics& diags);

}  // namespace resources
