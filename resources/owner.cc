#include "resources/owner.h"

#include "wandb/operator_settings.h"

namespace resources {

std::string OwnerOf(const base::Json& object) {
  const base::Json* annotations = base::Find(object, "/metadata/annotations");
  if (annotations == nullptr || !annotations->is_object()) return "";
  const auto it = annotations->find(wandb::kOwnerAnnotation);
  return it != annotations->end() && it->is_string() ? it->get<std::string>()
                                                     : "";
}

base::Json WithoutOwner(base::Json object) {
  if (OwnerOf(object).empty()) return object;
  base::Json& annotations = object["metadata"]["annotations"];
  annotations.erase(wandb::kOwnerAnnotation);
  if (annotations.empty()) object["metadata"].erase("annotations");
  return object;
}

}  // namespace resources
