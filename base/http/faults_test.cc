// What a Transport makes of connections that go wrong, a row for each rule.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/http/curl_error.h"
#include "base/http/transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/http_server.h"
#include "tests/support/silent_server.h"
#include "tests/support/tls_server.h"

namespace http {
namespace {

using ::support::HttpServer;
using ::support::ScriptedReply;
using ::support::SilentServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// "hello" by gzip.
const std::string kGzip(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86"
    "\xa6\x10\x36\x05\x00\x00\x00",
    25);

std::shared_ptr<const TlsOptions> Tls(TlsOptions options) {
  return std::make_shared<const TlsOptions>(std::move(options));
}

class FaultsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Response> Send(const Request& request,
                                const base::Context& ctx = {}) {
    return transport_->Send(ctx, request);
  }
  // Of a request that must fail.
  std::string MessageOf(const Request& request) {
    return std::string(Send(request).status().message());
  }

  std::unique_ptr<Transport> transport_ = NewTransport({.user_agent = "t"});
};

TEST_F(FaultsTest, StopEndsEveryPhaseAtOnce) {
  const SilentServer no_handshake(SilentServer::Silence::kNoHandshake);
  const SilentServer never_reads(SilentServer::Silence::kNeverReads);
  HttpServer slow;
  slow.Always({.body = "late", .delay = absl::Minutes(1)});
  HttpServer trickle;
  trickle.Always(
      {.body = std::string(1000, 'x'), .byte_pause = absl::Milliseconds(20)});
  HttpServer stream;
  stream.Always({.pieces = {"a"}, .hold = true});
  const auto ignore = [](absl::string_view) { return absl::OkStatus(); };
  const struct {
    const char* phase;
    Request request;
  } kCases[] = {
      {"connecting", {.url = no_handshake.url()}},
      {"connecting to a proxy",
       {.url = "https://h.test/", .proxy_url = no_handshake.url()}},
      {"handshake of TLS", {.url = never_reads.url("https")}},
      {"handshake of SOCKS",
       {.url = "https://h.test/", .proxy_url = never_reads.url("socks5")}},
      {"tunnel of a proxy",
       {.url = "https://h.test/", .proxy_url = never_reads.url()}},
      {"sending",
       {.method = "PATCH",
        .url = never_reads.url(),
        .body = std::string(64 << 20, 'x')}},
      {"waiting for the answer", {.url = slow.url()}},
      {"within a slow answer", {.url = trickle.url()}},
      {"within a stream", {.url = stream.url(), .on_data = ignore}},
  };
  for (const auto& c : kCases) {
    base::StopSource source;
    std::thread stopper([&source] {
      absl::SleepFor(absl::Milliseconds(100));
      source.Stop();
    });
    const absl::Time start = absl::Now();
    const auto response = Send(c.request, source.context());
    stopper.join();
    EXPECT_EQ(response.status().code(), absl::StatusCode::kCancelled)
        << c.phase << ": " << response.status();
    EXPECT_GE(absl::Now() - start, absl::Milliseconds(90)) << c.phase;
    EXPECT_LT(absl::Now() - start, absl::Seconds(5)) << c.phase;
  }
}

TEST_F(FaultsTest, EveryLimitOfTimeEndsARequest) {
  const SilentServer no_handshake(SilentServer::Silence::kNoHandshake);
  const SilentServer never_reads(SilentServer::Silence::kNeverReads);
  HttpServer trickle;
  trickle.Always(
      {.body = std::string(1000, 'x'), .byte_pause = absl::Milliseconds(20)});
  HttpServer stream;
  stream.Always({.pieces = {"a"}, .hold = true});
  const auto ignore = [](absl::string_view) { return absl::OkStatus(); };
  const absl::Duration limit = absl::Milliseconds(200);
  const struct {
    const char* rule;
    Request request;
    Phase phase;
    const char* says;
  } kCases[] = {
      {"connect limit, TCP",
       {.url = no_handshake.url(), .connect_timeout = limit},
       Phase::kConnect,
       "cannot connect to http://127.0.0.1:"},
      {"connect limit, TLS",
       {.url = never_reads.url("https"), .connect_timeout = limit},
       Phase::kTls,
       "TLS handshake with https://127.0.0.1:"},
      {"limit of the first byte",
       {.url = never_reads.url(),
        .first_byte_timeout = limit,
        .on_data = ignore},
       Phase::kMaybeSent,
       "no answer came from http://127.0.0.1:"},
      {"limit of the whole, though bytes come",
       {.url = trickle.url(), .timeout = limit},
       Phase::kMaybeSent,
       "no complete answer"},
      {"idle limit of a stream",
       {.url = stream.url(), .idle_timeout = limit, .on_data = ignore},
       Phase::kMaybeSent,
       "no more of the answer came from http://127.0.0.1:"},
  };
  for (const auto& c : kCases) {
    const absl::Time start = absl::Now();
    const auto response = Send(c.request);
    EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable)
        << c.rule;
    EXPECT_EQ(ErrorPhase(response.status()), c.phase)
        << c.rule << ": " << response.status();
    EXPECT_THAT(std::string(response.status().message()), HasSubstr(c.says))
        << c.rule;
    EXPECT_GE(absl::Now() - start, absl::Milliseconds(180)) << c.rule;
    EXPECT_LT(absl::Now() - start, absl::Seconds(5)) << c.rule;
  }
}

TEST_F(FaultsTest, ConnectionsThatEndAnywhereAreLost) {
  // Head and body have 55 bytes together.
  const std::vector<size_t> kCuts = {0, 1, 8, 20, 40, 54};
  for (const bool reset : {false, true}) {
    for (const size_t cut : kCuts) {
      HttpServer server;
      server.Always({.body = "0123456789", .cut = cut, .reset = reset});
      const auto response = Send({.url = server.url()});
      EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable)
          << cut;
      EXPECT_EQ(ErrorPhase(response.status()), Phase::kMaybeSent)
          << cut << response.status();
    }
  }
}

TEST_F(FaultsTest, DeadConnectionsAreReplacedUnlessARequestMustNotRepeat) {
  for (const bool repeatable : {true, false}) {
    HttpServer server;
    server.Script({{.body = "warm up"}, {.reset = true}, {.body = "again"}});
    ASSERT_TRUE(Send({.url = server.url()}).ok());
    const auto response = Send(
        {.method = "DELETE", .url = server.url(), .repeatable = repeatable});
    EXPECT_EQ(response.ok(), repeatable);
    EXPECT_EQ(server.requests().size(), repeatable ? 3 : 2);
  }
}

TEST_F(FaultsTest, AnswersAreUnpackedAndLimited) {
  HttpServer server;
  server.Script({{.headers = {{"Content-Encoding", "gzip"}}, .body = kGzip},
                 {.headers = {{"Content-Encoding", "gzip"}}, .body = kGzip}});
  const auto response = Send({.url = server.url()});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(server.requests().at(0).headers.at("accept-encoding"), "gzip");
  // The limit counts what was unpacked.
  transport_ = NewTransport({.max_body_bytes = 4});
  EXPECT_EQ(Send({.url = server.url()}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(FaultsTest, SpeaksNothingOlderThanTls12) {
  const support::Certificate certificate = support::MakeCertificate();
  const struct {
    int version;
    bool spoken;
  } kCases[] = {{0x0302, false}, {0x0303, true}, {0x0304, true}};
  for (const auto& c : kCases) {
    const support::TlsServer server(certificate, "", c.version);
    const auto response =
        Send({.url = server.url(), .tls = Tls({.ca_pem = certificate.pem})});
    EXPECT_EQ(response.ok(), c.spoken) << response.status();
  }
}

TEST_F(FaultsTest, CertificatesAreJudged) {
  const support::Certificate ca = support::MakeCertificate(
      {.name = "", .common_name = "ca", .authority = true});
  const support::Certificate signed_by_ca =
      support::MakeCertificate({.issuer = &ca});
  const support::Certificate self_signed = support::MakeCertificate();
  const support::Certificate expired =
      support::MakeCertificate({.expired = true, .issuer = &ca});
  const support::Certificate early =
      support::MakeCertificate({.not_yet_valid = true, .issuer = &ca});
  const support::Certificate other_name =
      support::MakeCertificate({.name = "DNS:other.test", .issuer = &ca});
  const support::Certificate namesake = support::MakeCertificate(
      {.name = "", .common_name = "ca", .authority = true});
  const support::Certificate common_name_only = support::MakeCertificate(
      {.name = "", .common_name = "127.0.0.1", .issuer = &ca});
  std::string crlf = "subject=/CN=somebody\r\n";
  for (const char c : self_signed.pem) {
    if (c == '\n') crlf.push_back('\r');
    crlf.push_back(c);
  }
  using P = CertificateProblem;
  const struct {
    const char* rule;
    const support::Certificate& server;
    TlsOptions tls;
    std::optional<P> problem;
  } kCases[] = {
      {"signed by the CA", signed_by_ca, {.ca_pem = ca.pem}, std::nullopt},
      {"bundle, CRLF, text between",
       signed_by_ca,
       {.ca_pem = crlf + "text\r\n" + ca.pem},
       std::nullopt},
      {"signed by another", self_signed, {.ca_pem = ca.pem}, P::kUntrusted},
      {"signed by one of the same name",
       signed_by_ca,
       {.ca_pem = namesake.pem},
       P::kUntrusted},
      {"a name, but no subjectAltName",
       common_name_only,
       {.ca_pem = ca.pem},
       P::kWrongName},
      {"system's authorities only", signed_by_ca, {}, P::kUntrusted},
      {"expired", expired, {.ca_pem = ca.pem}, P::kExpired},
      {"early", early, {.ca_pem = ca.pem}, P::kNotYetValid},
      {"another name", other_name, {.ca_pem = ca.pem}, P::kWrongName},
      {"the name that is expected",
       other_name,
       {.ca_pem = ca.pem, .server_name = "other.test"},
       std::nullopt},
      {"insecure", expired, {.insecure = true}, std::nullopt},
  };
  for (const auto& c : kCases) {
    const support::TlsServer server(c.server);
    const auto response = Send({.url = server.url(), .tls = Tls(c.tls)});
    EXPECT_EQ(response.ok(), !c.problem.has_value())
        << c.rule << ": " << response.status();
    EXPECT_EQ(CertificateProblemOf(response.status()), c.problem)
        << c.rule << ": " << response.status();
    if (!response.ok()) {
      EXPECT_THAT(std::string(response.status().message()),
                  HasSubstr(server.url()))
          << c.rule;
    }
  }
}

TEST_F(FaultsTest, ClientKeysOfEveryKind) {
  using support::KeyFormat;
  using support::KeyKind;
  const support::Certificate server = support::MakeCertificate();
  const struct {
    const char* rule;
    KeyKind kind;
    KeyFormat format;
    const char* pem;
  } kCases[] = {
      {"ECDSA, PKCS#8", KeyKind::kP256, KeyFormat::kPkcs8, "BEGIN PRIVATE"},
      {"ECDSA, SEC1", KeyKind::kP256, KeyFormat::kTraditional, "BEGIN EC"},
      {"RSA, PKCS#8", KeyKind::kRsa2048, KeyFormat::kPkcs8, "BEGIN PRIVATE"},
      {"RSA, PKCS#1", KeyKind::kRsa2048, KeyFormat::kTraditional, "BEGIN RSA"},
      {"Ed25519", KeyKind::kEd25519, KeyFormat::kPkcs8, "BEGIN PRIVATE"},
  };
  for (const auto& c : kCases) {
    const support::Certificate client =
        support::MakeCertificate({.key = c.kind, .format = c.format});
    ASSERT_THAT(client.key_pem, HasSubstr(c.pem)) << c.rule;
    const support::TlsServer tls(server, client.pem);
    const auto response =
        Send({.url = tls.url(),
              .tls = Tls({.ca_pem = server.pem,
                          .client_certificate_pem = client.pem,
                          .client_key_pem = base::Secret(client.key_pem)})});
    ASSERT_TRUE(response.ok()) << c.rule << ": " << response.status();
    EXPECT_THAT(response->body, HasSubstr("CN=test")) << c.rule;
  }
}

TEST_F(FaultsTest, ProxiesSayWhyTheyRefuse) {
  const std::string closed = absl::StrCat("127.0.0.1:", support::ClosedPort());
  const struct {
    const char* rule;
    ScriptedReply reply;
    const char* says;
    bool final;
  } kCases[] = {
      {"407", {.status = 407}, "HTTP 407, it wants other credentials", true},
      {"403", {.status = 403}, "HTTP 403", true},
      {"502", {.status = 502}, "HTTP 502", false},
      {"503", {.status = 503}, "HTTP 503", false},
      {"reset", {.reset = true}, "through the proxy http://127.0.0.1:", false},
  };
  for (const auto& c : kCases) {
    HttpServer proxy;
    proxy.Always(c.reply);
    const auto response =
        Send({.url = "https://h.test:6443/x",
              .proxy_url = absl::StrCat("http://user:hunter2@127.0.0.1:",
                                        proxy.port())});
    EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
    const std::string message(response.status().message());
    EXPECT_THAT(message, HasSubstr(c.says)) << c.rule;
    EXPECT_THAT(message, HasSubstr("https://h.test:6443")) << c.rule;
    EXPECT_THAT(message, HasSubstr(absl::StrCat("127.0.0.1:", proxy.port())))
        << c.rule;
    EXPECT_THAT(message, Not(HasSubstr("hunter2"))) << c.rule;
    EXPECT_EQ(IsProxyRefusal(response.status()), c.final) << c.rule;
    EXPECT_NE(ErrorPhase(response.status()), Phase::kMaybeSent)
        << c.rule << ": nothing of the request was sent";
    const auto request = proxy.requests().at(0);
    EXPECT_EQ(request.method, "CONNECT") << c.rule;
    EXPECT_EQ(request.target, "h.test:6443") << c.rule;
  }
  for (const char* scheme : {"http://", "https://", "socks5://"}) {
    const std::string message = MessageOf(
        {.url = "https://h.test/", .proxy_url = absl::StrCat(scheme, closed)});
    EXPECT_THAT(message, HasSubstr("connection refused")) << message;
    EXPECT_THAT(message, HasSubstr("through the proxy")) << message;
  }
}

TEST_F(FaultsTest, ProxyOfTheEnvironmentSparesLoopback) {
  HttpServer proxy;
  proxy.Always({.body = "from the proxy"});
  HttpServer server;
  server.Always({.body = "direct"});
  transport_ = NewTransport(
      {.proxies = {{.http_proxy = proxy.url(), .no_proxy = "direct.test"}}});
  const struct {
    const char* rule;
    Request request;
    const char* body;  // Null: it fails to resolve.
  } kCases[] = {
      {"another host", {.url = "http://h.test/p"}, "from the proxy"},
      {"loopback", {.url = server.url()}, "direct"},
      {"NO_PROXY", {.url = "http://direct.test/"}, nullptr},
      {"asked for, loopback too",
       {.url = server.url(), .proxy_url = proxy.url()},
       "from the proxy"},
  };
  for (const auto& c : kCases) {
    const auto response = Send(c.request);
    ASSERT_EQ(response.ok(), c.body != nullptr) << c.rule << response.status();
    if (c.body != nullptr) {
      EXPECT_EQ(response->body, c.body) << c.rule;
    }
  }
  // The name goes to the proxy, which resolves it.
  EXPECT_EQ(proxy.requests().at(0).target, "http://h.test/p");
}

TEST_F(FaultsTest, ProcessEnvironmentIsNotReadByLibcurlItself) {
  HttpServer proxy;
  proxy.Always({.body = "from the proxy"});
  setenv("http_proxy", proxy.url().c_str(), 1);
  transport_ = NewTransport({.proxies = ProxyEnvironment()});
  const auto own = Send({.url = "http://h.invalid/"});
  transport_ = NewTransport({});
  const auto process = Send({.url = "http://h.invalid/"});
  unsetenv("http_proxy");
  EXPECT_FALSE(own.ok());
  EXPECT_TRUE(process.ok()) << process.status();
}

TEST_F(FaultsTest, UntrustedProxyIsNamed) {
  const support::TlsServer proxy(support::MakeCertificate());
  const auto response = Send(
      {.url = "https://h.test/", .tls = Tls({}), .proxy_url = proxy.url()});
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr(absl::StrCat("cannot trust the proxy ", proxy.url())));
  EXPECT_TRUE(IsProxyRefusal(response.status()));
  EXPECT_FALSE(CertificateProblemOf(response.status()).has_value());
}

// Answers any first bytes with a complaint in plain HTTP, as proxies do.
class PlainServer {
 public:
  PlainServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size),
              0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      const int client = ::accept(listener_, nullptr, nullptr);
      char buffer[1024];
      if (::recv(client, buffer, sizeof(buffer), 0) > 0) {
        constexpr absl::string_view kReply = "HTTP/1.0 400 Bad Request\r\n\r\n";
        ::send(client, kReply.data(), kReply.size(), MSG_NOSIGNAL);
      }
      ::close(client);
    });
  }
  ~PlainServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  int port() const { return port_; }

 private:
  const int listener_;
  int port_ = 0;
  std::thread thread_;
};

TEST_F(FaultsTest, TlsToAProxyThatTakesPlainHttpNamesIt) {
  const PlainServer proxy;
  const std::string address = absl::StrCat("127.0.0.1:", proxy.port());
  const auto response =
      Send({.url = "https://h.test/",
            .tls = Tls({}),
            .proxy_url = absl::StrCat("https://u:hunter2@", address)});
  EXPECT_THAT(
      std::string(response.status().message()),
      AllOf(HasSubstr(absl::StrCat("TLS handshake with the proxy https://",
                                   address, " failed")),
            HasSubstr("begins with http://"), Not(HasSubstr("hunter2"))));
  EXPECT_TRUE(IsProxyRefusal(response.status()));
}

TEST_F(FaultsTest, TlsToAServerThatTakesPlainHttpSaysSo) {
  const PlainServer server;
  const auto response =
      Send({.url = absl::StrCat("https://127.0.0.1:", server.port(), "/"),
            .tls = Tls({})});
  EXPECT_THAT(std::string(response.status().message()),
              AllOf(HasSubstr("TLS handshake with https://127.0.0.1:"),
                    HasSubstr("begins with http://")));
  EXPECT_EQ(ErrorPhase(response.status()), Phase::kTls);
  EXPECT_TRUE(SpeaksNoTls(response.status()));
  EXPECT_FALSE(IsProxyRefusal(response.status()));
}

// Options of our only TCP socket that is connected to `port`.
std::optional<int> SocketWithPeer(int port) {
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET &&
        peer.sin_port == htons(static_cast<uint16_t>(port))) {
      return fd;
    }
  }
  return std::nullopt;
}

// A peer that vanishes without a word is found by the kernel: 30 s after data
// of ours stays unacknowledged, or on an idle connection after 30 s and three
// probes 5 s apart.
TEST_F(FaultsTest, VanishedPeersAreNoticedWithin45Seconds) {
  HttpServer server;
  server.Always({.body = "x"});
  ASSERT_TRUE(Send({.url = server.url()}).ok());
  const auto fd = SocketWithPeer(server.port());
  ASSERT_TRUE(fd.has_value());
  const auto option = [&fd](int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    EXPECT_EQ(getsockopt(*fd, level, name, &value, &size), 0);
    return value;
  };
  EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
  const int silent =
      option(IPPROTO_TCP, TCP_KEEPIDLE) +
      option(IPPROTO_TCP, TCP_KEEPINTVL) * option(IPPROTO_TCP, TCP_KEEPCNT);
  EXPECT_LE(silent, 45);
  EXPECT_LE(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 45'000);
  EXPECT_GT(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
}

// What is left of a limit may be nothing, and less than that.
TEST(TimeoutTexts, NameNoTimeThatIsNone) {
  for (const absl::Duration limit :
       {absl::Seconds(-3.9), absl::ZeroDuration(), absl::Milliseconds(3)}) {
    EXPECT_THAT(std::string(IdleError("https://h", "", false, limit).message()),
                ::testing::HasSubstr(" within 100ms"));
    EXPECT_THAT(std::string(TimeoutError("https://h", "", limit).message()),
                ::testing::HasSubstr(" within 100ms"));
  }
}

}  // namespace
}  // namespace http
