#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>

namespace base {

void RunInParallel(const std::vector<std::function<void()>>& tasks, int width) {
  std::atomic<size_t> next = 0;
  std::atomic_flag failed = ATOMIC_FLAG_INIT;
  std::exception_ptr exception;  // Of whoever set the flag.
  const auto work = [&] {
    try {
      for (size_t i = next++; i < tasks.size(); i = next++) tasks[i]();
    } catch (...) {
      next = tasks.size();
      if (!failed.test_and_set()) exception = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;  // This thread is one of the workers.
  const size_t workers =
      std::min(tasks.size(), static_cast<size_t>(std::max(width, 1)));
  helpers.reserve(workers);
  for (size_t i = 1; i < workers; ++i) {
    try {
      helpers.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // No more threads to be had: those that are there do the work.
    }
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  if (exception != nullptr) std::rethrow_exception(exception);
}

}  // namespace base
