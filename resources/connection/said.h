// Which warnings one walk has given already. What is wrong with the connection,
// or with the cluster, is met by the refresh, the plan and the apply of each
// resource, and needs to be said by the first of them alone. Core starts a
// process for each walk, so a plan and the apply of it say it once each.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "kube/object_ref.h"

namespace resources {

// Thread-safe.
class Said {
 public:
  // Whether it is the first time that `what` is said. It has to name the object
  // that it is about, if there is one.
  bool First(absl::string_view what);

  // Another walk begins.
  void Clear();

 private:
  absl::Mutex mutex_;
  std::set<std::string, std::less<>> said_ ABSL_GUARDED_BY(mutex_);
};

// What an instance says of the operator with this Deployment, which is scaled
// to 0 replicas. The refresh of the operator knows more, and notes it as said.
std::string StoppedOperator(const kube::ObjectRef& deployment);

}  // namespace resources
