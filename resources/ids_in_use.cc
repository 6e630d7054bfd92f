#include "resources/ids_in_use.h"

#include "absl/strings/str_cat.h"

namespace resources {

void IdsInUse::NotePlan(const std::string& id, Planned planned,
                        tf::Diagnostics& diags) {
  const Planned other =
      planned == Planned::kCreate ? Planned::kDestroy : Planned::kCreate;
  {
    absl::MutexLock lock(&mutex_);
    planned_[planned].insert(id);
    if (planned_[other].count(id) == 0) return;
  }
  diags.AddWarning(
      absl::StrCat("The ", what_, " ", id,
                   " is planned to be destroyed and to be created"),
      absl::StrCat(
          "One wandb_", what_,
          " goes, and another one has the same namespace and name. If its "
          "block was only renamed, or moved into a module, say so, and nothing "
          "is planned:\n\n  moved {\n    from = wandb_",
          what_, ".OLD\n    to   = wandb_", what_,
          ".NEW\n  }\n\nOtherwise the apply does what comes first: the create "
          "takes over what there is, and nothing is destroyed; or all is "
          "destroyed, and made anew."));
}

bool IdsInUse::Take(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  planned_.clear();  // What is applied is planned no more.
  return ids_.insert(id).second;
}

bool IdsInUse::IsInUse(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  return ids_.count(id) > 0 && deleting_.count(id) == 0;
}

bool IdsInUse::BeginDelete(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  if (taken_over_.count(id) > 0) return false;
  ids_.insert(id);
  deleting_.insert(id);
  return true;
}

void IdsInUse::EndDelete(const std::string& id, bool gone) {
  absl::MutexLock lock(&mutex_);
  deleting_.erase(id);
  if (gone) ids_.erase(id);
}

void IdsInUse::NoteTakenOver(const std::string& id, bool taken_over) {
  if (!taken_over) return;
  absl::MutexLock lock(&mutex_);
  taken_over_.insert(id);
}

void IdsInUse::NoteRead(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  taken_over_.erase(id);
  planned_[Planned::kDestroy].erase(id);
}

void IdsInUse::Release(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  ids_.erase(id);
}

base::Turns& IdsInUse::TurnsOf(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  return turns_[id];
}

void IdsInUse::ReportTwo(const std::string& id, tf::Diagnostics& diags) const {
  diags.AddError(
      "name", absl::StrCat("Two ", what_, "s are called ", id),
      absl::StrCat("Another wandb_", what_,
                   " of this configuration, or of its state, has the same "
                   "namespace and name. Remove one of the two, or give one "
                   "another name or another namespace; where a block was only "
                   "renamed, a moved block says so."));
}

void IdsInUse::ReportTurn(const std::string& id, const absl::Status& ended,
                          tf::Diagnostics& diags) const {
  diags.AddError(absl::StrCat("The ", what_, " ", id, " was not changed"),
                 absl::StrCat("It waited for another resource with the same "
                              "namespace and name: ",
                              ended.message(), ". Apply again."));
}

void IdsInUse::WarnOfTakenOver(const std::string& id,
                               tf::Diagnostics& diags) const {
  diags.AddWarning(
      absl::StrCat("The ", what_, " ", id, " was not destroyed"),
      absl::StrCat(
          "A create of this apply has the same namespace and name, and took "
          "over what was there: create_before_destroy made the new one first, "
          "or a block was renamed without a moved block. To destroy the old "
          "one would have destroyed that, so nothing was deleted. To replace "
          "it, take create_before_destroy away (of this resource, and of those "
          "that depend on it), or give it another name."));
}

}  // namespace resources
