// The custom resource that a wait is about.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace resources {

struct WrittenObject {
  std::string uid;
  // The server's time of our last write: older failures do not count.
  absl::Time time;
  // Of this run; otherwise the operator saw it before, and may be done with it.
  bool is_new = true;
  // Who makes the operator look again, where it would not soon.
  std::string field_manager;
};

}  // namespace resources
