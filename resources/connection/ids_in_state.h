// The ids of resources of one type, and the uids of their objects, that this
// process has seen in the state, by a refresh or as what a plan starts from.
// Core plans the replacement of a tainted object as a create and does not say
// that there is an old one, and a plan that destroys several resources does not
// say which; but it has read them before. Another object of the same name is
// told by its uid. Thread-safe.
#pragma once

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "provider/tf/attr.h"

namespace resources {

class IdsInState {
 public:
  // Nothing to note of an id that is not known.
  void Note(const tf::Attr<std::string>& id) {
    if (!id.IsKnown()) return;
    absl::MutexLock lock(&mutex_);
    ids_.insert(id.value());
  }
  bool Has(const std::string& id) const {
    absl::MutexLock lock(&mutex_);
    return ids_.count(id) > 0;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> ids_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace resources
