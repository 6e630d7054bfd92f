#include "base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace base {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ReadFileTest : public ::testing::Test {
 protected:
  ReadFileTest() { EXPECT_NE(::mkdtemp(folder_.data()), nullptr); }
  ~ReadFileTest() override {
    ::unlink(path().c_str());
    ::rmdir(folder_.c_str());
  }
  std::string path() const { return folder_ + "/file"; }
  void Write(const std::string& text) {
    std::ofstream(path(), std::ios::binary) << text;
  }

  std::string folder_ = ::testing::TempDir() + "file-XXXXXX";
};

TEST_F(ReadFileTest, GivesEveryByte) {
  for (const std::string& text : {std::string(), std::string("a\0\xff\n", 4),
                                  std::string(200'000, 'x')}) {
    Write(text);
    const auto read = ReadFile(path());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, text);
  }
}

TEST_F(ReadFileTest, WhatCannotBeReadIsAnErrorThatNamesIt) {
  const auto missing = ReadFile(path()).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_EQ(missing.message(), path() + " does not exist");
  // Standard streams open it, and throw when they read.
  const auto folder = ReadFile(folder_).status();
  EXPECT_TRUE(absl::IsInvalidArgument(folder));
  EXPECT_EQ(folder.message(),
            folder_ + " cannot be read: it is a folder, not a file");
  Write("x");
  EXPECT_TRUE(absl::IsNotFound(ReadFile(path() + "/below").status()));
  const auto device = ReadFile("/proc/self/mem").status();
  EXPECT_TRUE(absl::IsUnavailable(device)) << device;
  if (::geteuid() == 0) return;  // May read everything.
  ::chmod(path().c_str(), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(ReadFile(path()).status()));
}

TEST_F(ReadFileTest, AFileWithoutEndIsRefused) {
  Write("12345");
  EXPECT_TRUE(ReadFile(path(), {.max_bytes = 5}).ok());
  EXPECT_THAT(ReadFile(path(), {.max_bytes = 4}).status().message(),
              AllOf(HasSubstr(path()), HasSubstr("more than 4 bytes")));
  EXPECT_TRUE(absl::IsInvalidArgument(
      ReadFile("/dev/zero", {.max_bytes = 1000}).status()));
}

TEST_F(ReadFileTest, APipeWithoutAWriterIsAnErrorInTime) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  const auto read = ReadFile(path(), {.patience = absl::Milliseconds(50)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(read.status())) << read.status();
  EXPECT_THAT(read.status().message(),
              AllOf(HasSubstr(path()), HasSubstr("nobody wrote into it")));
}

TEST_F(ReadFileTest, APipeMayGetItsTextLater) {
  ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
  std::thread writer([this] {
    std::ofstream pipe(path(), std::ios::binary);  // Waits for the reader.
    pipe << "first" << std::flush;
    pipe << "second";
  });
  const auto read = ReadFile(path(), {.patience = absl::Minutes(1)});
  writer.join();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "firstsecond");
}

TEST_F(ReadFileTest, APipeIsReadToItsEnd) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "piped", 5), 5);
  ::close(ends[1]);
  const auto read = ReadFile(absl::StrCat("/dev/fd/", ends[0]));
  ::close(ends[0]);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "piped");
}

}  // namespace
}  // namespace base
