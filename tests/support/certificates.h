// Certificates made to order, for tests of both sides of TLS.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace support {

struct Certificate {
  std::string pem;
  std::string key_pem;
};

enum class KeyKind { kP256, kP521, kRsa2048, kEd25519 };
enum class KeyFormat {
  kPkcs8,       // BEGIN PRIVATE KEY
  kTraditional  // BEGIN EC PRIVATE KEY (SEC1), BEGIN RSA PRIVATE KEY (PKCS#1)
};

struct CertificateOptions {
  std::string name = "IP:127.0.0.1";  // subjectAltName; "" for none.
  bool expired = false;
  bool not_yet_valid = false;
  std::string common_name = "test";
  std::string organization;             // Of the subject; "" for none.
  const Certificate* issuer = nullptr;  // Null: self-signed, its own CA.
  bool authority = false;               // May sign others.
  KeyKind key = KeyKind::kP256;
  KeyFormat format = KeyFormat::kPkcs8;
};

Certificate MakeCertificate(const CertificateOptions& options = {});

// A certificate given as base64 of DER, as PEM; "" if it is none.
std::string PemOfDer(absl::string_view der_base64);

}  // namespace support
