#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace support {
namespace {

[[noreturn]] void Exec(const Command& command, int out) {
  // A test that is killed must not leave its children behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (command.new_process_group) ::setpgid(0, 0);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::signal(SIGINT, SIG_DFL);
  if (!command.directory.empty() && ::chdir(command.directory.c_str()) != 0) {
    ::_exit(126);
  }
  for (const auto& [name, value] : command.environment) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<char*> argv;
  for (const std::string& arg : command.argv) {
    argv.push_back(const_cast<char*>(arg.c_str()));
  }
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

absl::StatusOr<Process> Process::Start(const Command& command) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return absl::InternalError("pipe failed");
  const pid_t pid = ::fork();
  if (pid < 0) return absl::InternalError("fork failed");
  if (pid == 0) Exec(command, fds[1]);
  ::close(fds[1]);
  return Process(pid, fds[0]);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      fd_(std::exchange(other.fd_, -1)),
      output_(std::move(other.output_)) {}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (fd_ >= 0) ::close(fd_);
}

void Process::Signal(int signal) const { ::kill(pid_, signal); }

void Process::SignalGroup(int signal) const { ::kill(-pid_, signal); }

bool Process::ReadSome(absl::Time deadline) {
  pollfd poll_fd{fd_, POLLIN, 0};
  const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
  if (::poll(&poll_fd, 1, static_cast<int>(std::max<int64_t>(left, 0))) <= 0) {
    return true;
  }
  char buffer[65536];
  const ssize_t n = ::read(fd_, buffer, sizeof(buffer));
  if (n <= 0) return false;
  output_.append(buffer, static_cast<size_t>(n));
  return true;
}

absl::Status Process::AwaitOutput(const std::string& text,
                                  absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    const size_t at = output_.find(text);
    if (at != std::string::npos &&
        output_.find('\n', at) != std::string::npos) {
      return absl::OkStatus();
    }
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("no \"", text, "\" in:\n", output_));
    }
    if (!ReadSome(deadline)) {
      return absl::UnavailableError(absl::StrCat("ended with:\n", output_));
    }
  }
}

Outcome Process::Finish(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (absl::Now() < deadline && ReadSome(deadline)) {
  }
  if (absl::Now() >= deadline) ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  Outcome outcome;
  outcome.exit_code =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = output_;
  return outcome;
}

Outcome Run(const Command& command, absl::Duration timeout) {
  auto process = Process::Start(command);
  if (!process.ok()) return {.out = std::string(process.status().message())};
  return process->Finish(timeout);
}

}  // namespace support
