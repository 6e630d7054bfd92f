// The folder that holds the plugin's socket.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace plugin {

// A fresh folder that only this user can enter; removed with its socket in the
// end. A lock, which ends with the process, tells it from those that killed
// processes left behind.
class SocketFolder {
 public:
  // "tfp-<name>-<six random characters>" in the first of `parents` where that
  // works. Passed over are those that do not exist, leave no room for a
  // socket's path (108 bytes), are relative, or have bytes that the handshake
  // or a shell cannot carry: "|", "'", control characters, what is not UTF-8.
  // First removes from there the folders of that name and of our own user whose
  // process is gone.
  static absl::StatusOr<SocketFolder> Make(
      absl::string_view name, const std::vector<std::string>& parents);

  SocketFolder(SocketFolder&& other) noexcept;
  SocketFolder& operator=(SocketFolder&&) = delete;
  ~SocketFolder();

  std::string socket_path() const;

 private:
  SocketFolder(std::string path, int lock);

  std::string path_;  // "" once moved from.
  int lock_;
};

// `socket_path` as an address of gRPC, which reads it as a URL.
std::string GrpcAddress(absl::string_view socket_path);

}  // namespace plugin
