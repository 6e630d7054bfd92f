// A data race, and beside it the same with a lock: proof that a run of the tsan
// preset can find something, and that it understands absl::Mutex.
//
//   tsan_race race     ends with ThreadSanitizer's report
//   tsan_race locked   ends with 0
//   tsan_race awaited  as well
#include <cstring>
#include <iostream>
#include <thread>

#include "absl/synchronization/mutex.h"

namespace {

struct Counter {
  void Add(bool locked) {
    for (int i = 0; i < 10'000; ++i) {
      if (locked) mutex.Lock();
      ++value;
      if (locked) mutex.Unlock();
    }
  }

  absl::Mutex mutex;
  int value = 0;
};

// Two wait for each other's turns, each by a condition that reads its own
// stack, which it writes again when its turn has come.
void TakeTurns() {
  constexpr int kTurns = 1'000;
  absl::Mutex mutex;
  int turn = 0;
  const auto play = [&](int parity) {
    for (int i = parity; i < kTurns; i += 2) {
      int wanted = i;
      const auto is_mine = [&] { return turn == wanted; };
      mutex.LockWhen(absl::Condition(&is_mine));
      ++wanted;
      turn = wanted;
      const auto is_over = [&] { return turn >= wanted; };
      mutex.Await(absl::Condition(&is_over));
      mutex.Unlock();
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  std::cout << turn << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "awaited") == 0) {
    TakeTurns();
    return 0;
  }
  const bool locked = argc > 1 && std::strcmp(argv[1], "locked") == 0;
  Counter counter;
  std::thread other([&counter, locked] { counter.Add(locked); });
  counter.Add(locked);
  other.join();
  std::cout << counter.value << "\n";
  return 0;
}
