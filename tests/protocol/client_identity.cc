#include "tests/protocol/client_identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/escaping.h"

namespace protocol {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string PemOf(X509* certificate) {
  const Memory pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate);
  return Contents(pem.get());
}

void AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  X509_add_ext(certificate, extension.get(), -1);
}

}  // namespace

ClientIdentity MakeClientIdentity() {
  const Key key(EVP_EC_gen("P-521"));
  const Certificate certificate(X509_new());
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -30);
  X509_gmtime_adj(X509_getm_notAfter(x509), 24L * 3600);
  X509_NAME* name = X509_get_subject_name(x509);
  const auto* host = reinterpret_cast<const unsigned char*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_set_pubkey(x509, key.get());
  AddExtension(x509, NID_subject_alt_name, "DNS:localhost");
  AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(x509, NID_key_usage,
               "critical,digitalSignature,keyEncipherment,keyAgreement,"
               "keyCertSign");
  AddExtension(x509, NID_ext_key_usage, "clientAuth,serverAuth");
  X509_sign(x509, key.get(), EVP_sha512());
  const Memory key_pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0,
                                nullptr, nullptr);
  return {.key_pem = Contents(key_pem.get()), .certificate_pem = PemOf(x509)};
}

std::string PemOf(absl::string_view der_base64) {
  std::string der;
  if (!absl::Base64Unescape(der_base64, &der)) return "";
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const Certificate certificate(
      d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  return certificate == nullptr ? "" : PemOf(certificate.get());
}

}  // namespace protocol
