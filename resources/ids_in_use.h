// The ids that creates and updates of one resource type have used in this
// process: two resources of one configuration that are created at the same time
// see nothing of each other in the cluster. Thread-safe.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "provider/tf/resource.h"

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

  // Runs `apply` with the id of `call` taken: for good if something of it was
  // saved. `apply` returns whether it took over what was there. A create of an
  // id that is in use is an error; `what` is the resource's, "instance".
  template <typename M>
  void Apply(absl::string_view what, const std::string& id,
             tf::ApplyCall<M>& call, const std::function<bool()>& apply) {
    const bool create = !call.prior.has_value();
    if (!Take(id) && create) {
      call.diags.AddError(
          "name", absl::StrCat("Two ", what, "s are called ", id),
          absl::StrCat("Another wandb_", what,
                       " of this configuration has the same namespace and "
                       "name. Remove one of the two, or give one another name "
                       "or another namespace."));
      return;
    }
    const absl::Cleanup release = [&] {
      if (create && !call.saved.has_value()) Release(id);
    };
    if (apply()) {
      absl::MutexLock lock(&mutex_);
      taken_over_.insert(id);
    }
  }

  // Runs `remove`, and gives the id back unless that failed. Of an id whose
  // object a create of this run has taken over it is left out, with a warning:
  // the object is the one that is to be destroyed (create_before_destroy).
  template <typename M>
  void Delete(absl::string_view what, const std::string& id,
              tf::DeleteCall<M>& call, const std::function<void()>& remove) {
    if (IsTakenOver(id)) {
      call.diags.AddWarning(
          absl::StrCat("The ", what, " ", id, " was not replaced"),
          "create_before_destroy made the new one first, under the same "
          "namespace and name, and so took over what was there. To destroy the "
          "old one would have destroyed that, so nothing was deleted. To "
          "replace it, take create_before_destroy away (of this resource, and "
          "of those that depend on it), or give it another name.");
      return;
    }
    remove();
    if (!call.diags.HasError()) Release(id);
  }

  // A refresh begins another run.
  void NoteRead(const std::string& id) {
    absl::MutexLock lock(&mutex_);
    taken_over_.erase(id);
  }

 private:
  bool IsTakenOver(const std::string& id) {
    absl::MutexLock lock(&mutex_);
    return taken_over_.count(id) > 0;
  }

  absl::Mutex mutex_;
  std::set<std::string> ids_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> taken_over_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace resources
