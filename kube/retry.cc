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

// What is left for an attempt that a wait has made late.
constexpr absl::Duration kLeastConnect = absl::Seconds(1);

double Random(const RetryPolicy& policy) {
  if (policy.random) return policy.random();
  thread_local absl::BitGen generator;
  return absl::Uniform(generator, 0.0, 1.0);
}

// "after 3 attempts in 2.5s"; a time that is next to none is left out.
std::string Effort(int attempts, absl::Duration elapsed) {
  const absl::Duration shown = absl::Trunc(elapsed, absl::Milliseconds(100));
  return absl::StrCat("after ", attempts,
                      attempts == 1 ? " attempt" : " attempts",
                      shown > absl::ZeroDuration()
                          ? absl::StrCat(" in ", absl::FormatDuration(shown))
                          : "");
}

// "; before: …" unless the attempt before failed alike.
std::string Before(const absl::Status& last, const absl::Status& status) {
  if (last.ok() || last.message() == status.message()) return "";
  return absl::StrCat("; before: ", last.message());
}

// Whether a server may have obeyed the request that ended so. 429 and 503 say
// that it has not.
bool IsOpen(const absl::Status& status) {
  const int code = HttpCode(status);
  return http::ErrorPhase(status) == http::Phase::kMaybeSent || code == 500 ||
         code == 502 || code == 504;
}

}  // namespace

Backoff::Backoff(RetryPolicy policy) : policy_(std::move(policy)) {}

absl::Duration Backoff::Next(absl::Duration at_least) {
  if (Now() - last_ >= policy_.healthy_after) attempts_ = 0;
  absl::Duration ceiling = policy_.first_delay;
  for (int i = 0; i < attempts_ && ceiling < policy_.max_delay; ++i) {
    ceiling *= policy_.factor;
  }
  ++attempts_;
  ceiling = std::min(ceiling, policy_.max_delay);
  const absl::Duration delay = std::max(at_least, ceiling * Random(policy_));
  last_ = Now() + delay;
  return delay;
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
  // A certificate that is not trusted stays so, and a port without TLS, too.
  if (http::CertificateProblemOf(status).has_value() ||
      http::IsProxyRefusal(status) || http::SpeaksNoTls(status)) {
    return Failure::kFinal;
  }
  if (http::ErrorPhase(status).has_value()) return Failure::kConnection;
  return Failure::kFinal;
}

namespace {

absl::Status Repeat(const base::Context& ctx, const RetryPolicy& policy,
                    const RetryLimits& limits, const Attempt& attempt) {
  Backoff backoff(policy);
  const absl::Time start = backoff.Now();
  absl::Time unanswered = start;  // Since then.
  absl::Status last;              // Of the previous attempt.
  for (int attempts = 1;; ++attempts) {
    const bool limited = !limits.contacted || !limits.contacted();
    const absl::Duration connect_limit =
        limited ? std::max(kLeastConnect,
                           unanswered + limits.connection_limit - backoff.Now())
                : absl::InfiniteDuration();
    absl::Status status = attempt(connect_limit);
    if (status.ok() || !ctx.may_retry()) return status;
    const absl::Duration elapsed = backoff.Now() - start;
    const Failure failure = !limits.repeatable && IsOpen(status)
                                ? Failure::kFinal
                                : ClassifyFailure(status);
    if (failure == Failure::kFinal) {
      if (last.ok()) return status;
      // The error before says more than "timed out".
      return WithNote(
          status, status.code(),
          absl::StrCat(Effort(attempts, elapsed), Before(last, status)));
    }
    const absl::Duration delay = backoff.Next(RetryAfter(status));
    const bool hopeless =
        delay >= ctx.deadline() - backoff.Now() ||
        (failure == Failure::kConnection && limited &&
         backoff.Now() - unanswered + delay >= limits.connection_limit &&
         !(limits.contacted && limits.contacted()));
    if (hopeless) {
      return WithNote(
          status, status.code(),
          absl::StrCat(Effort(attempts, elapsed), Before(last, status)));
    }
    if (absl::Status ended = backoff.Sleep(ctx, delay); !ended.ok()) {
      return WithNote(status, ended.code(),
                      absl::StrCat(ended.message(), " ",
                                   Effort(attempts, backoff.Now() - start)));
    }
    if (failure == Failure::kReply) unanswered = backoff.Now();
    last = std::move(status);
  }
}

}  // namespace

absl::Status RunWithRetries(const base::Context& ctx, const RetryPolicy& policy,
                            const RetryLimits& limits, const Attempt& attempt) {
  bool open = false;
  absl::Status status =
      Repeat(ctx, policy, limits, [&](absl::Duration connect_limit) {
        absl::Status one = attempt(connect_limit);
        // The end of `ctx` breaks off what is under way, and says no more.
        const bool cut = !one.ok() && HttpCode(one) == 0 &&
                         !http::ErrorPhase(one).has_value() &&
                         !ctx.Check().ok();
        open = open || cut || IsOpen(one);
        return one;
      });
  if (open && !status.ok()) NoteMayBeObeyed(status);
  return status;
}

}  // namespace kube
