// What the plans of one walk say of operators, those that go and those that
// come, and of the instances that these run. Core asks for the plan of one
// resource at a time and tells it nothing of the others; but it asks all of
// them in one process, between one ConfigureProvider and the next.
//
// Where an instance refers to its operator (operator = wandb_operator.x.id),
// core has the plan of the instance's destroy answered before it asks for that
// of the operator's. Without that reference (the id as a text) it asks for both
// at once. So an instance whose plan ends after the operator's has begun is
// without order; one whose plan ended before may be either, which nothing
// tells.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "provider/tf/diagnostics.h"

namespace resources {

// Thread-safe. Ids are namespace/name.
class PlanNotes {
 public:
  enum class Plan { kStays, kGoes };
  using Instances = std::map<std::string, Plan>;

  // What is known by now: to be asked where the plan of an operator's destroy
  // begins.
  Instances instances() const;

  // Where that plan ends: `needing` are the instances in the way, `before` is
  // what instances() said. Returns those of them that are known to stay, and
  // those that go in no order. What is not known yet is kept for
  // NoteInstance().
  Instances NoteOperatorGoes(const std::string& id,
                             const std::set<std::string>& needing,
                             const Instances& before);

  // Where the plan of a destroy has looked at its operator's Deployment: that
  // it goes. Returns all that are known to go, this one among them: of several
  // the last one sees the others.
  std::set<std::string> NoteDeploymentGoes(const std::string& deployment);

  // Where the plan of an instance ends. Returns the operator that goes, and
  // whose plan did not know of this instance; or "".
  std::string NoteInstance(const std::string& id, Plan plan);

  // Where the plan of an operator that is not to go begins; "" while its id is
  // not known. `anew`: the plan makes it. Returns the others that the plan
  // makes, as far as theirs have begun.
  std::set<std::string> NoteOperatorStays(const std::string& id, bool anew);
  // Whether any such plan has begun.
  bool HasOperator() const;

  // Whether the operator `id` is going to run air-gapped; nullopt where its
  // plan has not said so, or not yet.
  void NoteAirgapped(const std::string& id, bool airgapped);
  std::optional<bool> IsAirgapped(const std::string& id) const;

  // Whether the operator `id` takes managed specs, as its refresh has seen;
  // nullopt where none has.
  void NoteManagedSpec(const std::string& id, bool takes);
  std::optional<bool> TakesManagedSpec(const std::string& id) const;

  // Another walk begins.
  void Clear();

 private:
  mutable absl::Mutex mutex_;
  Instances instances_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, bool> airgapped_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, bool> managed_spec_ ABSL_GUARDED_BY(mutex_);
  bool has_operator_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> made_ ABSL_GUARDED_BY(mutex_);         // Operators.
  std::set<std::string> deployments_ ABSL_GUARDED_BY(mutex_);  // That go.
  // Operator by the instance that it runs.
  std::map<std::string, std::string> doomed_ ABSL_GUARDED_BY(mutex_);
};

// The warning of the plan of that instance.
void WarnOfOperatorThatGoes(const std::string& operator_id,
                            const std::string& instance_id,
                            PlanNotes::Plan plan, tf::Diagnostics& diags);

}  // namespace resources
