// Files as text.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace base {

// More than any file that we have a use for.
constexpr size_t kMaxFileBytes = 64 << 20;

struct ReadFileOptions {
  size_t max_bytes = kMaxFileBytes;
  // How long a pipe may have nothing to say.
  absl::Duration patience = absl::Seconds(10);
};

// What is in the file `path`, which may be a pipe. The error names the path:
// kNotFound when it does not exist, kPermissionDenied, kInvalidArgument for a
// folder and for more than `max_bytes`, kDeadlineExceeded for a pipe that
// nobody writes into, else kUnavailable. Throws nothing but for lack of memory.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     const ReadFileOptions& options = {});

}  // namespace base
