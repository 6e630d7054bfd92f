#include "base/parallel.h"

#include <atomic>
#include <stdexcept>

#include "absl/synchronization/barrier.h"
#include "gtest/gtest.h"

namespace base {
namespace {

TEST(RunInParallelTest, RunsEachTaskOnce) {
  std::vector<int> runs(100, 0);
  std::vector<std::function<void()>> tasks;
  for (int& run : runs) tasks.emplace_back([&run] { ++run; });
  RunInParallel(tasks, 3);
  EXPECT_EQ(runs, std::vector<int>(100, 1));
  RunInParallel({});
}

TEST(RunInParallelTest, TasksThatAwaitEachOtherMeet) {
  absl::Barrier both(2);
  const auto meet = [&both] { both.Block(); };
  RunInParallel({meet, meet});  // Hangs if one runs after the other.
}

TEST(RunInParallelTest, AnExceptionReachesTheCallerWhenAllAreDone) {
  std::atomic<int> running = 0;
  absl::Barrier* both = new absl::Barrier(2);
  const auto fail = [&] {
    ++running;
    if (both->Block()) delete both;
    --running;
    throw std::runtime_error("broken");
  };
  EXPECT_THROW(RunInParallel({fail, fail}), std::runtime_error);
  EXPECT_EQ(running, 0);
  // Alone, on the caller's own thread.
  EXPECT_THROW(RunInParallel({[] { throw std::runtime_error("broken"); }}),
               std::runtime_error);
}

TEST(RunInParallelTest, NoMoreThanTheWidthAtATime) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  const std::vector<std::function<void()>> tasks(50, [&] {
    const int now = ++running;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    --running;
  });
  RunInParallel(tasks, 2);
  EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace base
