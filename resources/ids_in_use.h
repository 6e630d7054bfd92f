// The ids that creates and updates of one resource type have used in this
// process: two resources of one configuration that are created at the same time
// see nothing of each other in the cluster. Thread-safe.
#pragma once

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace resources {

class IdsInUse {
 public:
  // False if the id is in use.
  bool Take(const std::string& id) {
    absl::MutexLock lock(&mutex_);
    return ids_.insert(id).second;
  }
  void Release(const std::string& id) {
    absl::MutexLock lock(&mutex_);
    ids_.erase(id);
  }

 private:
  absl::Mutex mutex_;
  std::set<std::string> ids_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace resources
