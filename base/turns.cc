#include "base/turns.h"

#include <utility>

#include "base/status_macros.h"

namespace base {

Turns::Turn::Turn(Turn&& other) noexcept
    : of_(std::exchange(other.of_, nullptr)) {}

Turns::Turn::~Turn() {
  if (of_ == nullptr) return;
  absl::MutexLock lock(&of_->mutex_);
  of_->taken_ = false;
}

absl::StatusOr<Turns::Turn> Turns::Take(const Context& ctx) {
  bool stopped = false;
  // Taken back without the lock, which a callback that runs may wait for.
  const StopCallback on_stop = ctx.OnStop([this, &stopped] {
    absl::MutexLock lock(&mutex_);
    stopped = true;
  });
  {
    absl::MutexLock lock(&mutex_);
    const auto over = [this, &stopped]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !taken_ || stopped;
    };
    const bool in_time =
        mutex_.AwaitWithDeadline(absl::Condition(&over), ctx.deadline());
    if (in_time && !stopped) {
      taken_ = true;
      return Turn(this);
    }
  }
  RETURN_IF_ERROR(ctx.Check());
  return absl::DeadlineExceededError("timed out");
}

}  // namespace base
