#include "kube/retry.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/http/transport.h"
#include "base/status_macros.h"
#include "kube/status.h"

namespace kube {
namespace {

double Random(const RetryPolicy& policy) {
  if (policy.random) return policy.random();
  thread_local absl::BitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

std::string Effort(int attempts, absl::Duration elapsed) {
  return absl::StrCat(
      "after ", attempts, " attempts in ",
      absl::FormatDuration(absl::Trunc(elapsed, absl::Milliseconds(100))));
}

// `status` with a note behind its message; payloads are kept.
absl::Status WithNote(const absl::Status& status, absl::StatusCode code,
                      absl::string_view note) {
  absl::Status noted(code, absl::StrCat(status.message(), " (", note, ")"));
  status.ForEachPayload(
      [&noted](absl::string_view type, const absl::Cord& payload) {
        noted.SetPayload(type, payload);
      });
  return noted;
}

}  // namespace

Backoff::Backoff(RetryPolicy policy) : policy_(std::move(policy)) {}

absl::Duration Backoff::Next(absl::Duration at_least) {
  absl::Duration ceiling = policy_.first_delay;
  for (int i = 0; i < attempts_ && ceiling < policy_.max_delay; ++i) {
    ceiling *= policy_.factor;
  }
  ++attempts_;
  ceiling = std::min(ceiling, policy_.max_delay);
  return std::max(at_least, ceiling * Random(policy_));
}

absl::Status Backoff::Sleep(const base::Context& ctx,
                            absl::Duration duration) const {
  return policy_.sleep ? policy_.sleep(ctx, duration) : ctx.SleepFor(duration);
}

absl::Time Backoff::Now() const {
  return policy_.now ? policy_.now() : absl::Now();
}

Failure ClassifyFailure(const absl::Status& status) {
  if (IsTransientReply(status)) return Failure::kReply;
  // A certificate that is not trusted stays so.
  if (http::CertificateProblemOf(status).has_value() ||
      http::IsProxyRefusal(status)) {
    return Failure::kFinal;
  }
  if (http::ErrorPhase(status).has_value()) return Failure::kConnection;
  return Failure::kFinal;
}

absl::Status RunWithRetries(const base::Context& ctx, const RetryPolicy& policy,
                            const RetryLimits& limits, const Attempt& attempt) {
  Backoff backoff(policy);
  const absl::Time start = backoff.Now();
  absl::Status last;  // Of the previous attempt.
  for (int attempts = 1;; ++attempts) {
    const bool limited = !limits.contacted || !limits.contacted();
    const absl::Duration connect_limit =
        limited ? start + limits.connection_limit - backoff.Now()
                : absl::InfiniteDuration();
    absl::Status status = attempt(connect_limit);
    if (status.ok()) return status;
    const absl::Duration elapsed = backoff.Now() - start;
    const Failure failure = ClassifyFailure(status);
    if (failure == Failure::kFinal) {
      if (last.ok()) return status;
      // The error before says more than "timed out".
      return WithNote(status, status.code(),
                      absl::StrCat(Effort(attempts, elapsed),
                                   "; before: ", last.message()));
    }
    const absl::Duration delay = backoff.Next(RetryAfter(status));
    const bool hopeless = delay >= ctx.deadline() - backoff.Now() ||
                          (failure == Failure::kConnection && limited &&
                           elapsed + delay >= limits.connection_limit &&
                           !(limits.contacted && limits.contacted()));
    if (hopeless) {
      return WithNote(status, status.code(), Effort(attempts, elapsed));
    }
    if (absl::Status ended = backoff.Sleep(ctx, delay); !ended.ok()) {
      return WithNote(status, ended.code(),
                      absl::StrCat(ended.message(), " ",
                                   Effort(attempts, backoff.Now() - start)));
    }
    last = std::move(status);
  }
}

}  // namespace kube
