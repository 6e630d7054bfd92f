// A FakeClient whose n-th write goes wrong: for tests of what is left behind.
#pragma once

#include <map>
#include <string>

#include "absl/synchronization/mutex.h"
#include "tests/support/fake_client.h"

namespace support {

class FaultyClient final : public FakeClient {
 public:
  enum class Fault {
    kRefused,  // Not done, and the server says so.
    kLost,     // Done, and the answer does not come.
    kStopped,  // Not done, because the user ended the run.
  };

  // The n-th write from now on goes wrong (0: none); dry runs are no writes.
  void FailWrite(int n, Fault fault) {
    absl::MutexLock lock(&mutex_);
    writes_ = 0;
    failing_ = n;
    fault_ = fault;
  }
  // Since the last FailWrite().
  int writes() const {
    absl::MutexLock lock(&mutex_);
    return writes_;
  }

  absl::StatusOr<kube::Applied> Apply(
      const base::Context& ctx, const kube::ObjectRef& ref,
      const base::Json& body, const kube::ApplyOptions& options) override {
    if (options.dry_run) return FakeClient::Apply(ctx, ref, body, options);
    int number = 0;
    const absl::Status before = Before(number);
    if (!before.ok()) return before;
    auto result = FakeClient::Apply(ctx, ref, body, options);
    const absl::Status after = After(number);
    if (!after.ok()) return after;
    return result;
  }

  absl::StatusOr<base::Json> Patch(const base::Context& ctx,
                                   const kube::ObjectRef& ref,
                                   const base::Json& patch,
                                   const kube::PatchOptions& options) override {
    if (options.dry_run) return FakeClient::Patch(ctx, ref, patch, options);
    int number = 0;
    const absl::Status before = Before(number);
    if (!before.ok()) return before;
    auto result = FakeClient::Patch(ctx, ref, patch, options);
    const absl::Status after = After(number);
    if (!after.ok()) return after;
    return result;
  }

  absl::Status Delete(const base::Context& ctx, const kube::ObjectRef& ref,
                      const kube::DeleteOptions& options) override {
    if (options.dry_run) return FakeClient::Delete(ctx, ref, options);
    int number = 0;
    const absl::Status before = Before(number);
    if (!before.ok()) return before;
    const absl::Status result = FakeClient::Delete(ctx, ref, options);
    const absl::Status after = After(number);
    return after.ok() ? result : after;
  }

 private:
  // Counts a write, which others may be made beside; an error is its end.
  absl::Status Before(int& number) {
    absl::MutexLock lock(&mutex_);
    number = ++writes_;
    if (number != failing_) return absl::OkStatus();
    switch (fault_) {
      case Fault::kRefused:
        return absl::PermissionDeniedError("refused for the test");
      case Fault::kStopped:
        return absl::CancelledError("stopped for the test");
      case Fault::kLost:
        break;
    }
    return absl::OkStatus();
  }
  absl::Status After(int number) const {
    absl::MutexLock lock(&mutex_);
    return number == failing_ && fault_ == Fault::kLost
               ? absl::UnavailableError("lost for the test")
               : absl::OkStatus();
  }

  mutable absl::Mutex mutex_;
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
  int failing_ ABSL_GUARDED_BY(mutex_) = 0;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kRefused;
};

}  // namespace support
