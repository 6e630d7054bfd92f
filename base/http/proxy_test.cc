#include "base/http/proxy.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ProxyFor, FollowsTheRulesOfGo) {
  const std::string kProxy = "http://p:80";
  const struct {
    const char* rule;
    ProxyEnvironment environment;
    const char* url;
    std::string proxy;
  } kCases[] = {
      {"nothing set", {}, "https://h/", ""},
      {"https", {.https_proxy = "http://p"}, "https://h/", kProxy},
      {"https not for http", {.https_proxy = "http://p"}, "http://h/", ""},
      {"http", {.http_proxy = "http://p"}, "http://h/", kProxy},
      {"http not for https", {.http_proxy = "http://p"}, "https://h/", ""},
      {"all", {.all_proxy = "p"}, "https://h/", kProxy},
      {"own before all",
       {.https_proxy = "p", .all_proxy = "q"},
       "https://h/",
       kProxy},
      {"localhost", {.https_proxy = "p"}, "https://localhost:6443/", ""},
      {"below localhost", {.https_proxy = "p"}, "https://a.localhost/", ""},
      {"not a localhost", {.https_proxy = "p"}, "https://alocalhost/", kProxy},
      {"IPv4 loopback", {.https_proxy = "p"}, "https://127.9.9.9:1/", ""},
      {"IPv6 loopback", {.https_proxy = "p"}, "https://[::1]:6443/", ""},
      {"mapped loopback",
       {.https_proxy = "p"},
       "https://[::ffff:127.0.0.1]/",
       ""},
      {"star", {.https_proxy = "p", .no_proxy = "a,*"}, "https://h/", ""},
      {"name", {.https_proxy = "p", .no_proxy = "h.x"}, "https://h.x/", ""},
      {"name, any case",
       {.https_proxy = "p", .no_proxy = "H.x"},
       "https://h.X:1/",
       ""},
      {"below the name",
       {.https_proxy = "p", .no_proxy = "x"},
       "https://a.b.x/",
       ""},
      {"end of another name",
       {.https_proxy = "p", .no_proxy = "x.y"},
       "https://ax.y/",
       kProxy},
      {"dot: below",
       {.https_proxy = "p", .no_proxy = ".x.y"},
       "https://a.x.y/",
       ""},
      {"dot: not itself",
       {.https_proxy = "p", .no_proxy = ".x.y"},
       "https://x.y/",
       kProxy},
      {"star dot: below",
       {.https_proxy = "p", .no_proxy = "*.x.y"},
       "https://a.x.y/",
       ""},
      {"star dot: not itself",
       {.https_proxy = "p", .no_proxy = "*.x.y"},
       "https://x.y/",
       kProxy},
      {"port fits",
       {.https_proxy = "p", .no_proxy = "h:6443"},
       "https://h:6443/",
       ""},
      {"another port",
       {.https_proxy = "p", .no_proxy = "h:6443"},
       "https://h/",
       kProxy},
      {"port of the scheme",
       {.https_proxy = "p", .no_proxy = "h:443"},
       "https://h/",
       ""},
      {"spaces around",
       {.https_proxy = "p", .no_proxy = " a , h "},
       "https://h/",
       ""},
      {"empty entries",
       {.https_proxy = "p", .no_proxy = ",, ,:"},
       "https://h/",
       kProxy},
      {"address",
       {.https_proxy = "p", .no_proxy = "10.0.0.1"},
       "https://10.0.0.1:6443/",
       ""},
      {"another address",
       {.https_proxy = "p", .no_proxy = "10.0.0.1"},
       "https://10.0.0.11/",
       kProxy},
      {"address and port",
       {.https_proxy = "p", .no_proxy = "10.0.0.1:6443"},
       "https://10.0.0.1:6443/",
       ""},
      {"address, another port",
       {.https_proxy = "p", .no_proxy = "10.0.0.1:6443"},
       "https://10.0.0.1/",
       kProxy},
      {"end of an address, odd as it is",
       {.https_proxy = "p", .no_proxy = "0.0.1"},
       "https://10.0.0.1/",
       ""},
      {"IPv6",
       {.https_proxy = "p", .no_proxy = "fd00::1"},
       "https://[fd00:0::1]:6443/",
       ""},
      {"IPv6 with port",
       {.https_proxy = "p", .no_proxy = "[fd00::1]:6443"},
       "https://[fd00::1]:6443/",
       ""},
      {"range",
       {.https_proxy = "p", .no_proxy = "10.96.0.0/12"},
       "https://10.111.255.1/",
       ""},
      {"beyond the range",
       {.https_proxy = "p", .no_proxy = "10.96.0.0/12"},
       "https://10.112.0.1/",
       kProxy},
      {"range of all",
       {.https_proxy = "p", .no_proxy = "0.0.0.0/0"},
       "https://192.0.2.1/",
       ""},
      {"range is for addresses",
       {.https_proxy = "p", .no_proxy = "0.0.0.0/0"},
       "https://h/",
       kProxy},
      {"IPv4 range is not IPv6",
       {.https_proxy = "p", .no_proxy = "0.0.0.0/0"},
       "https://[fd00::1]/",
       kProxy},
      {"IPv6 range",
       {.https_proxy = "p", .no_proxy = "fd00::/8"},
       "https://[fdab::1]/",
       ""},
      {"broken range",
       {.https_proxy = "p", .no_proxy = "10.0.0.0/33"},
       "https://10.0.0.1/",
       kProxy},
      {"user info of the URL is no host",
       {.https_proxy = "p", .no_proxy = "u"},
       "https://u@h/",
       kProxy},
  };
  for (const auto& c : kCases) {
    const auto proxy = ProxyFor(c.url, c.environment);
    ASSERT_TRUE(proxy.ok()) << c.rule << ": " << proxy.status();
    EXPECT_EQ(*proxy, c.proxy) << c.rule;
  }
}

TEST(ProxyFor, NamesTheVariableThatIsWrong) {
  for (const auto& [environment, says] :
       {std::pair<ProxyEnvironment, const char*>{
            {.https_proxy = "ftp://u:pw@p"}, "HTTPS_PROXY"},
        {{.all_proxy = "socks4://u:pw@p"}, "ALL_PROXY"}}) {
    const auto proxy = ProxyFor("https://h/", environment);
    EXPECT_EQ(proxy.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(proxy.status().message()), HasSubstr(says));
    EXPECT_THAT(std::string(proxy.status().message()), Not(HasSubstr("pw")));
  }
}

TEST(NormalizeProxy, GivesSchemeAndPort) {
  const struct {
    const char* given;
    const char* normal;  // Null: refused.
  } kCases[] = {
      {"p", "http://p:80"},
      {"p:3128", "http://p:3128"},
      {"HTTP://P:3128/", "http://p:3128"},
      {"https://p", "https://p:443"},
      {"socks5://p", "socks5h://p:1080"},
      {"socks5h://p:1", "socks5h://p:1"},
      {"http://U:p%40w@p:1/x", "http://U:p%40w@p:1"},
      {"http://u:a@b@p", "http://u:a@b@p:80"},
      {"http://[fd00::1]:8080", "http://[fd00::1]:8080"},
      {"", nullptr},
      {"http://", nullptr},
      {"http://u:pw@", nullptr},
      {"http://p:0", nullptr},
      {"http://p:x", nullptr},
      {"http://p:65536", nullptr},
      {"ftp://p", nullptr},
      {"socks4://p", nullptr},
      {"http://p q", nullptr},
      {"http://p\r\nX: y", nullptr},
  };
  for (const auto& c : kCases) {
    const auto normal = NormalizeProxy(c.given);
    if (c.normal == nullptr) {
      EXPECT_EQ(normal.status().code(), absl::StatusCode::kInvalidArgument)
          << c.given;
    } else {
      ASSERT_TRUE(normal.ok()) << c.given << normal.status();
      EXPECT_EQ(*normal, c.normal);
    }
  }
}

TEST(ReadProxyEnvironment, TakesBothCasesUpperFirst) {
  const std::map<std::string, std::string> kVariables = {
      {"HTTPS_PROXY", "A"}, {"https_proxy", "b"}, {"http_proxy", "c"},
      {"ALL_PROXY", ""},    {"all_proxy", "d"},   {"no_proxy", "e"}};
  const ProxyEnvironment got = ReadProxyEnvironment(
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = kVariables.find(name);
        if (found == kVariables.end()) return std::nullopt;
        return found->second;
      });
  EXPECT_EQ(got.https_proxy, "A");
  EXPECT_EQ(got.http_proxy, "c");
  EXPECT_EQ(got.all_proxy, "d");
  EXPECT_EQ(got.no_proxy, "e");
}

}  // namespace
}  // namespace http
