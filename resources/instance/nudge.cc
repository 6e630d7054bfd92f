#include "resources/instance/nudge.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kube/object_ref.h"
#include "wandb/spec/spec.h"

namespace resources {
namespace {

using base::Json;

constexpr char kNudged[] = "terraform-provider-wandb/nudged-at";

bool IsControlledBy(const Json& object, const Json& owner) {
  const Json& owners = base::ListAt(object, "/metadata/ownerReferences");
  return std::any_of(owners.begin(), owners.end(), [&](const Json& each) {
    return base::StringAt(each, "/uid") == kube::UidOf(owner) &&
           base::BoolAt(each, "/controller") == true;
  });
}

}  // namespace

bool Nudge(const base::Context& ctx, kube::Client& client, const Json& live,
           const std::string& manager) {
  const kube::ObjectRef ref = kube::SecretRef(
      kube::NamespaceOf(live), wandb::UserInputSecretName(kube::NameOf(live)));
  const auto secret = client.Get(ctx, ref);
  if (!secret.ok() || !IsControlledBy(*secret, live)) return false;
  Json patch;
  patch["metadata"]["annotations"][kNudged] =
      absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  patch["metadata"]["uid"] = kube::UidOf(*secret);  // Of no other.
  return client.Patch(ctx, ref, patch, {.field_manager = manager}).ok();
}

}  // namespace resources
