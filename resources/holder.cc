#include "resources/holder.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kube/managed_fields.h"
#include "resources/helm_release.h"

namespace resources {

std::string MadeBySomebody(const base::Json& live) {
  std::set<std::string> managers;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.subresource.empty()) {
      managers.insert(absl::StrCat("\"", entry.manager, "\""));
    }
  }
  return managers.empty()
             ? "made by somebody else"
             : absl::StrCat("made by somebody else (field manager ",
                            absl::StrJoin(managers, ", "), ")");
}

std::string HelmOwnerOf(const base::Json& live) {
  const auto helm = HelmReleaseOf(live);
  if (!helm.has_value()) return "";
  return absl::StrCat(
      "Helm release \"", helm->name, "\"",
      helm->ns.empty() ? "" : absl::StrCat(" in namespace \"", helm->ns, "\""));
}

Holder HolderOf(const base::Json& live, absl::string_view manager) {
  if (const std::string helm = HelmOwnerOf(live); !helm.empty()) {
    return {absl::StrCat("belongs to ", helm), true};
  }
  std::set<std::string> appliers;
  for (const kube::ManagerEntry& entry : kube::ManagersOf(live)) {
    if (entry.operation != "Apply" || !entry.subresource.empty()) continue;
    if (entry.manager == manager) {
      return {"belongs to another state, or another resource, of this provider",
              true};
    }
    appliers.insert(absl::StrCat("\"", entry.manager, "\""));
  }
  if (appliers.empty()) return {MadeBySomebody(live), false};
  return {absl::StrCat("belongs to the field manager that applies it, ",
                       absl::StrJoin(appliers, " and ")),
          true};
}

std::string RemovedBlock(absl::string_view type) {
  return absl::StrCat("removed {\n  from = ", type,
                      ".NAME\n  lifecycle {\n    destroy = false\n  }\n}");
}

}  // namespace resources
