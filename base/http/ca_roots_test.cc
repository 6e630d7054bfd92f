#include "base/http/ca_roots.h"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv is POSIX

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/http/transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/tls_server.h"

namespace http {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CaRoots Find(const CaRootsEnvironment& environment,
             const std::set<std::string>& existing) {
  return FindCaRoots(environment, [&existing](const std::string& path) {
    return existing.contains(path);
  });
}

TEST(CaRoots, EachDistributionsFileIsFound) {
  for (const char* file : {"/etc/ssl/certs/ca-certificates.crt",
                           "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
                           "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                           "/etc/ssl/cert.pem"}) {
    EXPECT_EQ(Find({}, {file}), CaRoots{.file = file});
  }
}

TEST(CaRoots, OfTwoUsualFilesOneCounts) {
  EXPECT_EQ(Find({}, {"/etc/ssl/cert.pem", "/etc/ssl/certs",
                      "/etc/ssl/certs/ca-certificates.crt"}),
            CaRoots{.file = "/etc/ssl/certs/ca-certificates.crt"});
}

TEST(CaRoots, FoldersCountWhereThereIsNoFile) {
  const CaRoots roots = Find({}, {"/etc/ssl/certs", "/etc/pki/tls/certs"});
  EXPECT_EQ(roots.file, "");
  EXPECT_THAT(roots.directories,
              ElementsAre("/etc/ssl/certs", "/etc/pki/tls/certs"));
}

TEST(CaRoots, NothingIsNoError) { EXPECT_EQ(Find({}, {}), CaRoots{}); }

TEST(CaRoots, TheEnvironmentsFileReplacesTheUsualOnesEvenIfMissing) {
  EXPECT_EQ(Find({.cert_file = "/my.pem"},
                 {"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs"}),
            CaRoots{.file = "/my.pem"});
}

TEST(CaRoots, TheEnvironmentsFoldersComeBesideTheFile) {
  const CaRoots roots =
      Find({.cert_dir = "/a::/b"}, {"/etc/ssl/cert.pem", "/etc/ssl/certs"});
  EXPECT_EQ(roots.file, "/etc/ssl/cert.pem");
  EXPECT_THAT(roots.directories, ElementsAre("/a", "/b"));
}

class CaRootFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (fs::temp_directory_path() / "ca-roots-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
    fs::remove_all(directory_);
  }
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(directory_, "/", name);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  absl::StatusOr<Response> Get(const support::TlsServer& server) {
    return NewTransport({})->Send({}, {.url = server.url()});
  }

  std::string directory_;
};

TEST_F(CaRootFiles, CertificatesOfAFolderAreReadWhateverTheirNames) {
  Write("b", "-----BEGIN CERTIFICATE-----\nB");
  Write("a.pem", "-----BEGIN CERTIFICATE-----\nA\n");
  Write("README", "no certificate");
  Write(".a.pem.swp", "-----BEGIN CERTIFICATE-----\nold\n");
  fs::create_directory(directory_ + "/sub");
  EXPECT_EQ(ReadCaRoots({.directories = {directory_, "/does/not/exist"}}),
            "-----BEGIN CERTIFICATE-----\nA\n-----BEGIN CERTIFICATE-----\nB\n");
}

TEST_F(CaRootFiles, AMissingFileHoldsNothing) {
  EXPECT_THAT(ReadCaRoots({.file = directory_ + "/absent"}), IsEmpty());
}

TEST_F(CaRootFiles, ARequestWithoutACaTrustsTheEnvironmentsFile) {
  const support::Certificate certificate = support::MakeCertificate();
  const support::TlsServer server(certificate);
  ::setenv("SSL_CERT_FILE", Write("ca.crt", certificate.pem).c_str(), 1);
  const auto response = Get(server);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
}

TEST_F(CaRootFiles, ARequestWithoutACaTrustsTheEnvironmentsFolder) {
  const support::Certificate certificate = support::MakeCertificate();
  const support::TlsServer server(certificate);
  Write("corporate", certificate.pem);  // Without the name that a hash gives.
  ::setenv("SSL_CERT_DIR", directory_.c_str(), 1);
  const auto response = Get(server);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
}

TEST_F(CaRootFiles, OtherRootsAreNotEnough) {
  const support::TlsServer server(support::MakeCertificate());
  ::setenv("SSL_CERT_FILE",
           Write("ca.crt", support::MakeCertificate().pem).c_str(), 1);
  const auto response = Get(server);
  EXPECT_TRUE(CertificateProblemOf(response.status()).has_value())
      << response.status();
}

TEST_F(CaRootFiles, AMissingFileOfTheEnvironmentIsNamed) {
  const support::TlsServer server(support::MakeCertificate());
  const std::string path = absl::StrCat(directory_, "/absent");
  ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  const auto response = Get(server);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(response.status().message()), HasSubstr(path));
}

TEST_F(CaRootFiles, AnEmptyFolderTrustsNothing) {
  const support::TlsServer server(support::MakeCertificate());
  ::setenv("SSL_CERT_FILE", Write("README", "no certificate").c_str(), 1);
  ::setenv("SSL_CERT_DIR", directory_.c_str(), 1);
  const auto response = Get(server);
  EXPECT_TRUE(CertificateProblemOf(response.status()).has_value())
      << response.status();
}

}  // namespace
}  // namespace http
