#include "provider/plugin/tls.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/deleter.h"
#include "gtest/gtest.h"

namespace plugin {
namespace {

using Certificate = std::unique_ptr<X509, base::Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, base::Deleter<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, base::Deleter<BIO_free_all>>;

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto identity = MakeServerIdentity();
    ASSERT_TRUE(identity.ok()) << identity.status();
    identity_ = *std::move(identity);
    const Memory pem(
        BIO_new_mem_buf(identity_.certificate_pem.data(),
                        static_cast<int>(identity_.certificate_pem.size())));
    certificate_.reset(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    ASSERT_NE(certificate_, nullptr);
  }

  ServerIdentity identity_;
  Certificate certificate_;
};

TEST_F(TlsTest, KeyIsP256AndBelongsToTheCertificate) {
  const Memory pem(BIO_new_mem_buf(identity_.key_pem.data(),
                                   static_cast<int>(identity_.key_pem.size())));
  const Key key(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(X509_check_private_key(certificate_.get(), key.get()), 1);
  char group[32] = {};
  ASSERT_EQ(
      EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                     group, sizeof(group), nullptr),
      1);
  EXPECT_STREQ(group, "prime256v1");
}

TEST_F(TlsTest, IsSignedByItself) {
  EXPECT_EQ(
      X509_verify(certificate_.get(), X509_get0_pubkey(certificate_.get())), 1);
  EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(certificate_.get()),
                          X509_get_issuer_name(certificate_.get())),
            0);
}

TEST_F(TlsTest, IsVersionThreeForLocalhost) {
  EXPECT_EQ(X509_get_version(certificate_.get()), X509_VERSION_3);
  // Never the common name: clients look at the alternative names alone.
  EXPECT_EQ(X509_check_host(certificate_.get(), "localhost", 0,
                            X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr),
            1);
  EXPECT_NE(X509_check_host(certificate_.get(), "example.com", 0, 0, nullptr),
            1);
}

TEST_F(TlsTest, MayServeTls) {
  const uint32_t usage = X509_get_extended_key_usage(certificate_.get());
  ASSERT_NE(usage, UINT32_MAX);  // The extension is there.
  EXPECT_NE(usage & XKU_SSL_SERVER, 0u);
  EXPECT_NE(X509_get_key_usage(certificate_.get()) & KU_DIGITAL_SIGNATURE, 0u);
}

TEST_F(TlsTest, IsValidNowAndForLong) {
  const X509* x509 = certificate_.get();
  EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(x509)), 0);
  EXPECT_GT(X509_cmp_current_time(X509_get0_notAfter(x509)), 0);
  int days = 0;
  int seconds = 0;
  ASSERT_EQ(ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(x509)),
            1);
  EXPECT_GT(days, 365);
}

TEST_F(TlsTest, SerialIsPositiveAndItsOwn) {
  const auto serial = [](const X509* x509) {
    return std::unique_ptr<BIGNUM, base::Deleter<BN_free>>(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nullptr));
  };
  const auto own = serial(certificate_.get());
  EXPECT_FALSE(BN_is_negative(own.get()));
  EXPECT_FALSE(BN_is_zero(own.get()));
  const auto other = MakeServerIdentity();
  ASSERT_TRUE(other.ok());
  EXPECT_NE(other->certificate_der, identity_.certificate_der);
  EXPECT_NE(other->key_pem, identity_.key_pem);
}

TEST_F(TlsTest, DerAndPemAreTheSameCertificate) {
  const auto* bytes =
      reinterpret_cast<const unsigned char*>(identity_.certificate_der.data());
  const Certificate der(
      d2i_X509(nullptr, &bytes,
               static_cast<std::ptrdiff_t>(identity_.certificate_der.size())));
  ASSERT_NE(der, nullptr);
  EXPECT_EQ(X509_cmp(der.get(), certificate_.get()), 0);
}

}  // namespace
}  // namespace plugin
