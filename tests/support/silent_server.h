// Ports of 127.0.0.1 where a connection stands still, for tests of what must
// not hang.
#pragma once

#include <string>
#include <vector>

namespace support {

class SilentServer {
 public:
  enum class Silence {
    kNoHandshake,  // TCP's: connecting never ends.
    kNeverReads    // Connected, but nobody reads or answers.
  };
  explicit SilentServer(Silence silence);
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& scheme = "http") const;

 private:
  int port_ = 0;
  int listener_ = -1;
  std::vector<int> fillers_;  // Connections that take the queue's places.
};

}  // namespace support
