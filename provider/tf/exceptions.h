// The end of exceptions: nothing of ours throws, but libraries may, and memory
// may run out. Whatever it is, it becomes an error, and the state is kept.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace tf {

// What `body` returns, or what an exception says that it let through:
// kResourceExhausted when memory, threads or the like are lacking, else
// kInternal.
absl::Status EndExceptions(const std::function<absl::Status()>& body);

// For the detail of an error that `failure` alone explains: what it says, and
// what to do. kOutOfRange is a value that is nested too deeply, kDataLoss a
// stored state that cannot be read.
std::string FailureText(const absl::Status& failure);

}  // namespace tf
