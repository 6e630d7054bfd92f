#include "base/context.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace base {

class StopState {
 public:
  // Callbacks run without the lock: they may take locks under which others look
  // at the stop. A registration's end waits for its own callback.
  void Stop() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    stopped_ = true;
    while (!callbacks_.empty()) {
      const auto first = callbacks_.begin();
      running_ = first->first;
      const std::function<void()> callback = std::move(first->second);
      callbacks_.erase(first);
      mutex_.Unlock();
      callback();
      mutex_.Lock();
      running_ = 0;
    }
  }

  bool stopped() const {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  void AwaitStop(absl::Time until) const {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithDeadline(absl::Condition(&stopped_), until);
  }

  // 0 where the stop came before: then it has run.
  int Add(std::function<void()> callback) {
    {
      absl::MutexLock lock(&mutex_);
      if (!stopped_) {
        callbacks_.emplace(++last_id_, std::move(callback));
        return last_id_;
      }
    }
    callback();
    return 0;
  }

  void Remove(int id) {
    if (id == 0) return;
    absl::MutexLock lock(&mutex_);
    callbacks_.erase(id);
    const auto over = [this, id]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return running_ != id;
    };
    mutex_.Await(absl::Condition(&over));
  }

 private:
  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // The callback that does; 0: none.
  std::map<int, std::function<void()>> callbacks_ ABSL_GUARDED_BY(mutex_);
};

StopCallback::StopCallback(std::shared_ptr<StopState> state, int id)
    : state_(std::move(state)), id_(id) {}

StopCallback::StopCallback(StopCallback&& other) noexcept
    : state_(std::move(other.state_)), id_(other.id_) {}

StopCallback& StopCallback::operator=(StopCallback&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(id_, other.id_);
  return *this;
}

StopCallback::~StopCallback() {
  if (state_ != nullptr) state_->Remove(id_);
}

Context Context::WithTimeout(absl::Duration timeout) const {
  return WithDeadline(absl::Now() + timeout);
}

Context Context::WithDeadline(absl::Time deadline) const {
  Context derived = *this;
  derived.deadline_ = std::min(deadline_, deadline);
  return derived;
}

Context Context::WithoutDeadline() const {
  Context derived = *this;
  derived.deadline_ = absl::InfiniteFuture();
  return derived;
}

Context Context::WithoutStop() const {
  Context derived = *this;
  derived.stop_ = nullptr;
  return derived;
}

Context Context::WithoutRetries() const {
  Context derived = *this;
  derived.may_retry_ = false;
  return derived;
}

absl::Duration Context::remaining() const { return deadline_ - absl::Now(); }

absl::Status Context::Check() const {
  if (stop_ != nullptr && stop_->stopped()) {
    return absl::CancelledError("interrupted");
  }
  if (absl::Now() >= deadline_) {
    return absl::DeadlineExceededError("timed out");
  }
  return absl::OkStatus();
}

absl::Status Context::SleepFor(absl::Duration duration) const {
  const absl::Time until = std::min(absl::Now() + duration, deadline_);
  if (stop_ != nullptr) {
    stop_->AwaitStop(until);
  } else {
    absl::SleepFor(until - absl::Now());
  }
  return Check();
}

StopCallback Context::OnStop(std::function<void()> callback) const {
  if (stop_ == nullptr) return StopCallback();
  return StopCallback(stop_, stop_->Add(std::move(callback)));
}

struct StopSource::Guarded {
  absl::Mutex mutex;
  std::shared_ptr<StopState> state ABSL_GUARDED_BY(mutex) =
      std::make_shared<StopState>();
};

StopSource::StopSource() : guarded_(std::make_shared<Guarded>()) {}

void StopSource::Stop() {
  std::shared_ptr<StopState> state;
  {
    absl::MutexLock lock(&guarded_->mutex);
    state = guarded_->state;
  }
  state->Stop();
}

void StopSource::Rearm() {
  absl::MutexLock lock(&guarded_->mutex);
  if (guarded_->state->stopped()) {
    guarded_->state = std::make_shared<StopState>();
  }
}

Context StopSource::context() const {
  absl::MutexLock lock(&guarded_->mutex);
  Context context;
  context.stop_ = guarded_->state;
  return context;
}

}  // namespace base
