#include "tests/support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>

#include "absl/strings/escaping.h"
#include "base/deleter.h"

namespace support {
namespace {

using Bio = std::unique_ptr<BIO, base::Deleter<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, base::Deleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, base::Deleter<X509_free>>;
using Extension =
    std::unique_ptr<X509_EXTENSION, base::Deleter<X509_EXTENSION_free>>;

constexpr long kDay = 24L * 60 * 60;  // NOLINT(google-runtime-int): OpenSSL's

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

Bio Reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Key MakeKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::kP521:
      return Key(EVP_EC_gen("P-521"));
    case KeyKind::kRsa2048:
      return Key(EVP_RSA_gen(2048));
    case KeyKind::kEd25519:
      return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case KeyKind::kP256:
      break;
  }
  return Key(EVP_EC_gen("P-256"));
}

std::string PemOf(X509* certificate) {
  const Bio pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate);
  return TextOf(pem.get());
}

std::string PemOf(EVP_PKEY* key, KeyFormat format) {
  const Bio pem(BIO_new(BIO_s_mem()));
  if (format == KeyFormat::kPkcs8) {
    PEM_write_bio_PKCS8PrivateKey(pem.get(), key, nullptr, nullptr, 0, nullptr,
                                  nullptr);
  } else {
    PEM_write_bio_PrivateKey_traditional(pem.get(), key, nullptr, nullptr, 0,
                                         nullptr, nullptr);
  }
  return TextOf(pem.get());
}

void AddName(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  X509_NAME_add_entry_by_txt(
      name, field, MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  X509_add_ext(certificate, extension.get(), -1);
}

void SetValidity(X509* x509, const CertificateOptions& options) {
  X509_gmtime_adj(X509_getm_notBefore(x509),
                  options.not_yet_valid ? kDay : -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), options.expired ? -kDay : 2 * kDay);
}

int NextSerial() {
  static std::atomic<int> last{0};
  return ++last;
}

}  // namespace

Certificate MakeCertificate(const CertificateOptions& options) {
  const Key key = MakeKey(options.key);
  const X509Ptr certificate(X509_new());
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), NextSerial());
  SetValidity(x509, options);
  X509_NAME* subject = X509_get_subject_name(x509);
  AddName(subject, "O", options.organization);
  AddName(subject, "CN", options.common_name);
  X509_set_pubkey(x509, key.get());
  if (!options.name.empty()) {
    AddExtension(x509, NID_subject_alt_name, options.name);
  }
  if (options.authority) {
    AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE");
    AddExtension(x509, NID_key_usage,
                 "critical,digitalSignature,keyAgreement,keyCertSign");
    AddExtension(x509, NID_ext_key_usage, "clientAuth,serverAuth");
  }
  if (options.issuer == nullptr) {
    X509_set_issuer_name(x509, subject);
    X509_sign(x509, key.get(),
              options.key == KeyKind::kEd25519 ? nullptr : EVP_sha256());
  } else {
    const X509Ptr issuer(PEM_read_bio_X509(Reader(options.issuer->pem).get(),
                                           nullptr, nullptr, nullptr));
    const Key signer(PEM_read_bio_PrivateKey(
        Reader(options.issuer->key_pem).get(), nullptr, nullptr, nullptr));
    X509_set_issuer_name(x509, X509_get_subject_name(issuer.get()));
    X509_sign(x509, signer.get(), EVP_sha256());
  }
  return {.pem = PemOf(x509), .key_pem = PemOf(key.get(), options.format)};
}

std::string PemOfDer(absl::string_view der_base64) {
  std::string der;
  if (!absl::Base64Unescape(der_base64, &der)) return "";
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const auto size =
      static_cast<long>(der.size());  // NOLINT(google-runtime-int): OpenSSL's
  const X509Ptr certificate(d2i_X509(nullptr, &bytes, size));
  return certificate == nullptr ? "" : PemOf(certificate.get());
}

}  // namespace support
