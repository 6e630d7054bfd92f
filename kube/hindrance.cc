#include "kube/hindrance.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "kube/claim.h"
#include "kube/condition.h"
#include "kube/object_ref.h"
#include "kube/workload_pods.h"

namespace kube {
namespace {

using base::Json;
using Kind = Hindrance::Kind;

std::string Text(const Json& json, const char* pointer) {
  return base::StringAt(json, pointer).value_or("");
}

std::string Quoted(const std::string& kind, const std::string& name) {
  return absl::StrCat(kind, " \"", name, "\"");
}

void FindInPod(const Json& pod, std::vector<Hindrance>& found) {
  for (const Json& status : ContainerStatusesOf(pod)) {
    const std::string reason = Text(status, "/state/waiting/reason");
    const bool image = reason == "InvalidImageName";
    if (!image && reason != "CreateContainerConfigError") continue;
    found.push_back(
        {image ? Kind::kImageName : Kind::kConfiguration,
         absl::StrCat(Quoted("Pod", NameOf(pod)), ": container ",
                      Text(status, "/name")),
         absl::StrCat(reason, ": ", Text(status, "/state/waiting/message"))});
  }
}

// A Deployment has a condition. Others only have events, which stay; they count
// while pods are missing.
void FindRefusal(const base::Context& ctx, Client& client, const Json& workload,
                 size_t pods, std::vector<Hindrance>& found) {
  const std::string object = Quoted(KindOf(workload), NameOf(workload));
  if (IsTrueCondition(workload, "ReplicaFailure")) {
    found.push_back({Kind::kRefused, object,
                     ConditionOf(workload, "ReplicaFailure", "/message")});
  }
  if (KindOf(workload) != "StatefulSet" ||
      static_cast<int64_t>(pods) >=
          base::IntAt(workload, "/spec/replicas").value_or(1)) {
    return;
  }
  const auto events =
      client.List(ctx, EventsIn(NamespaceOf(workload)),
                  {.field_selector = absl::StrCat(
                       "reason=FailedCreate,involvedObject.kind=StatefulSet,"
                       "involvedObject.name=",
                       NameOf(workload))});
  if (!events.ok()) return;
  for (const Json& event : events->items) {
    if (Text(event, "/involvedObject/uid") != UidOf(workload)) continue;
    found.push_back({Kind::kRefused, object, Text(event, "/message")});
    return;
  }
}

}  // namespace

std::vector<Hindrance> FindHindrances(const base::Context& ctx, Client& client,
                                      const Json& workload) {
  std::vector<Hindrance> found;
  const auto pods = ListPodsOf(ctx, client, workload);
  if (!pods.ok()) return found;
  StorageClasses classes;
  size_t there = 0;
  for (const Json& pod : *pods) {
    if (IsTerminating(pod)) continue;
    ++there;
    if (IsPodWell(pod)) continue;
    FindInPod(pod, found);
    // Where it has a node, its claims are bound.
    if (!Text(pod, "/spec/nodeName").empty()) continue;
    for (const PendingClaim& claim :
         PendingClaimsOf(ctx, client, pod, classes)) {
      if (!claim.lacks_class) continue;
      found.push_back({Kind::kStorageClass,
                       Quoted("PersistentVolumeClaim", claim.name),
                       claim.reason});
    }
  }
  FindRefusal(ctx, client, workload, there, found);
  return found;
}

}  // namespace kube
