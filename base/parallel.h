// Blocking calls that don't need each other's results.
#pragma once

#include <functional>
#include <vector>

namespace base {

// Runs all of `tasks`, at most `width` at a time and on threads of their own,
// and returns when the last one is done. A single task runs on this thread.
// Each may write what no other one touches. Of the exceptions that they throw
// the caller gets the first, once those that run are done; no more are begun.
void RunInParallel(const std::vector<std::function<void()>>& tasks,
                   int width = 8);

}  // namespace base
