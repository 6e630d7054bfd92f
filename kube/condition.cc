#include "kube/condition.h"

namespace kube {

std::string ConditionOf(const base::Json& object, absl::string_view type,
                        absl::string_view field) {
  for (const base::Json& condition :
       base::ListAt(object, "/status/conditions")) {
    if (base::StringAt(condition, "/type") == type) {
      return base::StringAt(condition, field).value_or("");
    }
  }
  return "";
}

}  // namespace kube
