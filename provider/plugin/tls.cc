#include "provider/plugin/tls.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/deleter.h"

namespace plugin {
namespace {

using Key = std::unique_ptr<EVP_PKEY, base::Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, base::Deleter<X509_free>>;
using Extension =
    std::unique_ptr<X509_EXTENSION, base::Deleter<X509_EXTENSION_free>>;
using BigNumber = std::unique_ptr<BIGNUM, base::Deleter<BN_free>>;
using Memory = std::unique_ptr<BIO, base::Deleter<BIO_free_all>>;

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

bool AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr &&
         X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetSerial(X509* certificate) {
  const BigNumber serial(BN_new());
  // 127 bits: positive, as Go's parser wants it.
  return serial != nullptr &&
         BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) !=
             nullptr;
}

Certificate SelfSigned(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  if (certificate == nullptr) return nullptr;
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(x509), -60);
  X509_gmtime_adj(X509_getm_notAfter(x509), 10L * 365 * 24 * 3600);
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* host = reinterpret_cast<const unsigned char*>("localhost");
  const bool built =
      SetSerial(x509) &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0) ==
          1 &&
      X509_set_issuer_name(x509, name) == 1 &&
      X509_set_pubkey(x509, key) == 1 &&
      AddExtension(x509, NID_subject_alt_name, "DNS:localhost") &&
      AddExtension(x509, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(x509, NID_ext_key_usage, "serverAuth") &&
      X509_sign(x509, key, EVP_sha256()) > 0;
  return built ? std::move(certificate) : nullptr;
}

}  // namespace

absl::StatusOr<ServerIdentity> MakeServerIdentity() {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate =
      key == nullptr ? nullptr : SelfSigned(key.get());
  const Memory key_pem(BIO_new(BIO_s_mem()));
  const Memory certificate_pem(BIO_new(BIO_s_mem()));
  const Memory der(BIO_new(BIO_s_mem()));
  if (certificate == nullptr || key_pem == nullptr || der == nullptr ||
      certificate_pem == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr,
                                    0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1 ||
      i2d_X509_bio(der.get(), certificate.get()) != 1) {
    return absl::InternalError("cannot make the plugin's TLS certificate");
  }
  return ServerIdentity{.key_pem = Contents(key_pem.get()),
                        .certificate_pem = Contents(certificate_pem.get()),
                        .certificate_der = Contents(der.get())};
}

}  // namespace plugin
