// An HTTPS server on 127.0.0.1: for tests of what a client must refuse, and to
// be called by an API server.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "tests/support/certificates.h"

namespace support {

// Answers one request on each connection with 200 and, as the body, what the
// client said: "<server name of the handshake>|<subject of its certificate,
// or ->|<request line and headers>"; or what `answer` makes of the request's
// body, one request after the other on a thread of its own. Thread-safe.
class TlsServer {
 public:
  using Answer = std::function<std::string(const std::string& body)>;

  // `client_ca_pem`: asks for a client certificate signed by it; "" for none.
  // `max_version`: the newest protocol spoken, as OpenSSL numbers it (0x0302 is
  // TLS 1.1); 0 for all.
  explicit TlsServer(const Certificate& certificate,
                     const std::string& client_ca_pem = "",
                     int max_version = 0);
  TlsServer(const Certificate& certificate, Answer answer);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url() const;  // "https://127.0.0.1:12345"

 private:
  void Listen();
  void Run(const Certificate& certificate, const std::string& client_ca_pem,
           int max_version);

  const Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace support
