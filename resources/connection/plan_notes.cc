#include "resources/connection/plan_notes.h"

#include "absl/strings/str_cat.h"

namespace resources {

PlanNotes::Instances PlanNotes::instances() const {
  absl::MutexLock lock(&mutex_);
  return instances_;
}

PlanNotes::Instances PlanNotes::NoteOperatorGoes(
    const std::string& id, const std::set<std::string>& needing,
    const Instances& before) {
  absl::MutexLock lock(&mutex_);
  Instances found;
  for (const std::string& instance : needing) {
    const auto known = instances_.find(instance);
    if (known == instances_.end()) {
      doomed_[instance] = id;
    } else if (known->second == Plan::kStays || before.count(instance) == 0) {
      found.insert(*known);
    }
  }
  return found;
}

std::set<std::string> PlanNotes::NoteDeploymentGoes(
    const std::string& deployment) {
  absl::MutexLock lock(&mutex_);
  deployments_.insert(deployment);
  return deployments_;
}

std::string PlanNotes::NoteInstance(const std::string& id, Plan plan) {
  absl::MutexLock lock(&mutex_);
  instances_[id] = plan;
  const auto doomed = doomed_.find(id);
  return doomed == doomed_.end() ? "" : doomed->second;
}

std::set<std::string> PlanNotes::NoteOperatorStays(const std::string& id,
                                                   bool anew) {
  absl::MutexLock lock(&mutex_);
  has_operator_ = true;
  std::set<std::string> others = made_;
  others.erase(id);
  if (anew && !id.empty()) made_.insert(id);
  return others;
}

bool PlanNotes::HasOperator() const {
  absl::MutexLock lock(&mutex_);
  return has_operator_;
}

void PlanNotes::NoteAirgapped(const std::string& id, bool airgapped) {
  absl::MutexLock lock(&mutex_);
  airgapped_[id] = airgapped;
}

std::optional<bool> PlanNotes::IsAirgapped(const std::string& id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = airgapped_.find(id);
  return found == airgapped_.end() ? std::nullopt
                                   : std::optional(found->second);
}

void PlanNotes::NoteManagedSpec(const std::string& id, bool takes) {
  absl::MutexLock lock(&mutex_);
  managed_spec_[id] = takes;
}

std::optional<bool> PlanNotes::TakesManagedSpec(const std::string& id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = managed_spec_.find(id);
  return found == managed_spec_.end() ? std::nullopt
                                      : std::optional(found->second);
}

void PlanNotes::Clear() {
  absl::MutexLock lock(&mutex_);
  managed_spec_.clear();
  airgapped_.clear();
  instances_.clear();
  doomed_.clear();
  deployments_.clear();
  made_.clear();
  has_operator_ = false;
}

void WarnOfOperatorThatGoes(const std::string& operator_id,
                            const std::string& instance_id,
                            PlanNotes::Plan plan, tf::Diagnostics& diags) {
  if (plan == PlanNotes::Plan::kStays) {
    diags.AddWarning(
        absl::StrCat("Destroy of operator ", operator_id,
                     " will fail while instance ", instance_id, " exists"),
        "The plan destroys the operator and keeps the instance, which no other "
        "operator runs. Destroy both, or keep both. If the instance is to go "
        "on without an operator, or gets another one later, set force_destroy "
        "= true on the wandb_operator and apply before destroying it.");
    return;
  }
  diags.AddWarning(
      absl::StrCat("Nothing says that instance ", instance_id,
                   " goes before operator ", operator_id),
      "The plan destroys both at the same time, and the destroy of the "
      "operator is refused while the instance exists: then destroy once more. "
      "The order comes from a reference: set operator = wandb_operator.NAME.id "
      "on the wandb_instance, not the id as a text, and apply that before "
      "destroying.");
}

}  // namespace resources
