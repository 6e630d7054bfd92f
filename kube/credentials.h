// The headers that say who asks. Internal to kube/.
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/http/transport.h"
#include "kube/config.h"

namespace kube {

// Thread-safe.
class Credentials {
 public:
  // `config` must outlive it.
  explicit Credentials(const Config& config) : config_(config) {}

  // Authorization and impersonation. Nothing over plain http: whoever listens
  // on the way must not learn who we are. A token file is read again once a
  // minute; kUnauthenticated when it never gave a token.
  absl::StatusOr<http::Headers> Headers() ABSL_LOCKS_EXCLUDED(mutex_);

  // After a 401: true when there are other credentials to try.
  bool Refresh() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<std::string> Authorization() ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadTokenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Config& config_;
  absl::Mutex mutex_;
  std::string file_token_ ABSL_GUARDED_BY(mutex_);
  absl::Time file_token_read_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace kube
