// A lock for what takes as long as a server does: whoever waits for it goes on
// waiting only while its Context lasts.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/context.h"

namespace base {

// Thread-safe; outlives its turns.
class Turns {
 public:
  // Nobody else has one until it is destroyed.
  class Turn {
   public:
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    friend class Turns;
    explicit Turn(Turns* of) : of_(of) {}

    Turns* of_;  // Null once moved from.
  };

  // Blocks until nobody has a turn. An error is that of `ctx`, which ended.
  absl::StatusOr<Turn> Take(const Context& ctx);

 private:
  absl::Mutex mutex_;
  bool taken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace base
