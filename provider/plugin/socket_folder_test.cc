#include "provider/plugin/socket_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SocketFolderTest : public ::testing::Test {
 protected:
  SocketFolderTest() { EXPECT_NE(::mkdtemp(parent_.data()), nullptr); }
  ~SocketFolderTest() override { fs::remove_all(parent_); }

  std::string Below(const std::string& name) const {
    const std::string path = absl::StrCat(parent_, "/", name);
    fs::create_directory(path);
    return path;
  }
  static std::string FolderOf(const SocketFolder& folder) {
    return fs::path(folder.socket_path()).parent_path();
  }
  // How many entries there are in the parent.
  int64_t Left() const {
    return std::distance(fs::directory_iterator(parent_), {});
  }

  std::string parent_ = ::testing::TempDir() + "sock-XXXXXX";
};

TEST_F(SocketFolderTest, IsPrivateAndGoesWithItsSocket) {
  {
    const auto folder = SocketFolder::Make("name", {parent_});
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_THAT(folder->socket_path(), StartsWith(parent_ + "/"));
    struct stat info {};
    ASSERT_EQ(::stat(FolderOf(*folder).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    std::ofstream(folder->socket_path()) << "";
  }
  EXPECT_EQ(Left(), 0);
}

TEST_F(SocketFolderTest, ParentsThatWillNotDoArePassedOver) {
  const std::string last = Below("last");
  std::string deep = parent_;
  while (deep.size() < 90) {
    deep += "/0123456789";
    fs::create_directory(deep);
  }
  for (const std::string& bad :
       {std::string(), std::string("relative"), absl::StrCat(parent_, "/none"),
        deep, Below("a|b"), Below("it's"), Below("line\nbreak"),
        Below("latin\xe9")}) {
    const auto folder = SocketFolder::Make("name", {bad, last});
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_THAT(folder->socket_path(), StartsWith(last + "/")) << bad;
  }
  for (const std::string& good : {Below("100%"), Below("a#b"), Below("a?b"),
                                  Below("a b"), Below("\xc3\xa9")}) {
    const auto folder = SocketFolder::Make("name", {good, last});
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_THAT(folder->socket_path(), StartsWith(good + "/"));
  }
  EXPECT_THAT(SocketFolder::Make("name", {"/none"}).status().message(),
              HasSubstr("TMPDIR"));
}

TEST_F(SocketFolderTest, WhatKilledProcessesLeftIsSweptByTheNext) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto folder = SocketFolder::Make("name", {parent_});
    std::ofstream(folder->socket_path()) << "";
    ::_exit(0);  // Without destructors, as when it is killed.
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(Left(), 1);
  const auto living = SocketFolder::Make("name", {parent_});
  ASSERT_TRUE(living.ok());
  EXPECT_EQ(Left(), 1);
  const auto another = SocketFolder::Make("name", {parent_});
  ASSERT_TRUE(another.ok());
  EXPECT_TRUE(fs::exists(FolderOf(*living)));
  EXPECT_TRUE(fs::exists(FolderOf(*another)));
}

TEST_F(SocketFolderTest, WhatIsNotOursIsLeftAlone) {
  const std::string other = Below("tfp-name-other");    // Another name.
  const std::string filled = Below("tfp-name-abcdef");  // Something in it.
  std::ofstream(filled + "/notes") << "keep";
  const std::string target = Below("target");
  std::ofstream(target + "/plugin.sock") << "keep";
  fs::create_symlink(target, parent_ + "/tfp-name-linked");
  const auto folder = SocketFolder::Make("name", {parent_});
  EXPECT_TRUE(fs::exists(other));
  EXPECT_TRUE(fs::exists(filled + "/notes"));
  EXPECT_TRUE(fs::exists(target + "/plugin.sock"));
  if (::geteuid() != 0) return;  // Nobody else can be had.
  const std::string foreign = Below("tfp-name-foreig");
  ASSERT_EQ(::chown(foreign.c_str(), 12345, 12345), 0);
  const auto again = SocketFolder::Make("name", {parent_});
  EXPECT_TRUE(fs::exists(foreign));
}

TEST_F(SocketFolderTest, ManyStartsAtOnceDoNotSweepEachOther) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 50; ++j) {
        const auto folder = SocketFolder::Make("name", {parent_});
        ASSERT_TRUE(folder.ok()) << folder.status();
        EXPECT_TRUE(fs::exists(FolderOf(*folder)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Left(), 0);
}

TEST(GrpcAddressTest, EscapesWhatUrlsDo) {
  EXPECT_EQ(GrpcAddress("/tmp/a-b_c.d~e/p.sock"), "unix:/tmp/a-b_c.d~e/p.sock");
  EXPECT_EQ(GrpcAddress("/100%/a#b?c d/\xc3\xa9"),
            "unix:/100%25/a%23b%3Fc%20d/%C3%A9");
}

}  // namespace
}  // namespace plugin
