#include "resources/leader.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "kube/condition.h"
#include "kube/object_ref.h"
#include "kube/status.h"
#include "resources/report.h"
#include "wandb/operator/deployment.h"

namespace resources {
namespace {

using base::Json;

// A holder renews it every few seconds, and it runs out after 15; clocks
// differ.
constexpr absl::Duration kRunOut = absl::Minutes(1);

kube::ObjectRef LeaseRef(absl::string_view ns) {
  return {"coordination.k8s.io", "v1",   "leases", std::string(ns),
          wandb::kLeaderLease,   "Lease"};
}

std::string Named(const kube::ObjectRef& ref) {
  return absl::StrCat("Lease \"", ref.ns, "/", ref.name, "\"");
}

absl::Time TimeOf(absl::string_view text) {
  absl::Time time = absl::InfinitePast();
  std::string error;
  absl::ParseTime(absl::RFC3339_full, text, &time, &error);
  return time;
}

std::string TextAt(const Json& lease, absl::string_view field) {
  return base::StringAt(lease, absl::StrCat("/spec/", field)).value_or("");
}

// The pod whose manager holds it: its name, "_" and an id.
std::string PodOf(const std::string& holder) {
  return holder.substr(0, holder.rfind('_'));
}

// Whether the Deployment `name` has made it: its ReplicaSet's hash, "-" and one
// of the pod's own stand behind its name.
bool IsNamedBy(absl::string_view pod, absl::string_view name) {
  return absl::ConsumePrefix(&pod, name) && absl::ConsumePrefix(&pod, "-") &&
         std::count(pod.begin(), pod.end(), '-') == 1;
}

// Who holds it, and since when.
std::string HeldBy(const kube::ObjectRef& ref, const Json& lease) {
  const std::string since = TextAt(lease, "acquireTime");
  const std::string renewed = TextAt(lease, "renewTime");
  return absl::StrCat(
      Named(ref), " is held by ",
      ShortenedForeign(TextAt(lease, "holderIdentity")),
      since.empty() ? "" : absl::StrCat(" since ", since),
      renewed.empty() ? "" : absl::StrCat(", renewed last at ", renewed));
}

// Whether managers run, and not only since now: one that has just come has not
// had the time.
bool RanLong(const base::Context& ctx, kube::Client& client,
             const kube::ObjectRef& deployment, absl::Time now) {
  const auto live = client.Get(ctx, deployment);
  return live.ok() && kube::IsTrueCondition(*live, "Available") &&
         now - TimeOf(kube::ConditionOf(*live, "Available",
                                        "/lastTransitionTime")) >
             kRunOut;
}

// That whoever holds it has gone, and nobody has taken it.
std::string Left(const kube::ObjectRef& ref, const std::string& held,
                 const std::string& deployment) {
  return absl::StrCat(
      held,
      ", and so by nobody any more. A manager takes such a Lease within "
      "seconds, and that of ",
      deployment,
      " has not: until it does, nothing acts on instances. Its log says why; "
      "mostly it may not write leases (the Role of its leader election). To "
      "free the Lease: kubectl delete lease -n ",
      ref.ns, " ", ref.name);
}

}  // namespace

LeaderLook LookAtLeader(const base::Context& ctx, kube::Client& client,
                        const Json& deployment, absl::Time now) {
  if (!wandb::ReadOperatorDeployment(deployment).elects_leader) return {};
  const std::string ns = kube::NamespaceOf(deployment);
  const kube::ObjectRef ref = LeaseRef(ns);
  const auto lease = client.Get(ctx, ref);
  if (absl::IsPermissionDenied(lease.status())) {
    return {.unseen = absl::StrCat(
                "Whether another manager works in its place cannot be told: ",
                Named(ref), " may not be read. ",
                RuleText({.verb = "get",
                          .group = ref.group,
                          .resource = ref.resource,
                          .ns = ns},
                         {ref.name}))};
  }
  if (!lease.ok()) return {};
  const std::string pod = PodOf(TextAt(*lease, "holderIdentity"));
  if (pod.empty()) return {};
  const std::string name = kube::NameOf(deployment);
  const std::string what = kube::Describe(kube::DeploymentRef(ns, name));
  const auto there = client.Get(ctx, kube::ObjectIn(kube::PodsIn(ns), pod));
  if (!there.ok() && !absl::IsNotFound(there.status())) return {};
  const bool own = IsNamedBy(pod, name);
  if (own && there.ok()) return {};
  const std::string held = HeldBy(ref, *lease);
  if (now - TimeOf(TextAt(*lease, "renewTime")) > kRunOut) {
    const bool idle = RanLong(ctx, client, kube::DeploymentRef(ns, name), now);
    return {.held = idle ? Left(ref, held, what) : ""};
  }
  if (own) return {};
  return {.held = absl::StrCat(
              held,
              there.ok() ? ": a pod that is not of "
                         : ": no pod of the namespace is called so, and it is "
                           "none of ",
              what,
              ". Only the holder acts on instances, and the managers of this "
              "Deployment wait until it is gone. ",
              there.ok() ? "Two operators in one namespace share the Lease: "
                           "uninstall one of them, or give it a namespace of "
                           "its own."
                         : "Find out where that manager runs, and stop it.")};
}

}  // namespace resources
