// When a failed attempt is repeated, and after how long. The only place with
// such rules; nothing above may wrap calls in a retry of its own.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/context.h"

namespace kube {

struct RetryPolicy {
  absl::Duration first_delay = absl::Milliseconds(800);
  double factor = 2;
  absl::Duration max_delay = absl::Seconds(30);
  // Delays begin anew after so long without a failure.
  absl::Duration healthy_after = absl::Minutes(2);

  // Tests put a clock and a sleeper here; null for the real ones. The sleeper
  // has the contract of Context::SleepFor().
  std::function<absl::Time()> now;
  std::function<absl::Status(const base::Context&, absl::Duration)> sleep;
  // Uniform in [0, 1).
  std::function<double()> random;
};

// Delays between attempts: `first_delay`, times `factor` each, at most
// `max_delay`, each with full jitter. Not thread-safe.
class Backoff {
 public:
  explicit Backoff(RetryPolicy policy);

  // The next delay, never shorter than `at_least` (a Retry-After).
  absl::Duration Next(absl::Duration at_least = absl::ZeroDuration());

  // Blocks for `duration`, or until `ctx` ends: then its status.
  absl::Status Sleep(const base::Context& ctx, absl::Duration duration) const;
  absl::Time Now() const;

 private:
  RetryPolicy policy_;
  int attempts_ = 0;
  absl::Time last_ = absl::InfinitePast();  // End of the last delay.
};

// Why an attempt failed, as far as retrying is concerned.
enum class Failure {
  kFinal,       // Repeating cannot help.
  kReply,       // The server answered and may answer otherwise later.
  kConnection,  // No complete answer came.
};
Failure ClassifyFailure(const absl::Status& status);

struct RetryLimits {
  // Connection errors end so long after the call began.
  absl::Duration connection_limit = absl::InfiniteDuration();
  // Asked before each repetition: true once the server is known to answer, and
  // the limit above no longer counts.
  std::function<bool()> contacted;
  // False: the request may do harm when it is obeyed twice, so it ends with the
  // first failure after which it may have been obeyed.
  bool repeatable = true;
};

// One attempt; to get a connection it may take at most `connect_limit`.
using Attempt = std::function<absl::Status(absl::Duration connect_limit)>;

// Runs `attempt` until it succeeds, fails for good, or `ctx` ends; just once if
// `ctx` forbids retries, and then the status is the attempt's own. The last
// status says how many attempts were made, for how long, and what the one
// before said. If the next delay would outlast `ctx`, that is its own status at
// once; if `ctx` ends during an attempt or a delay, the code is that of `ctx`,
// with the last error's text. MayBeObeyed() (status.h) is noted.
absl::Status RunWithRetries(const base::Context& ctx, const RetryPolicy& policy,
                            const RetryLimits& limits, const Attempt& attempt);

}  // namespace kube
