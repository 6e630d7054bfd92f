#include "base/context.h"

#include <optional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace base {
namespace {

TEST(ContextTest, DefaultNeverEnds) {
  const Context ctx;
  EXPECT_EQ(ctx.deadline(), absl::InfiniteFuture());
  EXPECT_TRUE(ctx.Check().ok());
}

TEST(ContextTest, PassedDeadlineEndsIt) {
  const Context ctx = Context().WithTimeout(-absl::Seconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(ctx.Check()));
  EXPECT_LT(ctx.remaining(), absl::ZeroDuration());
}

TEST(ContextTest, EarlierDeadlineWins) {
  const absl::Time early = absl::Now() + absl::Minutes(1);
  const absl::Time late = early + absl::Minutes(1);
  EXPECT_EQ(Context().WithDeadline(early).WithDeadline(late).deadline(), early);
  EXPECT_EQ(Context().WithDeadline(late).WithDeadline(early).deadline(), early);
}

TEST(ContextTest, WithoutDeadlineKeepsStopSignal) {
  StopSource source;
  const Context ctx =
      source.context().WithTimeout(-absl::Seconds(1)).WithoutDeadline();
  EXPECT_TRUE(ctx.Check().ok());
  source.Stop();
  EXPECT_TRUE(absl::IsCancelled(ctx.Check()));
}

TEST(ContextTest, WithoutStopKeepsDeadline) {
  StopSource source;
  const Context ctx = source.context().WithTimeout(absl::Hours(1));
  source.Stop();
  EXPECT_TRUE(ctx.WithoutStop().Check().ok());
  EXPECT_EQ(ctx.WithoutStop().deadline(), ctx.deadline());
}

TEST(ContextTest, StopWinsOverDeadline) {
  StopSource source;
  const Context ctx = source.context().WithTimeout(-absl::Seconds(1));
  source.Stop();
  EXPECT_TRUE(absl::IsCancelled(ctx.Check()));
}

TEST(ContextTest, SleepForTakesItsTime) {
  const absl::Time start = absl::Now();
  EXPECT_TRUE(Context().SleepFor(absl::Milliseconds(5)).ok());
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(5));
}

TEST(ContextTest, DeadlineEndsSleep) {
  StopSource source;
  for (const Context& base : {Context(), source.context()}) {
    const Context ctx = base.WithTimeout(absl::Milliseconds(5));
    const absl::Time start = absl::Now();
    EXPECT_TRUE(absl::IsDeadlineExceeded(ctx.SleepFor(absl::Hours(1))));
    EXPECT_LT(absl::Now() - start, absl::Minutes(1));
  }
}

TEST(ContextTest, StopEndsSleep) {
  StopSource source;
  const Context ctx = source.context();
  absl::Status status;
  std::thread sleeper([&] { status = ctx.SleepFor(absl::Hours(1)); });
  source.Stop();
  sleeper.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST(ContextTest, StopRunsCallbacksOfDerivedContextsOnce) {
  StopSource source;
  int calls = 0;
  const StopCallback first = source.context().OnStop([&] { ++calls; });
  const StopCallback second =
      source.context().WithTimeout(absl::Hours(1)).OnStop([&] { calls += 10; });
  EXPECT_EQ(calls, 0);
  source.Stop();
  EXPECT_EQ(calls, 11);
  source.Stop();
  EXPECT_EQ(calls, 11);
}

TEST(ContextTest, CallbackRunsAtOnceAfterStop) {
  StopSource source;
  source.Stop();
  // A context made after the stop, without Rearm(), has ended too.
  bool called = false;
  const StopCallback callback = source.context().OnStop([&] { called = true; });
  EXPECT_TRUE(called);
}

TEST(ContextTest, DestroyedRegistrationIsNotCalled) {
  StopSource source;
  bool called = false;
  std::optional<StopCallback> callback(
      source.context().OnStop([&] { called = true; }));
  callback.reset();
  source.Stop();
  EXPECT_FALSE(called);
}

TEST(ContextTest, MovedRegistrationLivesOn) {
  StopSource source;
  int calls = 0;
  StopCallback kept;
  {
    StopCallback made = source.context().OnStop([&] { ++calls; });
    kept = std::move(made);
  }
  const StopCallback constructed(std::move(kept));
  source.Stop();
  EXPECT_EQ(calls, 1);
}

TEST(ContextTest, EndOfRegistrationWaitsForItsCallback) {
  StopSource source;
  absl::Notification entered;
  absl::Notification released;
  bool finished = false;
  std::optional<StopCallback> callback(source.context().OnStop([&] {
    entered.Notify();
    released.WaitForNotification();
    finished = true;
  }));
  std::thread stopper([&] { source.Stop(); });
  entered.WaitForNotification();
  std::thread releaser([&] { released.Notify(); });
  callback.reset();
  EXPECT_TRUE(finished);
  releaser.join();
  stopper.join();
}

// As one that waits for its turn does, while another with the turn looks
// whether to go on.
TEST(ContextTest, CallbackMayTakeALockUnderWhichOthersLookAtTheStop) {
  StopSource source;
  absl::Mutex mutex;
  absl::Notification entered;
  const StopCallback callback = source.context().OnStop([&] {
    entered.Notify();
    const absl::MutexLock lock(&mutex);
  });
  mutex.Lock();
  std::thread stopper([&] { source.Stop(); });
  entered.WaitForNotification();
  EXPECT_TRUE(absl::IsCancelled(source.context().Check()));
  mutex.Unlock();
  stopper.join();
}

TEST(ContextTest, RegistrationOnDefaultContextIsHarmless) {
  bool called = false;
  {
    const StopCallback callback = Context().OnStop([&] { called = true; });
  }
  EXPECT_FALSE(called);
}

TEST(StopSourceTest, RearmLeavesStoppedContextsStopped) {
  StopSource source;
  const Context before = source.context();
  source.Stop();
  source.Rearm();
  const Context after = source.context();
  EXPECT_TRUE(absl::IsCancelled(before.Check()));
  EXPECT_TRUE(after.Check().ok());
  source.Stop();
  EXPECT_TRUE(absl::IsCancelled(after.Check()));
}

TEST(StopSourceTest, RearmWithoutStopKeepsContextsStoppable) {
  StopSource source;
  const Context before = source.context();
  source.Rearm();
  source.Stop();
  EXPECT_TRUE(absl::IsCancelled(before.Check()));
}

TEST(ContextTest, DerivedContextsForbidRetriesToo) {
  EXPECT_TRUE(Context().may_retry());
  EXPECT_FALSE(Context()
                   .WithoutRetries()
                   .WithTimeout(absl::Hours(1))
                   .WithoutDeadline()
                   .may_retry());
}

}  // namespace
}  // namespace base
