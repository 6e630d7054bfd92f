// Child processes for tests: run one to its end, or keep one going.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace support {

struct Command {
  std::vector<std::string> argv;
  std::string directory;                           // "" for ours.
  std::map<std::string, std::string> environment;  // Beside our own.
  bool new_process_group = false;
};

struct Outcome {
  int exit_code = -1;  // 128 + signal when killed by one.
  std::string out;     // stdout and stderr together.
};

// A running child. Killed (SIGKILL) and reaped when destroyed.
class Process {
 public:
  static absl::StatusOr<Process> Start(const Command& command);

  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;  // To the child alone.
  void SignalGroup(int signal) const;
  // Output up to and including the first line that contains `text`.
  // kDeadlineExceeded or kUnavailable (it ended) otherwise.
  absl::Status AwaitOutput(const std::string& text, absl::Duration timeout);
  const std::string& output() const { return output_; }
  // Reads to the end of output and reaps.
  Outcome Finish(absl::Duration timeout);

 private:
  Process(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
  // False at the end of output.
  bool ReadSome(absl::Time deadline);

  pid_t pid_;
  int fd_;
  std::string output_;
};

// Runs `command` to its end; kills it at `timeout`.
Outcome Run(const Command& command, absl::Duration timeout = absl::Minutes(5));

}  // namespace support
