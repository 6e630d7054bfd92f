#include "resources/owner.h"

#include <algorithm>

#include "wandb/operator/settings.h"

namespace resources {
namespace {

std::string OwnerPath() {
  return kube::FormatKeyPath(
      {"metadata", "annotations", wandb::kOwnerAnnotation});
}

}  // namespace

std::string OwnerOf(const base::Json& object) {
  const base::Json* annotations = base::Find(object, "/metadata/annotations");
  if (annotations == nullptr || !annotations->is_object()) return "";
  const auto it = annotations->find(wandb::kOwnerAnnotation);
  return it != annotations->end() && it->is_string() ? it->get<std::string>()
                                                     : "";
}

std::vector<std::string> ManagersNamingOwner(const base::Json& object) {
  return kube::AppliersOf(object, OwnerPath());
}

bool AppliedOwnerOnly(const kube::ManagerEntry& entry) {
  if (entry.operation != "Apply" || !entry.subresource.empty()) return false;
  std::vector<std::string> paths = kube::PathsOfFields(entry.fields);
  // The API server gives who makes a namespace this label of its own, too.
  paths.erase(std::remove(paths.begin(), paths.end(),
                          kube::FormatKeyPath({"metadata", "labels",
                                               "kubernetes.io/metadata.name"})),
              paths.end());
  return paths == std::vector<std::string>{OwnerPath()};
}

base::Json WithoutOwner(base::Json object) {
  if (OwnerOf(object).empty()) return object;
  base::Json& annotations = object["metadata"]["annotations"];
  annotations.erase(wandb::kOwnerAnnotation);
  if (annotations.empty()) object["metadata"].erase("annotations");
  return object;
}

}  // namespace resources
