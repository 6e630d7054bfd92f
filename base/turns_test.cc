#include "base/turns.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace base {
namespace {

TEST(TurnsTest, OneAfterTheOther) {
  Turns turns;
  int inside = 0, most = 0, done = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto turn = turns.Take({});
      ASSERT_TRUE(turn.ok());
      most = std::max(most, ++inside);
      std::this_thread::yield();
      --inside;
      ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(done, 8);
}

TEST(TurnsTest, AMovedTurnEndsOnce) {
  Turns turns;
  auto first = turns.Take({});
  ASSERT_TRUE(first.ok());
  {
    const Turns::Turn moved = *std::move(first);
    EXPECT_TRUE(absl::IsDeadlineExceeded(
        turns.Take(Context().WithTimeout(absl::Milliseconds(1))).status()));
  }
  EXPECT_TRUE(turns.Take({}).ok());
}

TEST(TurnsTest, AStopEndsTheWait) {
  Turns turns;
  const auto turn = turns.Take({});
  StopSource source;
  absl::Status waited;
  absl::Notification begun;
  std::thread waiter([&] {
    begun.Notify();
    waited = turns.Take(source.context()).status();
  });
  begun.WaitForNotification();
  source.Stop();
  waiter.join();
  EXPECT_TRUE(absl::IsCancelled(waited)) << waited;
  // One that was stopped before does not wait either.
  EXPECT_TRUE(absl::IsCancelled(turns.Take(source.context()).status()));
}

}  // namespace
}  // namespace base
