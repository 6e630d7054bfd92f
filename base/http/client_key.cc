#include "base/http/client_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "base/deleter.h"

namespace http {
namespace {

using Bio = std::unique_ptr<BIO, base::Deleter<BIO_free>>;

Bio Read(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Of a key that is encrypted. Without it OpenSSL would ask at the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*write*/, void* /*data*/) {
  return -1;
}

}  // namespace

bool KeyFitsCertificate(const std::string& certificate_pem,
                        const base::Secret& key_pem) {
  const Bio certificate_text = Read(certificate_pem);
  const Bio key_text = Read(key_pem.Reveal());
  if (certificate_text == nullptr || key_text == nullptr) return true;
  const std::unique_ptr<X509, base::Deleter<X509_free>> certificate(
      PEM_read_bio_X509(certificate_text.get(), nullptr, &NoPassword, nullptr));
  const std::unique_ptr<EVP_PKEY, base::Deleter<EVP_PKEY_free>> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, &NoPassword, nullptr));
  const bool fits = certificate == nullptr || key == nullptr ||
                    X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();  // The thread's; libcurl would find it.
  return fits;
}

}  // namespace http
