#include "base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/errno_text.h"

namespace base {
namespace {

absl::Status Unreadable(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat(path, " does not exist"));
    case EISDIR:
      return absl::InvalidArgumentError(
          absl::StrCat(path, " cannot be read: it is a folder, not a file"));
    default:
      return absl::Status(
          error == EACCES || error == EPERM
              ? absl::StatusCode::kPermissionDenied
              : absl::StatusCode::kUnavailable,
          absl::StrCat(path, " cannot be read: ", ErrnoText(error)));
  }
}

// Until there is something to read, or the end; false after `patience`. Files
// that are no pipes are always ready.
bool AwaitReadable(int fd, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  while (true) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const int64_t left =
        std::max<int64_t>(0, absl::ToInt64Milliseconds(end - absl::Now()));
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
    if (ready == 0) return false;
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     const ReadFileOptions& options) {
  // To open a pipe without a writer would block.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Unreadable(path, errno);
  const absl::Cleanup close = [fd] { ::close(fd); };
  std::string text;
  std::array<char, 65536> piece{};
  while (true) {
    if (!AwaitReadable(fd, options.patience)) {
      return absl::DeadlineExceededError(absl::StrCat(
          path, " cannot be read: it is a pipe, and nobody wrote into it for ",
          absl::FormatDuration(options.patience)));
    }
    const ssize_t n = ::read(fd, piece.data(), piece.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return Unreadable(path, errno);
    if (n == 0) return text;
    text.append(piece.data(), static_cast<size_t>(n));
    if (text.size() > options.max_bytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " cannot be read: it has more than ",
                       options.max_bytes, " bytes"));
    }
  }
}

}  // namespace base
