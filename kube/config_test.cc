#include "kube/config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/certificates.h"

namespace kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";

TEST(DescribeConfigTest, NamesSourcesAndHidesSecrets) {
  EXPECT_EQ(DescribeConfig({.server = "https://h", .source = "a flag"}),
            "https://h (a flag, anonymous)");
  EXPECT_THAT(
      DescribeConfig({.server = "http://h", .token = base::Secret("hunter2")}),
      AllOf(HasSubstr("no credentials over plain http"),
            Not(HasSubstr("hunter2"))));
}

TEST(DescribeConfigTest, NamesTheProxyOfTheEnvironment) {
  const Config config = {.server = "https://h", .source = "a flag"};
  EXPECT_EQ(DescribeConfig(config, {.https_proxy = "http://u:hunter2@p:3128"}),
            "https://h (a flag, anonymous, proxy p:3128)");
  EXPECT_EQ(DescribeConfig(config, {.https_proxy = "p", .no_proxy = "h"}),
            "https://h (a flag, anonymous)");
}

TEST(ServerUrlTest, MeansHttpsUnlessHttpIsWrittenOut) {
  EXPECT_EQ(ServerUrl("h:80").value(), "https://h:80");
  EXPECT_EQ(ServerUrl("http://h:80").value(), "http://h:80");
  EXPECT_EQ(ServerUrl("https://h/prefix//").value(), "https://h/prefix");
}

TEST(ServerUrlTest, RefusesWhatIsNoServerAndDoesNotRepeatIt) {
  for (const char* address :
       {"ftp://h", "https://", "https://u:hunter2@h", "https://h/?q", "/x"}) {
    const absl::Status status = ServerUrl(address).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
  }
}

TEST(CheckConfigTest, FindsEachContradiction) {
  const support::Certificate mine = support::MakeCertificate();
  const support::Certificate other = support::MakeCertificate();
  const base::Secret secret("s");
  const struct {
    ConfigFault fault;
    Config config;
    const char* says;
  } kCases[] = {
      {ConfigFault::kCaAndInsecure,
       {.ca_pem = kPem, .insecure = true},
       "insecure-skip-tls-verify and certificate-authority"},
      {ConfigFault::kTokenAndUsername,
       {.token_file = "/t", .username = "u"},
       "token and username"},
      {ConfigFault::kHalfClientCertificate,
       {.client_certificate_pem = kPem},
       "must be given together"},
      {ConfigFault::kNobodyToImpersonate,
       {.impersonate_groups = {"g"}},
       "without as"},
      {ConfigFault::kCaNotPem,
       {.ca_pem = "text"},
       "certificate-authority is not PEM"},
      {ConfigFault::kClientCertificateNotPem,
       {.client_certificate_pem = "text", .client_key_pem = secret},
       "client-certificate is not PEM"},
      {ConfigFault::kClientKeyNotPem,
       {.client_certificate_pem = kPem, .client_key_pem = secret},
       "client-key is not PEM"},
      {ConfigFault::kCaUnreadable, {.ca_pem = kPem}, "can be read"},
      {ConfigFault::kClientCertificateUnreadable,
       {.client_certificate_pem = kPem,
        .client_key_pem = base::Secret(mine.key_pem)},
       "client-certificate cannot be read"},
      {ConfigFault::kClientKeyUnreadable,
       {.client_certificate_pem = mine.pem,
        .client_key_pem =
            base::Secret(mine.key_pem.substr(0, mine.key_pem.size() / 2))},
       "client-key cannot be read"},
      {ConfigFault::kImpersonationNotOneLine,
       {.impersonate_user = "u", .impersonate_groups = {"g\nX: 1"}},
       "as-groups has a line break"},
      {ConfigFault::kKeyOfAnotherCertificate,
       {.client_certificate_pem = other.pem,
        .client_key_pem = base::Secret(mine.key_pem)},
       "client-key is not the key of"},
      {ConfigFault::kTokenNotOneLine,
       {.token = base::Secret("hunter2\nX: 1")},
       "a line break"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(FaultOf(test.config), test.fault) << test.says;
    const absl::Status status = CheckConfig(test.config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.says;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(test.says), Not(HasSubstr("hunter2"))));
  }
  EXPECT_TRUE(CheckConfig({.client_certificate_pem = mine.pem,
                           .client_key_pem = base::Secret(mine.key_pem),
                           .token = base::Secret("t")})
                  .ok());
}

TEST(DropIdentityTest, LeavesNothingOfIt) {
  Config config{.client_certificate_pem = "c",
                .client_key_pem = base::Secret("k"),
                .token = base::Secret("t"),
                .token_file = "/f",
                .username = "u",
                .password = base::Secret("p"),
                .exec = ExecConfig(),
                .impersonate_user = "jane",
                .credential_source = "all of them"};
  EXPECT_TRUE(HasIdentity(config));
  DropIdentity(config);
  EXPECT_FALSE(HasIdentity(config));
  EXPECT_TRUE(config.client_key_pem.empty());
  EXPECT_TRUE(config.password.empty());
  EXPECT_EQ(config.credential_source, "");
  EXPECT_EQ(config.impersonate_user, "jane");
}

}  // namespace
}  // namespace kube
