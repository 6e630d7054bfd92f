// The secrets that this process has met, so that nothing that leaves it repeats
// them: its own credentials, those of configurations, and those of the objects
// that it read, which may be another manager's.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/json.h"
#include "base/redact.h"
#include "wandb/chart/mask.h"

namespace resources {

// Thread-safe.
class KnownSecrets {
 public:
  // Values that must not be shown.
  void Add(const std::vector<std::string>& secrets);

  // The secrets of an object of the cluster: of a WeightsAndBiases those of its
  // specification and of what kubectl applied last, by `mask`, and the data of
  // a Secret. Other kinds have none.
  void Learn(const base::Json& object, const wandb::Mask& mask = wandb::Mask());

  // `text` of somebody else, such as a server's message, without any of them; a
  // common word only where it stands as a value, see base::Redactor::Add().
  std::string Redact(absl::string_view text) const;

  // Text that leaves, whoever wrote it, without those that cannot be mistaken
  // for words and paths of our own ("password", "wandb").
  std::string Hide(absl::string_view text) const;

 private:
  struct Redactors {
    base::Redactor all;
    base::Redactor distinctive;
  };
  std::shared_ptr<const Redactors> Current() const ABSL_LOCKS_EXCLUDED(mutex_);

  mutable absl::Mutex mutex_;
  std::set<std::string> secrets_ ABSL_GUARDED_BY(mutex_);
  // Those that `redactors_` do not have yet: most calls show nothing.
  mutable std::vector<std::string> fresh_ ABSL_GUARDED_BY(mutex_);
  mutable std::shared_ptr<const Redactors> redactors_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<const Redactors>();
};

}  // namespace resources
