#include "kube/retry.h"

#include "base/http/transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/status.h"

namespace kube {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status ReplyOf(int code, std::string retry_after = "") {
  return StatusOfReply({.method = "GET",
                        .path = "/p",
                        .http_code = code,
                        .retry_after = std::move(retry_after)});
}

absl::Status Refused() {
  absl::Status status = absl::UnavailableError("connection refused");
  status.SetPayload("http/phase", absl::Cord("\1"));
  return status;
}

// A policy whose clock moves only when somebody sleeps.
class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    policy_.now = [this] { return now_; };
    policy_.random = [this] { return random_; };
    policy_.sleep = [this](const base::Context&, absl::Duration duration) {
      sleeps_.push_back(duration);
      now_ += duration;
      return sleep_result_;
    };
  }

  // Runs attempts that take `attempt_time` each and give `results` in turn, the
  // last one for ever.
  absl::Status Run(std::vector<absl::Status> results,
                   const RetryLimits& limits = {},
                   absl::Duration attempt_time = absl::ZeroDuration()) {
    return RunWithRetries(ctx_, policy_, limits,
                          [&, i = size_t{0}](absl::Duration limit) mutable {
                            connect_limits_.push_back(limit);
                            now_ += attempt_time;
                            ++attempts_;
                            return results[std::min(i++, results.size() - 1)];
                          });
  }

  absl::Time now_ = absl::Now();
  double random_ = 1;
  RetryPolicy policy_;
  base::Context ctx_;
  absl::Status sleep_result_;
  std::vector<absl::Duration> sleeps_;
  std::vector<absl::Duration> connect_limits_;
  int attempts_ = 0;
};

TEST_F(RetryTest, DelaysDoubleUpToTheCap) {
  const absl::Status busy = ReplyOf(503);
  EXPECT_TRUE(
      Run({busy, busy, busy, busy, busy, busy, busy, busy, absl::OkStatus()})
          .ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(0.8), absl::Seconds(1.6),
                                   absl::Seconds(3.2), absl::Seconds(6.4),
                                   absl::Seconds(12.8), absl::Seconds(25.6),
                                   absl::Seconds(30), absl::Seconds(30)));
}

TEST_F(RetryTest, JitterIsFullButRetryAfterIsTheLeast) {
  random_ = 0.25;
  EXPECT_TRUE(Run({ReplyOf(429), ReplyOf(429, "5"), absl::OkStatus()}).ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(0.2), absl::Seconds(5)));
}

TEST_F(RetryTest, FinalErrorsAreNotRepeated) {
  for (const int code : {400, 401, 403, 404, 405, 409, 413, 415, 422, 500}) {
    attempts_ = 0;
    EXPECT_FALSE(Run({ReplyOf(code)}).ok());
    EXPECT_EQ(attempts_, 1) << code;
  }
  for (const char* reason : {"http/certificate", "http/no-tls"}) {
    absl::Status stays = Refused();
    stays.SetPayload(reason, absl::Cord("1"));
    attempts_ = 0;
    EXPECT_FALSE(Run({stays}).ok());
    EXPECT_EQ(attempts_, 1) << reason;
  }
}

// A write that nobody answered may be there, whatever came after it.
TEST_F(RetryTest, WhatMayHaveBeenObeyedIsNoted) {
  absl::Status lost = Refused();
  lost.SetPayload(
      "http/phase",
      absl::Cord(std::string(1, static_cast<char>(http::Phase::kMaybeSent))));
  EXPECT_TRUE(MayBeObeyed(Run({lost, ReplyOf(403)})));
  EXPECT_TRUE(MayBeObeyed(Run({ReplyOf(500)})));
  EXPECT_TRUE(MayBeObeyed(Run({ReplyOf(504), ReplyOf(409)})));
  EXPECT_FALSE(MayBeObeyed(Run({ReplyOf(403)})));
  EXPECT_FALSE(MayBeObeyed(Run({ReplyOf(503), ReplyOf(422)})));
  EXPECT_FALSE(
      MayBeObeyed(Run({Refused()}, {.connection_limit = absl::Seconds(5)})));
}

TEST_F(RetryTest, ConnectionErrorsEndBeforeFirstContact) {
  const absl::Time start = now_;
  const absl::Status status =
      Run({Refused()}, {.connection_limit = absl::Seconds(20)});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("attempts in"));
  EXPECT_LE(now_ - start, absl::Seconds(20));
  EXPECT_GE(attempts_, 4);
  EXPECT_EQ(connect_limits_.front(), absl::Seconds(20));
  EXPECT_LT(connect_limits_.back(), absl::Seconds(20));
}

TEST_F(RetryTest, ConnectionErrorsAreRepeatedAfterFirstContact) {
  std::vector<absl::Status> results(20, Refused());
  results.push_back(absl::OkStatus());
  EXPECT_TRUE(Run(results, {.connection_limit = absl::Seconds(20),
                            .contacted = [] { return true; }})
                  .ok());
  EXPECT_EQ(connect_limits_.back(), absl::InfiniteDuration());
}

TEST_F(RetryTest, BusyServersAreNoConnectionErrors) {
  std::vector<absl::Status> results(10, ReplyOf(429));
  results.push_back(absl::OkStatus());
  EXPECT_TRUE(Run(results, {.connection_limit = absl::Seconds(20)}).ok());
}

// What answers has been reached: its silence is counted from then on.
TEST_F(RetryTest, NoAttemptIsLeftATimeThatIsOver) {
  std::vector<absl::Status> results(10, ReplyOf(429));
  results.push_back(absl::OkStatus());
  EXPECT_TRUE(Run(results, {.connection_limit = absl::Seconds(3)}).ok());
  for (const absl::Duration limit : connect_limits_) {
    EXPECT_GE(limit, absl::Seconds(1));
    EXPECT_LE(limit, absl::Seconds(3));
  }
}

TEST_F(RetryTest, OneAttemptIsCountedAsOne) {
  ctx_ = ctx_.WithDeadline(now_ + absl::Milliseconds(1));
  const absl::Status status = Run({ReplyOf(503)});
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("after 1 attempt"), Not(HasSubstr("attempts")),
                    Not(HasSubstr(" in 0"))));
}

TEST_F(RetryTest, DoesNotSleepPastTheDeadline) {
  ctx_ = ctx_.WithDeadline(now_ + absl::Seconds(3));
  const absl::Status status = Run({ReplyOf(503)});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(HttpCode(status), 503);
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(0.8), absl::Seconds(1.6)));
}

TEST_F(RetryTest, StopInADelayKeepsTheLastError) {
  sleep_result_ = absl::CancelledError("interrupted");
  const absl::Status status = Run({ReplyOf(503)});
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(std::string(status.message()), HasSubstr("HTTP 503"));
}

TEST_F(RetryTest, DeadlineInAnAttemptTellsTheErrorBefore) {
  const absl::Status status =
      Run({Refused(), absl::DeadlineExceededError("timed out")});
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("connection refused"));
}

TEST_F(RetryTest, CallerWhoForbidsRetriesGetsTheOnlyAttemptsStatus) {
  ctx_ = ctx_.WithoutRetries();
  for (const absl::Status& failure : {Refused(), ReplyOf(503)}) {
    attempts_ = 0;
    EXPECT_EQ(Run({failure, absl::OkStatus()}), failure);
    EXPECT_EQ(attempts_, 1);
  }
  EXPECT_THAT(sleeps_, ElementsAre());
}

}  // namespace
}  // namespace kube
