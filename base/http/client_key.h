// Whether a client's certificate and key are of use, and make a pair.
#pragma once

#include <optional>
#include <string>

#include "base/secret.h"

namespace http {

// Whether the first certificate in `pem` can be read.
bool IsReadableCertificate(const std::string& pem);

enum class PairFault {
  kCertificateUnreadable,
  kKeyUnreadable,  // One with a password is, too.
  kKeyOfAnotherCertificate,
};

// What is wrong with a client's certificate, the first in its text, and key;
// each is read once. Nullopt if nothing is.
std::optional<PairFault> PairFaultOf(const std::string& certificate_pem,
                                     const base::Secret& key_pem);

}  // namespace http
