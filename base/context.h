// How long a blocking call may take: a deadline, a stop signal, and whether a
// failed attempt may be repeated.
//
// Every function that blocks takes `const Context&` first. A Context is a cheap
// value; those derived from one StopSource all end when it is stopped, which is
// how StopProvider reaches waits, retries and transfers.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace base {

class StopState;

// Ends its callback's registration when destroyed. Once the destructor has
// returned the callback is not running and will not run.
class StopCallback {
 public:
  StopCallback() = default;
  StopCallback(std::shared_ptr<StopState> state, int id);
  StopCallback(StopCallback&& other) noexcept;
  StopCallback& operator=(StopCallback&& other) noexcept;
  ~StopCallback();

 private:
  std::shared_ptr<StopState> state_;
  int id_ = 0;
};

class Context {
 public:
  // No deadline, never stopped.
  Context() = default;

  // The same stop signal with the earlier of both deadlines.
  Context WithTimeout(absl::Duration timeout) const;
  Context WithDeadline(absl::Time deadline) const;
  // The same stop signal and no deadline: to look around after a timeout.
  Context WithoutDeadline() const;

  // The same deadline and no stop signal: for the little that must be done
  // after a stop, with a short deadline.
  Context WithoutStop() const;

  // The same, of a caller that rather has no answer than a late one: what fails
  // is not tried again.
  Context WithoutRetries() const;
  bool may_retry() const { return may_retry_; }

  // absl::InfiniteFuture() when there is none.
  absl::Time deadline() const { return deadline_; }
  absl::Duration remaining() const;

  // OK while work may go on; kCancelled after a stop, kDeadlineExceeded after
  // the deadline.
  absl::Status Check() const;

  // Blocks for `duration`, or until the Context ends: then Check()'s status.
  absl::Status SleepFor(absl::Duration duration) const;

  // Runs `callback` on the stopping thread when the signal comes, at once if it
  // came already. Keep it short; it must not destroy its own registration.
  [[nodiscard]] StopCallback OnStop(std::function<void()> callback) const;

 private:
  friend class StopSource;
  std::shared_ptr<StopState> stop_;
  absl::Time deadline_ = absl::InfiniteFuture();
  bool may_retry_ = true;
};

// Thread-safe. Stop() ends every Context made since the last Rearm().
class StopSource {
 public:
  StopSource();
  void Stop();
  // Contexts made from now on are not affected by earlier stops.
  void Rearm();
  Context context() const;

 private:
  struct Guarded;
  std::shared_ptr<Guarded> guarded_;
};

}  // namespace base
