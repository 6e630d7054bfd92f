// Part of every program of the tsan preset.
//
// The distribution's Abseil is not built for ThreadSanitizer, which therefore
// does not see that an absl::Mutex orders what threads do, and reports races
// where there are none. The dynamic linker takes the definitions below instead
// of the library's, for our own code and for libraries like gRPC; they tell the
// sanitizer and call the library.
//
// Not compiled with -fsanitize=thread itself.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/base/config.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace {

#define TFW_TEXT_OF(x) #x
#define TFW_TEXT(x) TFW_TEXT_OF(x)

// The library's own function. `rest` is its name as the Itanium C++ ABI writes
// it, after the namespace.
template <typename Function>
Function* Real(const char* rest, const char* prefix = "_ZN") {
  std::string name = std::string(prefix) + "4absl";
#if ABSL_OPTION_USE_INLINE_NAMESPACE
  const std::string version = TFW_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME);
  name += std::to_string(version.size()) + version;
#endif
  name += rest;
  void* found = dlsym(RTLD_NEXT, name.c_str());
  if (found == nullptr) {
    std::fprintf(stderr, "tsan_mutex.cc: no %s in Abseil\n", name.c_str());
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

void Acquired(const void* object) { __tsan_acquire(const_cast<void*>(object)); }
void Releases(const void* object) { __tsan_release(const_cast<void*>(object)); }

// Who unlocks a mutex evaluates the conditions of those who wait for it: still
// under the lock, but after its end was announced below. This says so of every
// evaluation, since conditions read variables of the one who waits.
class Watched {
 public:
  Watched(const absl::Mutex* mutex, const absl::Condition& condition)
      : mutex_(mutex), condition_(condition) {}

  bool operator()() const {
    Acquired(mutex_);
    const bool met = condition_.Eval();
    Releases(mutex_);
    return met;
  }

 private:
  const absl::Mutex* mutex_;
  const absl::Condition& condition_;
};

}  // namespace

// Read by the sanitizer when it starts. Only what it cannot know is listed,
// since libraries are not built for it; never our own code.
extern "C" const char* __tsan_default_suppressions() {
  return
      // They copy memory that their own locks protect: spin locks and atomics,
      // which the sanitizer cannot see in them.
      "called_from_lib:libabsl_graphcycles_internal.so\n"
      "called_from_lib:libabsl_random_internal_pool_urbg.so\n"
      "called_from_lib:libabsl_time_zone.so\n"
      "called_from_lib:libcrypto.so\n"
      "called_from_lib:libssl.so\n";
}

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static auto* const kReal = Real<void(Mutex*)>("5Mutex4LockEv");
  kReal(this);
  Acquired(this);
}

bool Mutex::TryLock() {
  static auto* const kReal = Real<bool(Mutex*)>("5Mutex7TryLockEv");
  const bool locked = kReal(this);
  if (locked) Acquired(this);
  return locked;
}

void Mutex::Unlock() {
  static auto* const kReal = Real<void(Mutex*)>("5Mutex6UnlockEv");
  Releases(this);
  kReal(this);
}

void Mutex::ReaderLock() {
  static auto* const kReal = Real<void(Mutex*)>("5Mutex10ReaderLockEv");
  kReal(this);
  Acquired(this);
}

void Mutex::ReaderUnlock() {
  static auto* const kReal = Real<void(Mutex*)>("5Mutex12ReaderUnlockEv");
  Releases(this);
  kReal(this);
}

void Mutex::Await(const Condition& condition) {
  static auto* const kReal =
      Real<void(Mutex*, const Condition&)>("5Mutex5AwaitERKNS0_9ConditionE");
  const Watched watched(this, condition);
  Releases(this);
  kReal(this, Condition(&watched));
  Acquired(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const kReal = Real<bool(Mutex*, const Condition&, Duration)>(
      "5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  const Watched watched(this, condition);
  Releases(this);
  const bool met = kReal(this, Condition(&watched), timeout);
  Acquired(this);
  return met;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static auto* const kReal = Real<bool(Mutex*, const Condition&, Time)>(
      "5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  const Watched watched(this, condition);
  Releases(this);
  const bool met = kReal(this, Condition(&watched), deadline);
  Acquired(this);
  return met;
}

void Mutex::LockWhen(const Condition& condition) {
  static auto* const kReal =
      Real<void(Mutex*, const Condition&)>("5Mutex8LockWhenERKNS0_9ConditionE");
  const Watched watched(this, condition);
  kReal(this, Condition(&watched));
  Acquired(this);
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const kReal =
      Real<void(CondVar*, Mutex*)>("7CondVar4WaitEPNS0_5MutexE");
  Releases(mutex);
  kReal(this, mutex);
  Acquired(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const kReal = Real<bool(CondVar*, Mutex*, Duration)>(
      "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  Releases(mutex);
  const bool timed_out = kReal(this, mutex, timeout);
  Acquired(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const kReal = Real<bool(CondVar*, Mutex*, Time)>(
      "7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  Releases(mutex);
  const bool timed_out = kReal(this, mutex, deadline);
  Acquired(mutex);
  return timed_out;
}

void Notification::Notify() {
  static auto* const kReal =
      Real<void(Notification*)>("12Notification6NotifyEv");
  Releases(this);
  kReal(this);
}

void Notification::WaitForNotification() const {
  static auto* const kReal = Real<void(const Notification*)>(
      "12Notification19WaitForNotificationEv", "_ZNK");
  kReal(this);
  Acquired(this);
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const kReal = Real<bool(const Notification*, Duration)>(
      "12Notification30WaitForNotificationWithTimeoutENS0_8DurationE", "_ZNK");
  const bool notified = kReal(this, timeout);
  if (notified) Acquired(this);
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
