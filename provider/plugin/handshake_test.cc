#include "provider/plugin/handshake.h"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): setenv

#include <map>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace plugin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kCookie[] =
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

Environment With(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](absl::string_view name) {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? "" : it->second;
  };
}

TEST(ReadDemandsTest, WrongOrMissingCookieIsRefused) {
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadDemands(With({})).status()));
  for (const std::string& cookie :
       {std::string("hello"), std::string(kCookie) + "0",
        std::string(kCookie).substr(1)}) {
    EXPECT_FALSE(ReadDemands(With({{"TF_PLUGIN_MAGIC_COOKIE", cookie}})).ok());
  }
}

TEST(ReadDemandsTest, PlainClientDemandsNothing) {
  const auto demands = ReadDemands(With({{"TF_PLUGIN_MAGIC_COOKIE", kCookie}}));
  ASSERT_TRUE(demands.ok());
  EXPECT_EQ(demands->client_certificate, "");
  EXPECT_EQ(demands->socket_directory, "");
  EXPECT_FALSE(demands->multiplex);
}

TEST(ReadDemandsTest, ReadsWhatTheClientSets) {
  const auto demands = ReadDemands(With({{"TF_PLUGIN_MAGIC_COOKIE", kCookie},
                                         {"PLUGIN_CLIENT_CERT", "PEM"},
                                         {"PLUGIN_UNIX_SOCKET_DIR", "/run/x"},
                                         {"PLUGIN_MULTIPLEX_GRPC", "true"}}));
  ASSERT_TRUE(demands.ok());
  EXPECT_EQ(demands->client_certificate, "PEM");
  EXPECT_EQ(demands->socket_directory, "/run/x");
  EXPECT_TRUE(demands->multiplex);
}

TEST(HandshakeLineTest, HasTheExactForm) {
  EXPECT_EQ(HandshakeLine({}, "/tmp/x/plugin.sock", "abc"),
            "1|6|unix|/tmp/x/plugin.sock|grpc|YWJj\n");
}

TEST(HandshakeLineTest, WithoutTlsTheCertificateIsEmpty) {
  EXPECT_EQ(HandshakeLine({}, "/s", ""), "1|6|unix|/s|grpc|\n");
}

TEST(HandshakeLineTest, CertificateHasNoPadding) {
  EXPECT_EQ(HandshakeLine({}, "/s", "a"), "1|6|unix|/s|grpc|YQ\n");
  EXPECT_EQ(HandshakeLine({}, "/s", "ab"), "1|6|unix|/s|grpc|YWI\n");
}

TEST(HandshakeLineTest, CertificateIsInTheStandardAlphabetOnOneLine) {
  EXPECT_EQ(HandshakeLine({}, "/s", "\xfb\xff\xfe"), "1|6|unix|/s|grpc|+//+\n");
  const std::string line = HandshakeLine({}, "/s", std::string(2000, '\xff'));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(HandshakeLineTest, MultiplexingIsDeclinedOnlyWhenAskedFor) {
  EXPECT_EQ(HandshakeLine({.multiplex = true}, "/s", "abc"),
            "1|6|unix|/s|grpc|YWJj|false\n");
  EXPECT_THAT(std::vector<std::string>(
                  absl::StrSplit(HandshakeLine({}, "/s", "abc"), '|')),
              SizeIs(6));
}

TEST(ReattachConfigTest, NamesTheAddressAtBothRegistries) {
  const auto config =
      base::ParseJson(ReattachConfig("ns/type", 42, "/tmp/x.sock"), "config");
  ASSERT_TRUE(config.ok());
  const base::Json server = {
      {"Protocol", "grpc"},
      {"ProtocolVersion", 6},
      {"Pid", 42},
      {"Test", true},
      {"Addr", {{"Network", "unix"}, {"String", "/tmp/x.sock"}}}};
  EXPECT_EQ(*config, base::Json({{"registry.terraform.io/ns/type", server},
                                 {"registry.opentofu.org/ns/type", server}}));
}

TEST(ReattachConfigTest, FitsIntoOneShellWord) {
  const std::string config = ReattachConfig("ns/type", 42, "/tmp/x.sock");
  EXPECT_THAT(config, Not(HasSubstr("'")));
  EXPECT_THAT(config, Not(HasSubstr("\n")));
}

TEST(ChildEnvironment, HasNothingOfTheHandshake) {
  ::setenv("TF_PLUGIN_MAGIC_COOKIE", "x", 1);
  ::setenv("PLUGIN_CLIENT_CERT", "x", 1);
  ::setenv("HANDSHAKE_TEST_KEPT", "x", 1);
  const auto environment = ChildEnvironment();
  EXPECT_FALSE(environment.contains("TF_PLUGIN_MAGIC_COOKIE"));
  EXPECT_FALSE(environment.contains("PLUGIN_CLIENT_CERT"));
  EXPECT_TRUE(environment.contains("HANDSHAKE_TEST_KEPT"));
  ::unsetenv("TF_PLUGIN_MAGIC_COOKIE");
  ::unsetenv("PLUGIN_CLIENT_CERT");
  ::unsetenv("HANDSHAKE_TEST_KEPT");
}

}  // namespace
}  // namespace plugin
