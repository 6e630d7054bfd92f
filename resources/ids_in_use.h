// The ids that the calls about one resource type use in this process. Two
// resources of one configuration that are created at the same time see nothing
// of each other in the cluster, and what one of them destroys may be what the
// other one has just taken over. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/mutex.h"
#include "base/context.h"
#include "base/turns.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/resource.h"

namespace resources {

class IdsInUse {
 public:
  // Of the type `wandb_<what>`.
  explicit IdsInUse(std::string what) : what_(std::move(what)) {}

  enum class Planned { kCreate, kDestroy };
  // A plan that has both of one id gets a warning: a block was renamed, and
  // nothing says so.
  void NotePlan(const std::string& id, Planned planned, tf::Diagnostics& diags);

  // Runs `apply` with the id of `call` taken: for good if something of it was
  // saved. `apply` returns whether it took over what was there. A create waits
  // for the destroy of its id, and is an error where the id is in use.
  template <typename M>
  void Apply(const base::Context& ctx, const std::string& id,
             tf::ApplyCall<M>& call, const std::function<bool()>& apply) {
    const bool create = !call.prior.has_value();
    bool taken = false;
    const absl::Cleanup release = [&] {
      if (taken && !call.saved.has_value()) Release(id);
    };
    if (!create) {
      Take(id);
      NoteTakenOver(id, apply());
      return;
    }
    if (IsInUse(id)) return ReportTwo(id, call.diags);
    const auto turn = TurnsOf(id).Take(ctx);
    if (!turn.ok()) return ReportTurn(id, turn.status(), call.diags);
    taken = Take(id);
    if (!taken) return ReportTwo(id, call.diags);
    NoteTakenOver(id, apply());
  }

  // Runs `remove`, after a create of the id that is under way, and gives the id
  // back unless that failed. Of an id whose object a create of this run has
  // taken over it is left out, with a warning: the object is the one that is to
  // be destroyed.
  template <typename M>
  void Delete(const base::Context& ctx, const std::string& id,
              tf::DeleteCall<M>& call, const std::function<void()>& remove) {
    const auto turn = TurnsOf(id).Take(ctx);
    if (!turn.ok()) return ReportTurn(id, turn.status(), call.diags);
    if (!BeginDelete(id)) return WarnOfTakenOver(id, call.diags);
    const absl::Cleanup end = [&] { EndDelete(id, !call.diags.HasError()); };
    remove();
  }

  // A refresh begins another run.
  void NoteRead(const std::string& id);
  // There is no object of that id.
  void Release(const std::string& id);

 private:
  // False if the id is in use.
  bool Take(const std::string& id);
  // By anything but a destroy that is under way.
  bool IsInUse(const std::string& id);
  // False if its object was taken over.
  bool BeginDelete(const std::string& id);
  void EndDelete(const std::string& id, bool gone);
  void NoteTakenOver(const std::string& id, bool taken_over);
  base::Turns& TurnsOf(const std::string& id);

  void ReportTwo(const std::string& id, tf::Diagnostics& diags) const;
  void ReportTurn(const std::string& id, const absl::Status& ended,
                  tf::Diagnostics& diags) const;
  void WarnOfTakenOver(const std::string& id, tf::Diagnostics& diags) const;

  const std::string what_;
  absl::Mutex mutex_;
  std::set<std::string> ids_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> deleting_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> taken_over_ ABSL_GUARDED_BY(mutex_);
  std::map<Planned, std::set<std::string>> planned_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, base::Turns> turns_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace resources
