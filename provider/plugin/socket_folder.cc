#include "provider/plugin/socket_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/percent.h"
#include "base/utf8.h"

namespace plugin {
namespace {

constexpr absl::string_view kRandom = "XXXXXX";
constexpr char kSocket[] = "plugin.sock";
// Of two processes one may sweep what the other has just made.
constexpr int kAttempts = 10;

bool Fits(const std::string& parent, const std::string& prefix) {
  const size_t length =
      parent.size() + prefix.size() + kRandom.size() + sizeof(kSocket) + 2;
  return absl::StartsWith(parent, "/") &&
         length <= sizeof(sockaddr_un{}.sun_path) &&
         base::ValidUtf8(parent) == parent &&
         std::none_of(parent.begin(), parent.end(), [](unsigned char c) {
           return c == '|' || c == '\'' || absl::ascii_iscntrl(c);
         });
}

int OpenFolder(int at, const char* path) {
  return ::openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Removes the folder `name` if its process is gone.
void SweepOne(int parent, const char* name) {
  const int folder = OpenFolder(parent, name);
  if (folder < 0) return;
  const absl::Cleanup close = [folder] { ::close(folder); };
  struct stat info {};
  if (::fstat(folder, &info) != 0 || info.st_uid != ::geteuid()) return;
  if (::flock(folder, LOCK_EX | LOCK_NB) != 0) return;  // It lives.
  ::unlinkat(folder, kSocket, 0);
  ::unlinkat(parent, name, AT_REMOVEDIR);
}

// Removes the folders whose names begin like that.
void Sweep(const std::string& parent, const std::string& prefix) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(parent.c_str()),
                                                    &::closedir);
  if (entries == nullptr) return;
  // Nobody else uses this stream.
  while (const dirent* entry =
             ::readdir(entries.get())) {  // NOLINT(concurrency-mt-unsafe)
    const absl::string_view name = entry->d_name;
    if (absl::StartsWith(name, prefix) &&
        name.size() == prefix.size() + kRandom.size()) {
      SweepOne(::dirfd(entries.get()), entry->d_name);
    }
  }
}

// The open and locked folder `path`; -1 when somebody swept it before that.
int Lock(const std::string& path) {
  const int fd = OpenFolder(AT_FDCWD, path.c_str());
  if (fd < 0) return -1;
  struct stat mine {};
  struct stat there {};
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0 && ::fstat(fd, &mine) == 0 &&
      ::stat(path.c_str(), &there) == 0 && mine.st_ino == there.st_ino) {
    return fd;
  }
  ::close(fd);
  return -1;
}

}  // namespace

absl::StatusOr<SocketFolder> SocketFolder::Make(
    absl::string_view name, const std::vector<std::string>& parents) {
  const std::string prefix = absl::StrCat("tfp-", name, "-");
  for (const std::string& parent : parents) {
    if (!Fits(parent, prefix)) continue;
    Sweep(parent, prefix);
    for (int i = 0; i < kAttempts; ++i) {
      std::string path = absl::StrCat(parent, "/", prefix, kRandom);
      if (::mkdtemp(path.data()) == nullptr) break;
      const int lock = Lock(path);
      if (lock >= 0) return SocketFolder(std::move(path), lock);
      ::rmdir(path.c_str());
    }
  }
  return absl::UnavailableError(
      absl::StrCat("cannot make a folder for the socket in any of: ",
                   absl::StrJoin(parents, ", "),
                   ". Set TMPDIR to a folder that may be written to and whose "
                   "path is short"));
}

SocketFolder::SocketFolder(std::string path, int lock)
    : path_(std::move(path)), lock_(lock) {}

SocketFolder::SocketFolder(SocketFolder&& other) noexcept
    : path_(std::exchange(other.path_, "")),
      lock_(std::exchange(other.lock_, -1)) {}

SocketFolder::~SocketFolder() {
  if (path_.empty()) return;
  ::unlink(socket_path().c_str());
  ::rmdir(path_.c_str());
  ::close(lock_);
}

std::string SocketFolder::socket_path() const {
  return absl::StrCat(path_, "/", kSocket);
}

std::string GrpcAddress(absl::string_view socket_path) {
  return absl::StrCat("unix:", base::PercentEncoded(socket_path, "/-_.~"));
}

}  // namespace plugin
