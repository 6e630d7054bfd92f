#include "base/http/client_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "base/deleter.h"

namespace http {
namespace {

using Bio = std::unique_ptr<BIO, base::Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, base::Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, base::Deleter<EVP_PKEY_free>>;

Bio Read(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Of a key that is encrypted. Without it OpenSSL would ask at the terminal.
int NoPassword(char* /*buffer*/, int /*size*/, int /*write*/, void* /*data*/) {
  return -1;
}

// Null for what cannot be read.
Certificate ReadCertificate(const std::string& pem) {
  const Bio text = Read(pem);
  Certificate certificate(
      text == nullptr
          ? nullptr
          : PEM_read_bio_X509(text.get(), nullptr, &NoPassword, nullptr));
  ERR_clear_error();  // The thread's; libcurl would find it.
  return certificate;
}

Key ReadKey(const base::Secret& pem) {
  const Bio text = Read(pem.Reveal());
  Key key(text == nullptr ? nullptr
                          : PEM_read_bio_PrivateKey(text.get(), nullptr,
                                                    &NoPassword, nullptr));
  ERR_clear_error();
  return key;
}

}  // namespace

bool IsReadableCertificate(const std::string& pem) {
  return ReadCertificate(pem) != nullptr;
}

std::optional<PairFault> PairFaultOf(const std::string& certificate_pem,
                                     const base::Secret& key_pem) {
  const Certificate certificate = ReadCertificate(certificate_pem);
  if (certificate == nullptr) return PairFault::kCertificateUnreadable;
  const Key key = ReadKey(key_pem);
  if (key == nullptr) return PairFault::kKeyUnreadable;
  const bool fits = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();  // The thread's; libcurl would find it.
  if (!fits) return PairFault::kKeyOfAnotherCertificate;
  return std::nullopt;
}

}  // namespace http
