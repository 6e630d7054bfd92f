// The client's side of AutoMTLS, as go-plugin makes it.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace protocol {

struct ClientIdentity {
  std::string key_pem;
  std::string certificate_pem;
};

// A fresh ECDSA P-521 key with a self-signed CA certificate for localhost.
ClientIdentity MakeClientIdentity();

// A certificate of the handshake line (base64 of DER) as PEM; "" if it is none.
std::string PemOf(absl::string_view der_base64);

}  // namespace protocol
