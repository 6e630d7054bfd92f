// A data race, and beside it the same with a lock: proof that a run of the tsan
// preset can find something, and that it understands absl::Mutex.
//
//   tsan_race race    ends with ThreadSanitizer's report
//   tsan_race locked  ends with 0
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

}  // namespace

int main(int argc, char** argv) {
  const bool locked = argc > 1 && std::strcmp(argv[1], "locked") == 0;
  Counter counter;
  std::thread other([&counter, locked] { counter.Add(locked); });
  counter.Add(locked);
  other.join();
  std::cout << counter.value << "\n";
  return 0;
}
