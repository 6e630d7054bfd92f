#include "kube/workload_pods.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "kube/condition.h"
#include "kube/object_ref.h"

namespace kube {

using base::Json;

std::string PodSelectorOf(const Json& workload) {
  std::vector<std::string> parts;
  const Json* labels = base::Find(workload, "/spec/selector/matchLabels");
  if (labels != nullptr && labels->is_object()) {
    for (const auto& [key, value] : labels->items()) {
      if (value.is_string()) {
        parts.push_back(absl::StrCat(key, "=", value.get<std::string>()));
      }
    }
  }
  return absl::StrJoin(parts, ",");
}

absl::StatusOr<std::vector<Json>> ListPodsOf(const base::Context& ctx,
                                             Client& client,
                                             const Json& workload) {
  if (KindOf(workload) == "Pod") return std::vector<Json>{workload};
  const std::string selector = PodSelectorOf(workload);
  if (selector.empty()) return std::vector<Json>();
  ASSIGN_OR_RETURN(ObjectList list,
                   client.List(ctx, PodsIn(NamespaceOf(workload)),
                               {.label_selector = selector}));
  return std::move(list.items);
}

bool IsPodWell(const Json& pod) {
  return IsTrueCondition(pod, "Ready") ||
         base::StringAt(pod, "/status/phase") == "Succeeded";
}

std::vector<Json> ContainerStatusesOf(const Json& pod) {
  std::vector<Json> statuses;
  for (const char* pointer :
       {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    for (const Json& status : base::ListAt(pod, pointer)) {
      statuses.push_back(status);
    }
  }
  return statuses;
}

}  // namespace kube
