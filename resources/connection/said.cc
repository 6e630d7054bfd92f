#include "resources/connection/said.h"

namespace resources {

bool Said::First(absl::string_view what) {
  absl::MutexLock lock(&mutex_);
  return said_.emplace(what).second;
}

void Said::Clear() {
  absl::MutexLock lock(&mutex_);
  said_.clear();
}

}  // namespace resources
