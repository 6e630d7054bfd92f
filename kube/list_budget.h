// What lists take in memory while they are read. Internal to kube/.
#pragma once

#include <malloc.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/json.h"
#include "base/limits.h"
#include "kube/call_options.h"

namespace kube {

// All lists of a client together take no more than there is memory for.
// Thread-safe.
class ListBudget {
 public:
  // False if there is no room.
  bool Take(size_t bytes) {
    absl::MutexLock lock(&mutex_);
    if (bytes > base::kMaxListBytes - taken_) return false;
    taken_ += bytes;
    return true;
  }
  void GiveBack(size_t bytes) {
    absl::MutexLock lock(&mutex_);
    taken_ -= bytes;
  }

 private:
  absl::Mutex mutex_;
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A list that is being read; gives back what it took.
class ListInProgress {
 public:
  explicit ListInProgress(ListBudget& budget) : budget_(budget) {}
  ~ListInProgress() { budget_.GiveBack(bytes_); }
  ListInProgress(const ListInProgress&) = delete;
  ListInProgress& operator=(const ListInProgress&) = delete;

  // False if there is no room.
  bool Add(base::Json item) {
    const size_t bytes = base::TreeBytes(item);
    if (!budget_.Take(bytes)) return false;
    bytes_ += bytes;
    list_.items.push_back(std::move(item));
    return true;
  }
  void Clear() {
    list_.items.clear();
    budget_.GiveBack(std::exchange(bytes_, 0));
  }
  ObjectList Take(std::string resource_version) {
    list_.resource_version = std::move(resource_version);
    return std::move(list_);
  }

 private:
  ListBudget& budget_;
  size_t bytes_ = 0;
  ObjectList list_;
};

// Held while a large page is in memory, since only one may be. What it took is
// given back to the system: the allocator would keep it for the thread, and
// lists are read on many.
class LargePageTurn {
 public:
  explicit LargePageTurn(absl::Mutex* mutex) : lock_(mutex) {}
  ~LargePageTurn() { ::malloc_trim(0); }
  LargePageTurn(const LargePageTurn&) = delete;
  LargePageTurn& operator=(const LargePageTurn&) = delete;

 private:
  const absl::MutexLock lock_;
};

}  // namespace kube
