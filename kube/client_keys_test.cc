// Client keys of every kind and container, and CA bundles as people keep them,
// against a server that demands a client certificate.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "tests/support/tls_server.h"

namespace kube {
namespace {

using ::testing::HasSubstr;

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct BioFree {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
struct X509Free {
  void operator()(X509* x509) const { X509_free(x509); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

std::string Written(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, BioFree> bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(write(bio.get()), 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Pkcs8(EVP_PKEY* key) {
  return Written([key](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                         nullptr);
  });
}

// PKCS#1 for RSA, SEC1 for ECDSA.
std::string Traditional(EVP_PKEY* key) {
  return Written([key](BIO* bio) {
    return PEM_write_bio_PrivateKey_traditional(bio, key, nullptr, nullptr, 0,
                                                nullptr, nullptr);
  });
}

std::string SelfSigned(EVP_PKEY* key) {
  const std::unique_ptr<X509, X509Free> x509(X509_new());
  X509_set_version(x509.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 7);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key);
  X509_NAME* subject = X509_get_subject_name(x509.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("jane"), -1,
                             -1, 0);
  X509_set_issuer_name(x509.get(), subject);
  const bool ed25519 = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  EXPECT_GT(X509_sign(x509.get(), key, ed25519 ? nullptr : EVP_sha256()), 0);
  return Written(
      [&x509](BIO* bio) { return PEM_write_bio_X509(bio, x509.get()); });
}

// What the server says that it heard, or the error.
std::string Said(Config config) {
  auto client =
      NewClient(std::move(config), {.first_contact_timeout = absl::Seconds(2)});
  if (!client.ok()) return std::string(client.status().message());
  const auto said = (*client)->Logs({}, {"", "v1", "pods", "ns", "p"}, {});
  return said.ok() ? *said : std::string(said.status().message());
}

TEST(ClientKeys, EveryKindAndContainerIsAccepted) {
  const struct {
    const char* name;
    std::function<EVP_PKEY*()> make;
    std::function<std::string(EVP_PKEY*)> write;
    const char* header;
  } kCases[] = {
      {"RSA PKCS#1", [] { return EVP_RSA_gen(2048); }, Traditional,
       "BEGIN RSA PRIVATE KEY"},
      {"RSA PKCS#8", [] { return EVP_RSA_gen(2048); }, Pkcs8,
       "BEGIN PRIVATE KEY"},
      {"P-256 SEC1", [] { return EVP_EC_gen("P-256"); }, Traditional,
       "BEGIN EC PRIVATE KEY"},
      {"P-256 PKCS#8", [] { return EVP_EC_gen("P-256"); }, Pkcs8,
       "BEGIN PRIVATE KEY"},
      {"P-384 SEC1", [] { return EVP_EC_gen("P-384"); }, Traditional,
       "BEGIN EC PRIVATE KEY"},
      {"P-384 PKCS#8", [] { return EVP_EC_gen("P-384"); }, Pkcs8,
       "BEGIN PRIVATE KEY"},
      {"Ed25519 PKCS#8",
       [] { return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"); }, Pkcs8,
       "BEGIN PRIVATE KEY"},
  };
  const support::Certificate server = support::MakeCertificate();
  for (const auto& test : kCases) {
    const Key key(test.make());
    ASSERT_NE(key, nullptr) << test.name;
    const std::string certificate = SelfSigned(key.get());
    const std::string key_pem = test.write(key.get());
    ASSERT_THAT(key_pem, HasSubstr(test.header)) << test.name;
    const support::TlsServer tls(server, certificate);
    EXPECT_THAT(Said({.server = tls.url(),
                      .ca_pem = server.pem,
                      .client_certificate_pem = certificate,
                      .client_key_pem = base::Secret(key_pem)}),
                HasSubstr("/CN=jane"))
        << test.name;
    const std::string crlf = absl::StrReplaceAll(key_pem, {{"\n", "\r\n"}});
    EXPECT_THAT(Said({.server = tls.url(),
                      .ca_pem = server.pem,
                      .client_certificate_pem = certificate,
                      .client_key_pem = base::Secret("text\r\n" + crlf)}),
                HasSubstr("/CN=jane"))
        << test.name << " with CRLF";
  }
}

TEST(ClientKeys, BundlesMayHoldSeveralCertificatesCrlfAndText) {
  const support::Certificate server = support::MakeCertificate();
  const support::Certificate other = support::MakeCertificate();
  const support::TlsServer tls(server);
  const std::string crlf = absl::StrReplaceAll(server.pem, {{"\n", "\r\n"}});
  for (const std::string& bundle :
       {absl::StrCat(other.pem, server.pem),
        absl::StrCat(server.pem, other.pem),
        absl::StrCat("# comment\n", other.pem, "\n\nsubject=/CN=x\n",
                     server.pem, "trailing"),
        crlf, absl::StrCat("subject\r\n", other.pem, "\r\n", crlf)}) {
    EXPECT_THAT(Said({.server = tls.url(), .ca_pem = bundle}),
                HasSubstr("GET /api/v1/namespaces/ns/pods/p/log"))
        << bundle;
  }
  EXPECT_THAT(Said({.server = tls.url(), .ca_pem = other.pem}),
              HasSubstr("certificate"));
}

}  // namespace
}  // namespace kube
