// What an object's status says in its conditions (Kubernetes API conventions,
// "typical status properties"). Pure.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace kube {

// The text at `field` of the condition `type`; "" if there is none.
std::string ConditionOf(const base::Json& object, absl::string_view type,
                        absl::string_view field = "/status");

inline bool IsTrueCondition(const base::Json& object, absl::string_view type) {
  return ConditionOf(object, type) == "True";
}

}  // namespace kube
