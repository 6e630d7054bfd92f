#include "resources/operator/unmanaged_definition.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kube/deletion.h"
#include "kube/object_ref.h"
#include "resources/operator/objects.h"
#include "wandb/custom_resource.h"

namespace resources {

absl::StatusOr<std::optional<base::Json>> FindDefinition(
    const base::Context& ctx, kube::Client& client) {
  auto live = client.Get(ctx, kube::CrdRef(wandb::kCrdName));
  if (live.ok()) return std::optional<base::Json>(*std::move(live));
  if (absl::IsNotFound(live.status())) {
    return std::optional<base::Json>(base::Json());
  }
  if (absl::IsPermissionDenied(live.status())) {
    return std::optional<base::Json>();
  }
  return live.status();
}

std::string WhyNoUse(const base::Json& definition) {
  const std::string what = kube::Describe(kube::CrdRef(wandb::kCrdName));
  constexpr char kWays[] =
      " With crd = { manage = false } this resource does not make it: have "
      "whoever looks after it do that first (depends_on gives the order), or "
      "leave crd out.";
  if (definition.is_null()) {
    return absl::StrCat(what, " does not exist.", kWays);
  }
  if (kube::IsTerminating(definition)) {
    return absl::StrCat(what, " ", kube::DescribeDeletion(definition), ".",
                        kWays);
  }
  const std::vector<std::string> served = ServedVersions(definition);
  if (std::find(served.begin(), served.end(), wandb::kVersion) !=
      served.end()) {
    return "";
  }
  return absl::StrCat(what, " does not serve ", wandb::kVersion,
                      ", which the operator asks for.", kWays);
}

void WarnOfUnmanagedDefinition(const Operation& look) {
  const auto found = FindDefinition(look.ctx, look.client);
  if (!found.ok() || !found->has_value()) return;
  const std::string why = WhyNoUse(**found);
  if (why.empty()) return;
  look.diags.AddWarning(kNoUsableDefinition,
                        absl::StrCat("Apply will fail unless it is there by "
                                     "then. ",
                                     why));
}

}  // namespace resources
