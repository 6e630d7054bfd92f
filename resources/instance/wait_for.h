// What the wait for an instance waits for: attribute wait_for.
#pragma once

#include "provider/tf/binding.h"

namespace resources {

struct WaitForModel {
  tf::Attr<bool> operator_rollout, workloads, url;

  static const tf::Bindings<WaitForModel>& Fields();
};

// With the defaults; what is unknown counts as absent. That the operator has
// applied the specification is always waited for.
struct WaitFor {
  bool operator_rollout = true;
  bool workloads = true;
  bool url = false;

  static WaitFor Of(const tf::Attr<WaitForModel>& wait_for);
  // Whether this asks for something that `before` did not.
  bool AsksMoreThan(const WaitFor& before) const;
};

}  // namespace resources
