#include "resources/operator/downgrade.h"

#include "absl/strings/str_cat.h"
#include "wandb/chart/catalogue.h"

namespace resources {

std::string TagOf(const std::string& image) {
  const std::string reference = image.substr(0, image.find('@'));
  // A colon before the last slash is that of a port.
  const size_t slash = reference.rfind('/');
  const size_t colon =
      reference.find(':', slash == std::string::npos ? 0 : slash);
  return colon == std::string::npos ? "" : reference.substr(colon + 1);
}

void WarnOfDowngrade(tf::PlanCall<OperatorModel>& call) {
  if (!call.prior.has_value() || !call.prior->deployed_image.IsKnown() ||
      !call.planned.deployed_image.IsKnown()) {
    return;
  }
  const std::string now = TagOf(call.prior->deployed_image.value());
  const std::string then = TagOf(call.planned.deployed_image.value());
  if (wandb::CompareVersions(then, now).value_or(0) >= 0) return;
  call.diags.AddWarning(
      absl::StrCat("Operator ", IdOf(call.planned), " goes back from ", now,
                   " to ", then),
      absl::StrCat(
          "The older manager takes over what the newer one has written: the "
          "active specifications, the Helm releases and their charts. What it "
          "does not know of these is without effect, or an error at the next "
          "reconcile of an instance. If that is not meant, set image.tag = \"",
          now, "\"."));
}

}  // namespace resources
