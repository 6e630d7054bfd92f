#include "tests/support/silent_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace support {
namespace {

sockaddr* Plain(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

}  // namespace

SilentServer::SilentServer(Silence silence)
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // A small window, so that a sender is stuck soon.
  const int bytes = 4096;
  setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, Plain(address), size) != 0) abort();
  getsockname(listener_, Plain(address), &size);
  port_ = ntohs(address.sin_port);
  if (silence == Silence::kNeverReads) {
    listen(listener_, 64);
    return;
  }
  listen(listener_, 0);
  // The kernel completes as many handshakes as the queue has places, and drops
  // what comes after. Full is it once one of ours stays without an answer.
  for (int i = 0; i < 16; ++i) {
    const int fd =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    fillers_.push_back(fd);
    // One that is not done at once goes on by itself; poll() tells its end.
    const bool goes_on = connect(fd, Plain(address), sizeof(address)) != 0;
    pollfd ready{.fd = fd, .events = POLLOUT};
    if (goes_on && poll(&ready, 1, 50) == 0) return;
  }
  abort();
}

SilentServer::~SilentServer() {
  for (const int fd : fillers_) close(fd);
  close(listener_);
}

std::string SilentServer::url(const std::string& scheme) const {
  return absl::StrCat(scheme, "://127.0.0.1:", port_);
}

}  // namespace support
