// Runs another program to its end: no shell, nothing on its stdin, its stdout
// and stderr collected and never mixed with ours.
//
// The child is the leader of a process group of its own, so a Ctrl-C in the
// terminal reaches it only through us, and ending it ends what it started. It
// inherits no descriptor but the three standard ones.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/context.h"

namespace base {

using Environment = std::map<std::string, std::string>;

// Variables that children must not get: exact names, and beginnings of names.
struct HiddenVariables {
  std::vector<std::string> names;
  std::vector<std::string> prefixes;
};

// This process's environment without `hidden`.
Environment InheritedEnvironment(const HiddenVariables& hidden);

// The executable file that `name` means: itself if it holds a slash, else the
// first one of that name in `search_path` (as PATH: folders between colons; an
// empty one, which would be the working directory, is passed over). kNotFound
// when there is none, kPermissionDenied when only files that cannot be executed
// have that name.
absl::StatusOr<std::string> FindProgram(const std::string& name,
                                        absl::string_view search_path);

struct Command {
  std::string program;            // A path; see FindProgram().
  std::vector<std::string> args;  // Without the program's own name.
  Environment environment;        // All of it.
  size_t max_out_bytes = size_t{1} << 20;
  size_t max_error_bytes = size_t{16} << 10;  // The last ones are kept.
};

struct Outcome {
  int exit_code = 0;  // 128 + signal when a signal ended it.
  std::string out;    // Of stdout.
  std::string error;  // The end of stderr.
};

// Blocks until `command` has ended and is reaped. Any exit code is a success
// here. When `ctx` ends first, the whole group gets SIGTERM, SIGKILL 300 ms
// later, and the result is kCancelled or kDeadlineExceeded. kResourceExhausted
// when stdout grew too long (the group is ended, too), kFailedPrecondition when
// the program cannot be executed. A process that the child leaves behind with
// its stdout open is waited for a second, then ended. Thread-safe.
absl::StatusOr<Outcome> RunCommand(const Context& ctx, const Command& command);

}  // namespace base
