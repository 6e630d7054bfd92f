// What an apply is waiting for, for whoever reads the log.
#pragma once

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace resources {

// Of one wait, on one thread.
class WaitProgress {
 public:
  // `instance` is "namespace/name".
  explicit WaitProgress(std::string instance)
      : instance_(std::move(instance)) {}

  // Writes "waiting for `what`" and `seen`, counts without names, at INFO: when
  // `what` is new, and then every ten seconds.
  void Say(absl::string_view what, absl::string_view seen);

 private:
  const std::string instance_;
  std::string what_;
  absl::Time next_ = absl::InfinitePast();
};

}  // namespace resources
