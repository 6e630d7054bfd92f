// Whether a client's certificate and key are of use, and make a pair.
#pragma once

#include <string>

#include "base/secret.h"

namespace http {

// Whether the first certificate in `pem` can be read.
bool IsReadableCertificate(const std::string& pem);
// The same of a key; one with a password cannot.
bool IsReadableKey(const base::Secret& pem);

// False if both can be read and the key is not that of the first certificate.
// Whatever cannot be read counts as fitting: the handshake says more about it.
bool KeyFitsCertificate(const std::string& certificate_pem,
                        const base::Secret& key_pem);

}  // namespace http
