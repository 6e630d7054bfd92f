#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/errno_text.h"
#include "base/status_macros.h"

namespace base {
namespace {

constexpr absl::Duration kGrace = absl::Milliseconds(300);
// For output that arrives after the child's own end.
constexpr absl::Duration kLeftover = absl::Seconds(1);
// Between two looks at whether the child has ended.
constexpr absl::Duration kTick = absl::Milliseconds(20);

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot make a pipe: ", ErrnoText(errno)));
  }
  return Pipe{Descriptor(fds[0]), Descriptor(fds[1])};
}

// Null-terminated pointers into `texts`, as exec wants them.
std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Starts `command` with the given ends of pipes as stdout and stderr.
// posix_spawn() runs nothing of ours between fork and exec, so that other
// threads may hold any lock.
absl::StatusOr<pid_t> Spawn(const Command& command, int out, int error) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup free_actions = [&actions] {
    posix_spawn_file_actions_destroy(&actions);
  };
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
  // Libraries may have opened descriptors without close-on-exec.
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const absl::Cleanup free_attributes = [&attributes] {
    posix_spawnattr_destroy(&attributes);
  };
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  sigset_t defaults;  // Those that we ignore would stay ignored.
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT}) {
    sigaddset(&defaults, signal);
  }
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(
      &attributes,
      static_cast<int16_t>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                           POSIX_SPAWN_SETPGROUP));

  std::vector<std::string> argv = {command.program};
  argv.insert(argv.end(), command.args.begin(), command.args.end());
  std::vector<std::string> environment;
  for (const auto& [name, value] : command.environment) {
    environment.push_back(absl::StrCat(name, "=", value));
  }
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, command.program.c_str(), &actions, &attributes,
                    Pointers(argv).data(), Pointers(environment).data());
  if (failed != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        command.program, " cannot be executed: ", ErrnoText(failed)));
  }
  return pid;
}

// One child from its start to its reaping.
class Child {
 public:
  Child(pid_t pid, Descriptor out, Descriptor error, const Command& command)
      : pid_(pid),
        out_(std::move(out)),
        error_(std::move(error)),
        command_(command) {}

  // Never leaves a process or a zombie behind.
  ~Child() {
    if (reaped_) return;
    Signal(SIGKILL);
    Reap();
  }

  absl::StatusOr<Outcome> Wait(const Context& ctx);

 private:
  void Signal(int signal) const { ::kill(-pid_, signal); }

  // Whether the child itself has ended. It stays a zombie, so that neither its
  // id nor its group's can be given to others while we still signal them.
  bool Ended() const {
    siginfo_t info{};
    const int failed = ::waitid(P_PID, static_cast<id_t>(pid_), &info,
                                WEXITED | WNOHANG | WNOWAIT);
    return failed == 0 && info.si_pid == pid_;
  }

  void Reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    outcome_.exit_code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // Reads what there is on `pipe`; closes it at its end.
  static void Read(Descriptor& pipe, std::string& into) {
    std::array<char, 16384> piece{};
    const ssize_t n = ::read(pipe.get(), piece.data(), piece.size());
    if (n > 0) {
      into.append(piece.data(), static_cast<size_t>(n));
    } else if (n == 0 || errno != EINTR) {
      pipe.Close();
    }
  }

  // Waits for output, a stop, or one tick.
  void ReadSome(int stop_fd, absl::Duration at_most);
  // Ends the group: politely, then not.
  void End();

  const pid_t pid_;
  Descriptor out_, error_;
  const Command& command_;
  Outcome outcome_;
  bool reaped_ = false;
};

void Child::ReadSome(int stop_fd, absl::Duration at_most) {
  // Descriptors of -1 are passed over by poll().
  std::array<pollfd, 3> fds = {pollfd{out_.get(), POLLIN, 0},
                               pollfd{error_.get(), POLLIN, 0},
                               pollfd{stop_fd, POLLIN, 0}};
  const auto wait = absl::ToInt64Milliseconds(
      std::clamp(at_most, absl::ZeroDuration(), kTick));
  if (::poll(fds.data(), fds.size(), static_cast<int>(wait)) <= 0) return;
  if (out_.open() && fds[0].revents != 0) Read(out_, outcome_.out);
  if (error_.open() && fds[1].revents != 0) {
    Read(error_, outcome_.error);
    const size_t limit = command_.max_error_bytes;
    if (outcome_.error.size() > limit) {
      outcome_.error.erase(0, outcome_.error.size() - limit);
    }
  }
}

void Child::End() {
  Signal(SIGTERM);
  const absl::Time patience = absl::Now() + kGrace;
  while (!Ended() && absl::Now() < patience) absl::SleepFor(kTick);
  Signal(SIGKILL);
  Reap();
}

absl::StatusOr<Outcome> Child::Wait(const Context& ctx) {
  const Descriptor stop(::eventfd(0, EFD_CLOEXEC));
  const StopCallback on_stop = ctx.OnStop([fd = stop.get()] {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(fd, &one, sizeof(one));
  });
  std::optional<absl::Time> ended;
  while (out_.open() || error_.open() || !ended.has_value()) {
    if (const absl::Status status = ctx.Check(); !status.ok()) {
      End();
      return status;
    }
    ReadSome(stop.get(), ctx.remaining());
    if (outcome_.out.size() > command_.max_out_bytes) {
      End();
      return absl::ResourceExhaustedError(
          absl::StrCat(command_.program, " wrote more than ",
                       command_.max_out_bytes, " bytes to stdout"));
    }
    if (!ended.has_value() && Ended()) ended = absl::Now();
    if (ended.has_value() && absl::Now() - *ended > kLeftover) break;
  }
  Signal(SIGKILL);  // What it left behind.
  Reap();
  return std::move(outcome_);
}

// 0 when `path` is a file that we may execute, else an errno.
int ExecutableError(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (!S_ISREG(info.st_mode)) return EACCES;
  return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

}  // namespace

Environment InheritedEnvironment(const HiddenVariables& hidden) {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos || equals == 0) continue;
    const absl::string_view name = text.substr(0, equals);
    const bool is_hidden =
        std::any_of(hidden.names.begin(), hidden.names.end(),
                    [name](const std::string& each) { return name == each; }) ||
        std::any_of(hidden.prefixes.begin(), hidden.prefixes.end(),
                    [name](const std::string& prefix) {
                      return absl::StartsWith(name, prefix);
                    });
    if (!is_hidden) out.emplace(name, text.substr(equals + 1));
  }
  return out;
}

absl::StatusOr<std::string> FindProgram(const std::string& name,
                                        absl::string_view search_path) {
  bool exists = false;
  const auto usable = [&exists](const std::string& path) {
    const int error = ExecutableError(path);
    if (error != 0 && error != ENOENT && error != ENOTDIR) exists = true;
    return error == 0;
  };
  if (name.empty()) return absl::NotFoundError("no program is named");
  if (absl::StrContains(name, '/')) {
    if (usable(name)) return name;
  } else {
    for (const absl::string_view folder :
         absl::StrSplit(search_path, ':', absl::SkipEmpty())) {
      std::string path = absl::StrCat(folder, "/", name);
      if (usable(path)) return path;
    }
  }
  if (exists) {
    return absl::PermissionDeniedError(
        absl::StrCat(name, " is no file that may be executed"));
  }
  return absl::NotFoundError(absl::StrCat(
      name, absl::StrContains(name, '/') ? " does not exist"
                                         : " is not in any folder of PATH"));
}

absl::StatusOr<Outcome> RunCommand(const Context& ctx, const Command& command) {
  RETURN_IF_ERROR(ctx.Check());
  ASSIGN_OR_RETURN(Pipe out, MakePipe());
  ASSIGN_OR_RETURN(Pipe error, MakePipe());
  ASSIGN_OR_RETURN(const pid_t pid,
                   Spawn(command, out.write.get(), error.write.get()));
  Child child(pid, std::move(out.read), std::move(error.read), command);
  out.write.Close();
  error.write.Close();
  return child.Wait(ctx);
}

}  // namespace base
