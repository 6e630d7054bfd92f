#include "base/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/mutex.h"
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
  auto* both = new absl::Barrier(2);
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

// Each task waits until as many have started as may run at a time, among them
// one on this thread, which comes last.
TEST(RunInParallelTest, HasAsManyWorkersAsTheWidth) {
  constexpr int kWidth = 3;
  const std::thread::id here = std::this_thread::get_id();
  absl::Mutex mutex;
  std::set<std::thread::id> workers;  // Guarded by `mutex`.
  int running = 0;
  int most = 0;
  const std::vector<std::function<void()>> tasks(50, [&] {
    absl::MutexLock lock(&mutex);
    workers.insert(std::this_thread::get_id());
    most = std::max(most, ++running);
    const auto met = [&] {
      return workers.size() >= kWidth && workers.count(here) > 0;
    };
    mutex.Await(absl::Condition(&met));
    --running;
  });
  RunInParallel(tasks, kWidth);
  EXPECT_EQ(workers.size(), static_cast<size_t>(kWidth));
  EXPECT_EQ(most, kWidth);
}

// No thread has room for such a stack.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, size_t{1} << 50);
    EXPECT_EQ(pthread_setattr_default_np(&huge), 0);
    pthread_attr_destroy(&huge);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

TEST(RunInParallelTest, RunsEverythingHereWhereNoThreadCanBeMade) {
  const NoThreads none;
  ASSERT_THROW(std::thread([] {}).join(), std::system_error);
  std::set<std::thread::id> workers;
  int runs = 0;
  const std::vector<std::function<void()>> tasks(10, [&] {
    workers.insert(std::this_thread::get_id());
    ++runs;
  });
  RunInParallel(tasks, 4);
  EXPECT_EQ(runs, 10);
  EXPECT_EQ(workers, std::set{std::this_thread::get_id()});
}

}  // namespace
}  // namespace base
