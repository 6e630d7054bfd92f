#include "base/subprocess.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Command Shell(const std::string& script) {
  return {.program = "/bin/sh",
          .args = {"-c", script},
          .environment = {{"PATH", "/usr/bin:/bin"}}};
}

Outcome Finish(const Command& command) {
  const auto outcome = RunCommand(Context(), command);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.value_or(Outcome());
}

// False once the process is gone and reaped by whoever has it.
bool Alive(pid_t pid) {
  std::ifstream in(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  return std::getline(in, text) && text.find(") Z ") == std::string::npos;
}

std::string TempFile() {
  std::string path =
      (std::filesystem::temp_directory_path() / "subprocess-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  ::close(fd);
  return path;
}

pid_t AwaitPid(const std::string& path) {
  for (int i = 0; i < 500; ++i) {
    std::ifstream in(path);
    pid_t pid = 0;
    if (in >> pid) return pid;
    absl::SleepFor(absl::Milliseconds(10));
  }
  ADD_FAILURE() << "the child did not write its id";
  return 0;
}

TEST(RunCommand, GivesOutputErrorAndExitCodeApart) {
  const Outcome outcome = Finish(Shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.error, "err\n");
  EXPECT_EQ(outcome.exit_code, 7);
  EXPECT_EQ(Finish(Shell("kill -9 $$")).exit_code, 128 + SIGKILL);
}

TEST(RunCommand, PassesArgumentsAndEnvironmentAsTheyAre) {
  const Outcome outcome =
      Finish({.program = "/bin/sh",
              .args = {"-c", "printf '%s|%s|' \"$1\" \"$V\"; env | wc -l", "x",
                       "a b;$(false)"},
              .environment = {{"V", "1 \"2\"\n3"}, {"PATH", "/usr/bin:/bin"}}});
  EXPECT_THAT(outcome.out, HasSubstr("a b;$(false)|1 \"2\"\n3|"));
}

TEST(RunCommand, ChildHasNothingOnStdinAndNoneOfOurDescriptors) {
  EXPECT_EQ(Finish(Shell("cat; echo end")).out, "end\n");
  // Without close-on-exec, and not one that the shell itself would open.
  const int leaky = ::fcntl(STDERR_FILENO, F_DUPFD, 50);
  ASSERT_GE(leaky, 50);
  const std::string fds = Finish(Shell("echo /proc/self/fd/*; exit 0")).out;
  EXPECT_THAT(fds, Not(HasSubstr(absl::StrCat("/", leaky))));
  ::close(leaky);
}

TEST(RunCommand, ChildDoesNotInheritIgnoredOrBlockedSignals) {
  ::signal(SIGINT, SIG_IGN);
  const Outcome outcome = Finish(Shell("kill -INT $$; echo survived"));
  ::signal(SIGINT, SIG_DFL);
  EXPECT_EQ(outcome.exit_code, 128 + SIGINT);
  EXPECT_EQ(outcome.out, "");
}

TEST(RunCommand, LimitsStdoutAndKeepsTheEndOfStderr) {
  Command command = Shell("while :; do echo 0123456789; done");
  command.max_out_bytes = 1000;
  const auto flood = RunCommand(Context(), command);
  EXPECT_EQ(flood.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(flood.status().message(), HasSubstr("1000 bytes"));
  command =
      Shell("i=0; while [ $i -lt 5000 ]; do echo line$i >&2; i=$((i+1)); done");
  command.max_error_bytes = 100;
  const Outcome outcome = Finish(command);
  EXPECT_EQ(outcome.error.size(), 100U);
  EXPECT_THAT(outcome.error, HasSubstr("line4999\n"));
}

TEST(RunCommand, DeadlineEndsTheWholeGroupEvenIfItIgnoresSigterm) {
  const std::string file = TempFile();
  const absl::Time start = absl::Now();
  const auto outcome = RunCommand(
      Context().WithTimeout(absl::Milliseconds(400)),
      Shell(absl::StrCat("trap '' TERM; (trap '' TERM; sleep 100) & echo $! >",
                         file, "; wait")));
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  const pid_t grandchild = AwaitPid(file);
  for (int i = 0; i < 500 && Alive(grandchild); ++i) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_FALSE(Alive(grandchild));
  std::filesystem::remove(file);
}

TEST(RunCommand, StopEndsItAtOnce) {
  StopSource stop;
  const std::string file = TempFile();
  absl::Time stopped;
  std::thread stopper([&] {
    AwaitPid(file);
    stopped = absl::Now();
    stop.Stop();
  });
  const auto outcome =
      RunCommand(stop.context(),
                 Shell(absl::StrCat("echo $$ >", file, "; exec sleep 100")));
  const absl::Duration took = absl::Now() - stopped;
  stopper.join();
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(took, absl::Seconds(5));
  const pid_t child = AwaitPid(file);
  EXPECT_NE(::kill(child, 0), 0);  // Reaped, not only dead.
  std::filesystem::remove(file);
}

TEST(RunCommand, DoesNotWaitForWhatTheChildLeavesBehind) {
  const std::string file = TempFile();
  const absl::Time start = absl::Now();
  const Outcome outcome =
      Finish(Shell(absl::StrCat("sleep 100 & echo $! >", file, "; echo done")));
  EXPECT_EQ(outcome.out, "done\n");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  const pid_t left = AwaitPid(file);
  for (int i = 0; i < 500 && Alive(left); ++i) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_FALSE(Alive(left));
  std::filesystem::remove(file);
}

TEST(RunCommand, ProgramThatCannotBeExecutedIsAnError) {
  const std::string file = TempFile();
  std::ofstream(file) << "no program\n";
  ::chmod(file.c_str(), 0700);
  const auto outcome = RunCommand(Context(), {.program = file});
  EXPECT_EQ(outcome.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(outcome.status().message(), HasSubstr(file));
  std::filesystem::remove(file);
}

TEST(RunCommand, ManyThreadsRunTheirOwn) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 5; ++j) {
        EXPECT_EQ(Finish(Shell(absl::StrCat("echo ", i, "-", j))).out,
                  absl::StrCat(i, "-", j, "\n"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(FindProgram, SearchesFoldersInOrder) {
  EXPECT_EQ(*FindProgram("sh", "/nonexistent::/bin:/usr/bin"), "/bin/sh");
  EXPECT_EQ(*FindProgram("/bin/sh", ""), "/bin/sh");
  EXPECT_EQ(FindProgram("sh", "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(FindProgram("/nonexistent/sh", "/bin").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(FindProgram("/etc/passwd", "").status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(FindProgram("/bin", "").status().code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(InheritedEnvironment, LeavesOutNamesAndPrefixes) {
  ::setenv("SUBPROCESS_TEST_KEPT", "a=b", 1);
  ::setenv("SUBPROCESS_TEST_HIDDEN_1", "x", 1);
  ::setenv("SUBPROCESS_TEST_NAME", "x", 1);
  const Environment environment =
      InheritedEnvironment({.names = {"SUBPROCESS_TEST_NAME"},
                            .prefixes = {"SUBPROCESS_TEST_HIDDEN_"}});
  EXPECT_EQ(environment.at("SUBPROCESS_TEST_KEPT"), "a=b");
  EXPECT_FALSE(environment.contains("SUBPROCESS_TEST_HIDDEN_1"));
  EXPECT_FALSE(environment.contains("SUBPROCESS_TEST_NAME"));
}

}  // namespace
}  // namespace base
