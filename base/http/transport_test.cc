#include "base/http/transport.h"

#include <stdexcept>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/http_server.h"
#include "tests/support/tls_server.h"

namespace http {
namespace {

using ::support::HttpServer;
using ::testing::HasSubstr;
using ::testing::Not;

class TransportTest : public ::testing::Test {
 protected:
  absl::StatusOr<Response> Get(const std::string& url,
                               const base::Context& ctx = {}) {
    return transport_->Send(ctx, {.url = url});
  }
  absl::StatusOr<Response> GetWith(const std::string& url, TlsOptions tls) {
    return transport_->Send(
        {}, {.url = url, .tls = std::make_shared<TlsOptions>(std::move(tls))});
  }

  HttpServer server_;
  std::unique_ptr<Transport> transport_ =
      NewTransport({.user_agent = "test/1", .max_body_bytes = 1 << 20});
};

TEST_F(TransportTest, SendsMethodHeadersAndBody) {
  server_.Always(
      {.status = 201, .headers = {{"X-Thing", "a b"}}, .body = "hi"});
  const auto response =
      transport_->Send({}, {.method = "PATCH",
                            .url = server_.url() + "/a/../b?c=d",
                            .headers = {{"Content-Type", "x/y"}, {"Empty", ""}},
                            .body = std::string("bo\0dy", 5)});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "hi");
  EXPECT_EQ(response->Header("x-thing"), "a b");
  EXPECT_EQ(response->Header("absent"), "");
  const auto request = server_.requests().at(0);
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.target, "/a/../b?c=d");
  EXPECT_EQ(request.body, std::string("bo\0dy", 5));
  EXPECT_EQ(request.headers.at("content-type"), "x/y");
  EXPECT_EQ(request.headers.at("user-agent"), "test/1");
  EXPECT_TRUE(request.headers.contains("empty"));
  EXPECT_FALSE(request.headers.contains("expect"));
}

TEST_F(TransportTest, AnyStatusIsAnAnswerAndRedirectsAreNotFollowed) {
  server_.Script({{.status = 404, .body = "no"},
                  {.status = 302, .headers = {{"Location", "/elsewhere"}}},
                  {.status = 500}});
  EXPECT_EQ(Get(server_.url())->body, "no");
  EXPECT_EQ(Get(server_.url())->status, 302);
  EXPECT_EQ(Get(server_.url())->status, 500);
  EXPECT_EQ(server_.requests().size(), 3);
}

TEST_F(TransportTest, SequentialRequestsShareAConnection) {
  server_.Always({.body = "x"});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Get(server_.url()).ok());
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(TransportTest, RefusedConnectionSaysSo) {
  const auto response =
      Get(absl::StrCat("http://127.0.0.1:", support::ClosedPort(), "/x"));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorPhase(response.status()), Phase::kConnect);
  EXPECT_THAT(std::string(response.status().message()),
              HasSubstr("connection refused"));
}

TEST_F(TransportTest, UnknownHostIsAResolveError) {
  const auto response = Get("http://no-such-host.invalid/x");
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorPhase(response.status()), Phase::kResolve);
}

TEST_F(TransportTest, ResetAndHalfAnswersMayHaveBeenSent) {
  server_.Script({{.body = "warm up"},
                  {.body = "0123456789", .half = true},
                  {.pieces = {"a", "b"}, .half = true}});
  ASSERT_TRUE(Get(server_.url()).ok());
  for (int i = 0; i < 2; ++i) {
    const auto response = Get(server_.url());
    EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ErrorPhase(response.status()), Phase::kMaybeSent);
  }
  server_.Always({.reset = true});
  const auto response = Get(server_.url());
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorPhase(response.status()), Phase::kMaybeSent);
}

TEST_F(TransportTest, TheCodeOfACutAnswerIsKept) {
  server_.Script({{.status = 401, .body = "0123456789", .half = true},
                  {.status = 401, .cut = 10}});
  EXPECT_EQ(CutAnswerCode(Get(server_.url()).status()), 401);
  EXPECT_EQ(CutAnswerCode(Get(server_.url()).status()), 0);
}

TEST_F(TransportTest, DeadlineEndsASlowAnswer) {
  server_.Always({.body = "late", .delay = absl::Seconds(30)});
  const absl::Time start = absl::Now();
  const auto response =
      Get(server_.url(), base::Context().WithTimeout(absl::Milliseconds(100)));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(TransportTest, StopEndsTheExchangeAtOnce) {
  server_.Always({.pieces = {"a"}, .hold = true});
  base::StopSource source;
  std::thread stopper([&source] {
    absl::SleepFor(absl::Milliseconds(100));
    source.Stop();
  });
  const absl::Time start = absl::Now();
  const auto response = Get(server_.url(), source.context());
  stopper.join();
  EXPECT_EQ(response.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(TransportTest, StopWaitsForAnAnswerThatIsWorthIt) {
  server_.Always({.body = "done", .delay = absl::Milliseconds(300)});
  base::StopSource source;
  std::thread stopper([&] {
    server_.AwaitRequests(1);
    source.Stop();
  });
  const http::Request request{.url = server_.url(),
                              .stop_grace = absl::Minutes(1)};
  const auto response = transport_->Send(source.context(), request);
  stopper.join();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "done");
  // What has not begun does not begin.
  EXPECT_TRUE(
      absl::IsCancelled(transport_->Send(source.context(), request).status()));
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(TransportTest, StopWaitsNoLongerThanIsSaid) {
  server_.Always({.pieces = {"a"}, .hold = true});
  base::StopSource source;
  std::thread stopper([&] {
    server_.AwaitRequests(1);
    source.Stop();
  });
  const absl::Time start = absl::Now();
  const auto response = transport_->Send(
      source.context(),
      {.url = server_.url(), .stop_grace = absl::Milliseconds(50)});
  stopper.join();
  EXPECT_TRUE(absl::IsCancelled(response.status())) << response.status();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(TransportTest, SilenceEndsTheExchange) {
  server_.Always({.pieces = {"a"}, .hold = true});
  const auto response = transport_->Send(
      {}, {.url = server_.url(), .idle_timeout = absl::Milliseconds(100)});
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(ErrorPhase(response.status()).has_value());
}

TEST_F(TransportTest, BodyIsLimited) {
  server_.Always({.body = std::string((1 << 20) + 1, 'x')});
  EXPECT_EQ(Get(server_.url()).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(TransportTest, StreamsPiecesOfGoodAnswersOnly) {
  server_.Script({{.pieces = {"one", "two"}, .pause = absl::Milliseconds(20)},
                  {.status = 410, .body = "gone"}});
  std::string seen;
  const Request request{.url = server_.url(),
                        .on_data = [&seen](absl::string_view piece) {
                          absl::StrAppend(&seen, piece);
                          return absl::OkStatus();
                        }};
  const auto streamed = transport_->Send({}, request);
  ASSERT_TRUE(streamed.ok()) << streamed.status();
  EXPECT_EQ(seen, "onetwo");
  EXPECT_EQ(streamed->body, "");
  EXPECT_EQ(transport_->Send({}, request)->body, "gone");
  EXPECT_EQ(seen, "onetwo");
}

TEST_F(TransportTest, HandlerMaySendAndEndTheStream) {
  server_.Script({{.pieces = {"a"}, .hold = true}, {.body = "inner"}});
  std::string inner;
  const auto response = transport_->Send(
      {}, {.url = server_.url(), .on_data = [&](absl::string_view) {
             inner = Get(server_.url())->body;
             return absl::AbortedError("enough");
           }});
  EXPECT_EQ(response.status(), absl::AbortedError("enough"));
  EXPECT_EQ(inner, "inner");
}

TEST_F(TransportTest, AnExceptionOfTheHandlerEndsTheStream) {
  server_.Script({{.pieces = {"a"}, .hold = true}, {.body = "next"}});
  EXPECT_THROW(static_cast<void>(transport_->Send(
                   {}, {.url = server_.url(),
                        .on_data = [](absl::string_view) -> absl::Status {
                          throw std::runtime_error("broken");
                        }})),
               std::runtime_error);
  EXPECT_EQ(Get(server_.url())->body, "next");
}

TEST_F(TransportTest, RefusesWhatMustNotBeSent) {
  const std::string secret = "hunter2";
  const Request bad[] = {
      {.url = "file:///etc/passwd"},
      {.url = "ftp://127.0.0.1/x"},
      {.url = server_.url() + "/a b"},
      {.url = "http://user:" + secret + "@127.0.0.1:1/"},
      {.url = server_.url(), .headers = {{"A", secret + "\r\nX: y"}}},
      {.url = server_.url(), .headers = {{"", "x"}}},
  };
  for (const Request& request : bad) {
    const auto response = transport_->Send({}, request);
    EXPECT_FALSE(response.ok()) << request.url;
    EXPECT_THAT(std::string(response.status().message()),
                Not(HasSubstr(secret)));
  }
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(TransportTest, ManyThreadsAtOnce) {
  server_.Always({.body = "x", .delay = absl::Milliseconds(1)});
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j) {
        base::StopSource source;
        const bool cancel = j == 5;
        std::thread stopper([&source, cancel] {
          if (cancel) source.Stop();
        });
        if (Get(server_.url(), source.context()).ok()) ++good;
        stopper.join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(good, 72);
}

TEST_F(TransportTest, TrustsTheGivenCaAndShowsTheClientCertificate) {
  const support::Certificate server = support::MakeCertificate();
  const support::Certificate client = support::MakeCertificate();
  const support::TlsServer tls(server, client.pem);
  const auto response =
      GetWith(tls.url(), {.ca_pem = "text before\r\n" + server.pem,
                          .client_certificate_pem = client.pem,
                          .client_key_pem = base::Secret(client.key_pem)});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->body, HasSubstr("CN=test"));
}

TEST_F(TransportTest, UntrustedCertificatesAreNamedForWhatTheyAre) {
  const support::Certificate good = support::MakeCertificate();
  const support::Certificate expired =
      support::MakeCertificate({.expired = true});
  const support::Certificate other =
      support::MakeCertificate({.name = "DNS:other.example"});
  const struct {
    const support::Certificate& certificate;
    std::string ca_pem;
    const char* says;
  } kCases[] = {
      {good, other.pem, "authority that is not trusted"},
      {good, "", "authority that is not trusted"},
      {expired, expired.pem, "has expired"},
      {other, other.pem, "for another name"},
  };
  for (const auto& c : kCases) {
    const support::TlsServer tls(c.certificate);
    const auto response = GetWith(tls.url(), {.ca_pem = c.ca_pem});
    EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(response.status().message()), HasSubstr(c.says));
    EXPECT_TRUE(CertificateProblemOf(response.status()).has_value());
    EXPECT_EQ(ErrorPhase(response.status()), Phase::kTls);
    EXPECT_TRUE(GetWith(tls.url(), {.insecure = true}).ok());
  }
}

TEST_F(TransportTest, ServerNameReplacesTheHostInTheHandshakeOnly) {
  const support::Certificate other =
      support::MakeCertificate({.name = "DNS:other.example"});
  const support::TlsServer tls(other);
  const auto response =
      GetWith(tls.url() + "/p?q",
              {.ca_pem = other.pem, .server_name = "other.example"});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->body, HasSubstr("other.example|-|GET /p?q"));
  EXPECT_THAT(response->body,
              HasSubstr(absl::StrCat("Host: ", tls.url().substr(8))));
}

TEST_F(TransportTest, KeyOfAnotherCertificateIsABadRequest) {
  const support::Certificate a = support::MakeCertificate();
  const support::Certificate b = support::MakeCertificate();
  const support::TlsServer tls(a);
  const auto response =
      GetWith(tls.url(), {.ca_pem = a.pem,
                          .client_certificate_pem = a.pem,
                          .client_key_pem = base::Secret(b.key_pem)});
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument)
      << response.status();
}

}  // namespace
}  // namespace http
