#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>

namespace base {

void RunInParallel(const std::vector<std::function<void()>>& tasks, int width) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < tasks.size(); i = next++) tasks[i]();
  };
  std::vector<std::thread> helpers;  // This thread is one of the workers.
  const size_t workers =
      std::min(tasks.size(), static_cast<size_t>(std::max(width, 1)));
  for (size_t i = 1; i < workers; ++i) {
    try {
      helpers.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // No more threads to be had: those that are there do the work.
    }
  }
  work();
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace base
