// Ways to the API server that are not the straight one: real proxies, and
// certificates that must be refused.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/acceptance/api_proxy.h"
#include "tests/acceptance/harness.h"
#include "tests/support/certificates.h"

namespace acceptance {
namespace {

using support::Certificate;
using support::MakeCertificate;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kUser[] = "proxy-user";
constexpr char kPassword[] = "canary-proxy-password";

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

void AwaitPort(int port) {
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  for (;;) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(port);
    const int result = ::connect(
        fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::close(fd);
    if (result == 0) return;
    ASSERT_LT(absl::Now(), deadline) << "nobody listens on " << port;
    absl::SleepFor(absl::Milliseconds(20));  // Nothing announces it.
  }
}

// A proxy program of the distribution on a port of its own.
class Proxy {
 public:
  enum class Kind { kHttp, kSocks };

  Proxy(Kind kind, bool with_credentials, const std::string& directory)
      : kind_(kind),
        port_(FreePort()),
        log_(absl::StrCat(directory, "/proxy-", port_, ".log")),
        process_(Start(with_credentials, directory)) {
    AwaitPort(port_);
    // What that connection left behind is none of the provider's.
    before_ = Lines();
  }

  std::string Url(const std::string& user_info = "") const {
    return absl::StrCat(kind_ == Kind::kHttp ? "http" : "socks5", "://",
                        user_info, user_info.empty() ? "" : "@",
                        "127.0.0.1:", port_);
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // How many connections it has made for clients.
  size_t Served() const { return Lines() - before_; }

 private:
  support::Process Start(bool with_credentials,
                         const std::string& directory) const {
    std::vector<std::string> argv;
    if (kind_ == Kind::kHttp) {
      const std::string config =
          absl::StrCat(directory, "/proxy-", port_, ".conf");
      std::ofstream out(config);
      out << "Port " << port_ << "\nListen 127.0.0.1\nTimeout 600\n"
          << "MaxClients 100\nLogLevel Connect\nLogFile \"" << log_ << "\"\n";
      if (with_credentials) {
        out << "BasicAuth " << kUser << " " << kPassword << "\n";
      }
      argv = {"tinyproxy", "-d", "-c", config};
    } else {
      std::string command =
          absl::StrCat("exec microsocks -i 127.0.0.1 -p ", port_);
      if (with_credentials) {
        absl::StrAppend(&command, " -u ", kUser, " -P ", kPassword);
      }
      argv = {"sh", "-c", absl::StrCat(command, " 2> ", log_)};
    }
    return *support::Process::Start({.argv = argv});
  }

  size_t Lines() const {
    const std::string served = kind_ == Kind::kHttp
                                   ? "Established connection to host"
                                   : "connected to ";
    size_t count = 0;
    std::ifstream in(log_);
    for (std::string line; std::getline(in, line);) {
      if (absl::StrContains(line, served)) ++count;
    }
    return count;
  }

  const Kind kind_;
  const int port_;
  const std::string log_;
  const support::Process process_;
  size_t before_ = 0;
};

class Connect : public Acceptance {
 protected:
  std::string Provider(const std::string& more) const {
    return absl::StrCat("provider \"wandb\" {\n  config_path = \"",
                        cluster_.kubeconfig(), "\"\n", more, "\n}\n");
  }
  std::string ThroughProxy(const std::string& url) const {
    return Provider(absl::StrCat("  proxy_url = \"", url, "\""));
  }
  // "12345" of the server's URL in the kubeconfig.
  std::string ServerPort() const {
    const support::Outcome view =
        cluster_.Kubectl({"config", "view", "--minify", "-o",
                          "jsonpath={.clusters[0].cluster.server}"});
    return view.out.substr(view.out.rfind(':') + 1);
  }
};

class ConnectThrough : public Connect {
 protected:
  void ExpectWorks(Proxy::Kind kind) {
    const std::string body = OperatorBlock();
    for (const bool with_credentials : {false, true}) {
      SCOPED_TRACE(with_credentials ? "with credentials" : "open to all");
      const Proxy proxy(kind, with_credentials, cluster_.directory());
      const std::string provider = ThroughProxy(proxy.Url(
          with_credentials ? absl::StrCat(kUser, ":", kPassword) : ""));
      workspace_.Write(body, provider);
      const support::Outcome apply = workspace_.Apply();
      ASSERT_EQ(apply.exit_code, 0) << apply.out;
      EXPECT_EQ(workspace_.Attributes("wandb_operator.this")["ready"], true);
      EXPECT_GT(proxy.Served(), 0U);
      std::string plan;
      EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
      const support::Outcome destroy = workspace_.Destroy();
      ASSERT_EQ(destroy.exit_code, 0) << destroy.out;
    }
  }

  // What the proxy refuses is final, said with its address, and tells no
  // secret.
  void ExpectRefused(Proxy::Kind kind) {
    const std::string body = OperatorBlock("wait = false");
    workspace_.Write(body);
    ASSERT_EQ(workspace_.Apply().exit_code, 0);
    const std::string state = workspace_.ReadFile("terraform.tfstate");
    const Proxy proxy(kind, true, cluster_.directory());
    for (const std::string& user_info :
         {std::string(), std::string("proxy-user:canary-wrong-password")}) {
      SCOPED_TRACE(user_info);
      workspace_.Write(body, ThroughProxy(proxy.Url(user_info)));
      const absl::Time start = absl::Now();
      const support::Outcome plan = workspace_.Apply();
      EXPECT_EQ(plan.exit_code, 1) << plan.out;
      EXPECT_LT(absl::Now() - start, absl::Seconds(8));
      EXPECT_THAT(plan.out,
                  AllOf(HasSubstr(proxy.address()), HasSubstr("proxy"),
                        Not(HasSubstr("canary"))));
      EXPECT_EQ(proxy.Served(), 0U);
      EXPECT_EQ(workspace_.ReadFile("terraform.tfstate"), state);
    }
    workspace_.Write(body);
    EXPECT_EQ(workspace_.Destroy().exit_code, 0);
  }
};

TEST_P(ConnectThrough, AnHttpProxy) { ExpectWorks(Proxy::Kind::kHttp); }
TEST_P(ConnectThrough, ASocksProxy) { ExpectWorks(Proxy::Kind::kSocks); }
TEST_P(ConnectThrough, AnHttpProxyThatRefusesUs) {
  ExpectRefused(Proxy::Kind::kHttp);
}
TEST_P(ConnectThrough, ASocksProxyThatRefusesUs) {
  ExpectRefused(Proxy::Kind::kSocks);
}

TEST_P(ConnectThrough, TheProxyOfTheEnvironmentUnlessNoProxyForbidsIt) {
  const std::string body = OperatorBlock("wait = false");
  workspace_.Write(body);
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const Proxy proxy(Proxy::Kind::kHttp, true, cluster_.directory());
  // Loopback never goes through a proxy of the environment, but 0.0.0.0, which
  // Linux takes to the same server, is no loopback address.
  const std::string elsewhere =
      Provider(absl::StrCat("  host = \"https://0.0.0.0:", ServerPort(),
                            "\"\n  tls_server_name = \"127.0.0.1\""));
  const std::string url = proxy.Url(absl::StrCat(kUser, ":", kPassword));
  struct Case {
    std::string name;
    std::string provider;
    std::string no_proxy;
    bool used;
  };
  const std::vector<Case> cases = {
      {"used", elsewhere, "", true},
      {"another range", elsewhere, "10.0.0.0/8,.example.com", true},
      {"its range", elsewhere, "10.0.0.0/8,0.0.0.0/8", false},
      {"loopback", Provider(""), "", false},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    workspace_.environment["HTTPS_PROXY"] = url;
    workspace_.environment["NO_PROXY"] = each.no_proxy;
    workspace_.Write(body, each.provider);
    const size_t before = proxy.Served();
    std::string plan;
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
    EXPECT_EQ(proxy.Served() > before, each.used);
  }
  // Whoever reads the error learns of the proxy, which no file of his names.
  workspace_.environment["HTTPS_PROXY"] =
      proxy.Url("proxy-user:canary-wrong-password");
  workspace_.environment["NO_PROXY"] = "";
  workspace_.Write(body, elsewhere);
  const support::Outcome refused = workspace_.Plan();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out,
              AllOf(HasSubstr(absl::StrCat("proxy ", proxy.address())),
                    Not(HasSubstr("canary"))));
  workspace_.environment.clear();
  workspace_.Write(body);
  EXPECT_EQ(workspace_.Destroy().exit_code, 0);
}

TEST_P(Connect, CertificatesThatMustBeRefusedAre) {
  const Certificate authority = MakeCertificate(
      {.name = "", .common_name = "cluster CA", .authority = true});
  const Certificate stranger = MakeCertificate(
      {.name = "", .common_name = "another CA", .authority = true});
  const Certificate good = MakeCertificate({.issuer = &authority});
  const Certificate expired =
      MakeCertificate({.expired = true, .issuer = &authority});
  const Certificate renamed = MakeCertificate(
      {.name = "DNS:api.cluster.example", .issuer = &authority});
  struct Case {
    std::string name;
    const Certificate* certificate;
    const Certificate* trusted;
    std::string reason;    // In the error.
    std::string argument;  // Likewise, and it mends the connection; "": none.
    std::string value;     // Of the argument, as HCL.
  };
  const std::vector<Case> cases = {
      {"wrong CA", &good, &stranger, "authority", "cluster_ca_certificate",
       absl::StrCat("<<PEM\n", authority.pem, "PEM\n")},
      {"expired", &expired, &authority, "expired", "", ""},
      {"wrong name", &renamed, &authority, "127.0.0.1", "tls_server_name",
       "\"api.cluster.example\""},
  };
  const std::string body = OperatorBlock("wait = false");
  workspace_.Write(body);
  ASSERT_EQ(workspace_.Apply().exit_code, 0);
  const std::string state = workspace_.ReadFile("terraform.tfstate");
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const ApiProxy server(cluster_, {.certificate = each.certificate->pem,
                                     .key = each.certificate->key_pem,
                                     .authority = each.trusted->pem});
    workspace_.Write(body, server.ProviderBlock());
    const absl::Time start = absl::Now();
    for (const support::Outcome& refused :
         {workspace_.Plan(), workspace_.Apply(), workspace_.Destroy()}) {
      EXPECT_EQ(refused.exit_code, 1) << refused.out;
      EXPECT_THAT(refused.out,
                  AllOf(HasSubstr(each.reason), HasSubstr(each.argument),
                        HasSubstr("API server: https://127.0.0.1:"),
                        HasSubstr("context \"api-proxy\"")));
    }
    EXPECT_LT(absl::Now() - start, absl::Seconds(15));
    EXPECT_EQ(workspace_.ReadFile("terraform.tfstate"), state);
    // No request went over such a connection.
    EXPECT_TRUE(server.Log("request").empty());
    std::string plan;
    if (!each.argument.empty()) {
      workspace_.Write(body, server.ProviderBlock(absl::StrCat(
                                 "  ", each.argument, " = ", each.value)));
      EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
    }
    workspace_.Write(body, server.ProviderBlock("  insecure = true"));
    EXPECT_EQ(workspace_.PlanExitCode(&plan), 0) << plan;
  }
  workspace_.Write(body);
  const support::Outcome destroy = workspace_.Destroy();
  EXPECT_EQ(destroy.exit_code, 0) << destroy.out;
}

INSTANTIATE_TEST_SUITE_P(Tools, Connect, testing::Values("tofu"), ToolName);
INSTANTIATE_TEST_SUITE_P(Tools, ConnectThrough,
                         testing::Values("tofu", "terraform"), ToolName);

}  // namespace
}  // namespace acceptance
