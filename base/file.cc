#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

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
      return absl::Status(error == EACCES || error == EPERM
                              ? absl::StatusCode::kPermissionDenied
                              : absl::StatusCode::kUnavailable,
                          absl::StrCat(path, " cannot be read: ",
                                       std::generic_category().message(error)));
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t max_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Unreadable(path, errno);
  const absl::Cleanup close = [fd] { ::close(fd); };
  std::string text;
  std::array<char, 65536> piece{};
  while (true) {
    const ssize_t n = ::read(fd, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Unreadable(path, errno);
    if (n == 0) return text;
    text.append(piece.data(), static_cast<size_t>(n));
    if (text.size() > max_bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, " cannot be read: it has more than ", max_bytes, " bytes"));
    }
  }
}

}  // namespace base
