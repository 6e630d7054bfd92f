// An HTTPS server on 127.0.0.1 with a certificate made to order, for tests of
// what a client must refuse.
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace support {

struct Certificate {
  std::string pem;
  std::string key_pem;
};

struct CertificateOptions {
  std::string name = "IP:127.0.0.1";  // subjectAltName.
  bool expired = false;
};

// Self-signed, P-256; so it is its own CA.
Certificate MakeCertificate(const CertificateOptions& options = {});

// Answers one request on each connection with 200 and, as the body, what the
// client said: "<server name of the handshake>|<subject of its certificate,
// or ->|<request line and headers>". Thread-safe.
class TlsServer {
 public:
  // `client_ca_pem`: asks for a client certificate signed by it; "" for none.
  explicit TlsServer(const Certificate& certificate,
                     std::string client_ca_pem = "");
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string url() const;  // "https://127.0.0.1:12345"

 private:
  void Run(const Certificate& certificate, const std::string& client_ca_pem);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace support
