#include "resources/connection/advice.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "tests/support/certificates.h"
#include "tests/support/http_server.h"
#include "tests/support/tls_server.h"

namespace resources {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Of a request to the server of `config`.
absl::Status Failure(kube::Config config) {
  auto client =
      kube::NewClient(std::move(config), {.advice = ConnectionAdvice});
  if (!client.ok()) return client.status();
  return (*client)->Get({}, kube::ConfigMapRef("ns", "x")).status();
}

// Each says what is wrong, at which address, and which argument to set; nothing
// of it is repeated.
TEST(ConnectionAdviceTest, CertificatesAndProxiesComeWithAdvice) {
  const support::Certificate ca = support::MakeCertificate(
      {.name = "", .common_name = "ca", .authority = true});
  const support::Certificate expired =
      support::MakeCertificate({.expired = true, .issuer = &ca});
  const support::Certificate other =
      support::MakeCertificate({.name = "DNS:other.test", .issuer = &ca});
  const support::Certificate stranger = support::MakeCertificate();
  support::HttpServer proxy;
  proxy.Always({.status = 407});
  const std::string proxy_url =
      absl::StrCat("http://u:hunter2@127.0.0.1:", proxy.port());
  const struct {
    const char* rule;
    const support::Certificate& server;
    kube::Config config;
    const char* problem;
    const char* advice;
  } kCases[] = {
      {"wrong CA",
       stranger,
       {.ca_pem = ca.pem},
       "not trusted",
       "cluster_ca_certificate (or"},
      {"no CA", stranger, {}, "not trusted", "set cluster_ca_certificate"},
      {"expired", expired, {.ca_pem = ca.pem}, "has expired", "renewed"},
      {"wrong name",
       other,
       {.ca_pem = ca.pem},
       "for another name",
       "set tls_server_name"},
      {"wrong tls_server_name",
       other,
       {.ca_pem = ca.pem, .tls_server_name = "third.test"},
       "for another name",
       "tls_server_name is \"third.test\""},
      {"407",
       stranger,
       {.ca_pem = ca.pem, .proxy_url = proxy_url},
       "HTTP 407",
       "correct proxy_url"},
  };
  for (const auto& c : kCases) {
    const support::TlsServer server(c.server);
    kube::Config config = c.config;
    config.server = server.url();
    const absl::Status status = Failure(std::move(config));
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << c.rule;
    const std::string message(status.message());
    EXPECT_THAT(message, HasSubstr(c.problem)) << c.rule;
    EXPECT_THAT(message, HasSubstr(c.advice)) << c.rule;
    EXPECT_THAT(message, HasSubstr(server.url())) << c.rule;
    EXPECT_THAT(message, Not(HasSubstr("hunter2"))) << c.rule;
  }
}

TEST(ConnectionAdviceTest, AProxyBeforeAPlainServerWantsCredentials) {
  support::HttpServer server;
  server.Always({.status = 407});
  EXPECT_THAT(std::string(Failure({.server = server.url()}).message()),
              HasSubstr("put user:password@ before the host in proxy_url"));
}

TEST(TextOfTest, EachFaultHasATextOfItsOwn) {
  using kube::ConfigFault;
  std::set<std::string> texts;
  const ConfigFault faults[] = {ConfigFault::kCaAndInsecure,
                                ConfigFault::kTokenAndUsername,
                                ConfigFault::kHalfClientCertificate,
                                ConfigFault::kNobodyToImpersonate,
                                ConfigFault::kCaNotPem,
                                ConfigFault::kClientCertificateNotPem,
                                ConfigFault::kClientKeyNotPem,
                                ConfigFault::kCaUnreadable,
                                ConfigFault::kClientCertificateUnreadable,
                                ConfigFault::kClientKeyUnreadable,
                                ConfigFault::kKeyOfAnotherCertificate,
                                ConfigFault::kTokenNotOneLine,
                                ConfigFault::kImpersonationNotOneLine};
  for (const ConfigFault fault : faults) {
    const std::string text = TextOf(fault,
                                    {.ca = "ca",
                                     .client_certificate = "c",
                                     .client_key = "k",
                                     .token = "t"},
                                    "");
    EXPECT_NE(text, "");
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
}

}  // namespace
}  // namespace resources
