// The server's side of AutoMTLS: a key and a certificate of this process's own.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace plugin {

struct ServerIdentity {
  std::string key_pem;
  std::string certificate_pem;
  std::string certificate_der;
};

// A fresh ECDSA P-256 key with a self-signed certificate for DNS:localhost,
// valid from a minute ago (the client's clock is ours) for ten years.
absl::StatusOr<ServerIdentity> MakeServerIdentity();

}  // namespace plugin
