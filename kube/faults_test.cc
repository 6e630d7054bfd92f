// What the client makes of a server or network that fails, a row for each rule.
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/parallel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/client.h"
#include "kube/new_client.h"
#include "kube/status.h"
#include "tests/support/api_bodies.h"
#include "tests/support/http_server.h"
#include "tests/support/silent_server.h"
#include "tests/support/tls_server.h"

namespace kube {
namespace {

using base::Json;
using ::support::ConfigMapBody;
using ::support::HttpServer;
using ::support::ScriptedReply;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

const ObjectRef kRef = ConfigMapRef("ns", "x");
const ScriptedReply kGood = {.body = ConfigMapBody()};

std::string StatusBody(const std::string& message,
                       const std::string& details = "{}",
                       const std::string& reason = "") {
  return absl::StrCat(R"({"kind":"Status","message":")", message,
                      R"(","reason":")", reason, R"(","details":)", details,
                      "}");
}

class FaultsTest : public ::testing::Test {
 protected:
  FaultsTest() {
    options_.user_agent = "program/1 (linux/amd64)";
    options_.retry.random = [] { return 1.0; };
  }

  // Sleeps are recorded, not slept.
  void Connect(Config config) {
    options_.retry.sleep = [this](const base::Context& ctx, absl::Duration d) {
      sleeps_.push_back(d);
      return ctx.Check();
    };
    auto client = NewClient(std::move(config), options_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  ClientOptions options_;
  std::vector<absl::Duration> sleeps_;
  std::unique_ptr<Client> client_;
};

using Call = std::function<absl::Status(Client&)>;

absl::Status Get(Client& client) { return client.Get({}, kRef).status(); }
absl::Status Apply(Client& client) {
  return client.Apply({}, kRef, {{"kind", "ConfigMap"}}, {.field_manager = "m"})
      .status();
}
absl::Status Create(Client& client) {
  return client
      .Apply({}, kRef, {{"kind", "ConfigMap"}},
             {.field_manager = "m", .create_only = true})
      .status();
}
absl::Status DeleteGuarded(Client& client) {
  return client.Delete({}, kRef, {.uid = "u"});
}
absl::Status DeleteAny(Client& client) { return client.Delete({}, kRef, {}); }
absl::Status JsonPatch(Client& client) {
  return client
      .Patch({}, kRef, Json::array(),
             {.field_manager = "m", .type = PatchType::kJson})
      .status();
}

TEST_F(FaultsTest, RetriesFollowTheTable) {
  const auto after = [](const char* text) {
    return std::map<std::string, std::string>{{"Retry-After", text}};
  };
  const struct {
    const char* rule;
    Call call;
    ScriptedReply fault;
    // Nullopt: the fault is final.
    std::optional<absl::Duration> delay;
  } kCases[] = {
      {"429 and Retry-After, read",
       Get,
       {.status = 429, .headers = after("5")},
       absl::Seconds(5)},
      {"429 and Retry-After, write",
       Apply,
       {.status = 429, .headers = after("5")},
       absl::Seconds(5)},
      {"500 and Retry-After",
       Apply,
       {.status = 500, .headers = after("5")},
       absl::Seconds(5)},
      {"500 and Retry-After: 0",
       Get,
       {.status = 500, .headers = after("0")},
       absl::Seconds(0.8)},
      {"501 and Retry-After",
       Get,
       {.status = 501, .headers = after("5")},
       absl::Seconds(5)},
      {"own delay if longer",
       Get,
       {.status = 503, .headers = after("0")},
       absl::Seconds(0.8)},
      {"dates are ignored",
       Get,
       {.status = 503, .headers = after("Wed, 21 Oct 2037 07:28:00 GMT")},
       absl::Seconds(0.8)},
      {"429 alone", Get, {.status = 429}, absl::Seconds(0.8)},
      {"502 alone", Apply, {.status = 502}, absl::Seconds(0.8)},
      {"503 alone", DeleteGuarded, {.status = 503}, absl::Seconds(0.8)},
      {"504 alone", Create, {.status = 504}, absl::Seconds(0.8)},
      {"500 alone", Get, {.status = 500, .body = "boom"}, std::nullopt},
      {"501 alone", Get, {.status = 501}, std::nullopt},
      {"500, etcd's leader",
       Apply,
       {.status = 500, .body = StatusBody("etcdserver: leader changed")},
       absl::Seconds(0.8)},
      {"500, raft",
       Apply,
       {.status = 500, .body = StatusBody("rpc error: raft proposal dropped")},
       absl::Seconds(0.8)},
      {"500, webhook",
       Apply,
       {.status = 500,
        .body = StatusBody("Internal error: failed calling webhook x")},
       absl::Seconds(0.8)},
      {"server shuts down",
       Apply,
       {.status = 429,
        .headers = after("5"),
        .body = "The apiserver is shutting down, please try again later.",
        .keep_alive = false},
       absl::Seconds(5)},
      {"server drains",
       Get,
       {.status = 503, .headers = after("1"), .body = "draining"},
       absl::Seconds(1)},
      {"priority and fairness",
       Get,
       {.status = 429,
        .headers = after("1"),
        .body = "Too many requests, please try again later."},
       absl::Seconds(1)},
      {"admission's ServerTimeout",
       Apply,
       {.status = 500,
        .body = StatusBody("timeout", R"({"retryAfterSeconds":3})",
                           "ServerTimeout")},
       absl::Seconds(3)},
      {"terminating namespace",
       Apply,
       {.status = 403,
        .body = StatusBody("forbidden",
                           R"({"causes":[{"reason":"NamespaceTerminating"}]})",
                           "Forbidden")},
       absl::Seconds(0.8)},
      {"400", Apply, {.status = 400}, std::nullopt},
      {"401", Get, {.status = 401}, std::nullopt},
      {"401, end in the body",
       Apply,
       {.status = 401, .body = StatusBody("Unauthorized"), .half = true},
       std::nullopt},
      {"403, end in the body",
       Apply,
       {.status = 403, .body = StatusBody("forbidden"), .half = true},
       absl::Seconds(0.8)},
      {"403", Get, {.status = 403}, std::nullopt},
      {"404", Get, {.status = 404}, std::nullopt},
      {"405", Get, {.status = 405}, std::nullopt},
      {"409", Apply, {.status = 409}, std::nullopt},
      {"413", Apply, {.status = 413}, std::nullopt},
      {"415", Apply, {.status = 415}, std::nullopt},
      {"422", Apply, {.status = 422}, std::nullopt},
      {"undeclared field is 500",
       Apply,
       {.status = 500,
        .body = StatusBody("failed to create typed patch object (x): .data.b: "
                           "field not declared in schema")},
       std::nullopt},
      {"object too large for etcd is 500",
       Apply,
       {.status = 500,
        .body = StatusBody("rpc error: code = ResourceExhausted desc = trying "
                           "to send message larger than max")},
       std::nullopt},
      {"redirect", Get, {.status = 302}, std::nullopt},
      {"read, reset", Get, {.reset = true}, absl::Seconds(0.8)},
      {"read, end in the head", Get, {.cut = 20}, absl::Seconds(0.8)},
      {"read, end in the body",
       Get,
       {.body = R"({"kind":"x"})", .half = true},
       absl::Seconds(0.8)},
      {"apply, reset", Apply, {.reset = true}, absl::Seconds(0.8)},
      {"create, reset", Create, {.reset = true}, absl::Seconds(0.8)},
      {"apply, end in the body",
       Apply,
       {.body = R"({"kind":"x"})", .half = true},
       absl::Seconds(0.8)},
      {"guarded delete, reset",
       DeleteGuarded,
       {.reset = true},
       absl::Seconds(0.8)},
      {"delete of anything, reset", DeleteAny, {.reset = true}, std::nullopt},
      {"delete of anything, 504", DeleteAny, {.status = 504}, std::nullopt},
      {"delete of anything, 429",
       DeleteAny,
       {.status = 429},
       absl::Seconds(0.8)},
      {"JSON patch, reset", JsonPatch, {.reset = true}, std::nullopt},
      {"JSON patch, 503", JsonPatch, {.status = 503}, absl::Seconds(0.8)},
  };
  for (const auto& c : kCases) {
    HttpServer server;
    Connect({.server = server.url()});
    sleeps_.clear();
    server.Script({c.fault, kGood});
    const absl::Status status = c.call(*client_);
    EXPECT_EQ(status.ok(), c.delay.has_value()) << c.rule << ": " << status;
    EXPECT_EQ(server.requests().size(), c.delay.has_value() ? 2 : 1) << c.rule;
    EXPECT_EQ(sleeps_.empty() ? absl::ZeroDuration() : sleeps_[0],
              c.delay.value_or(absl::ZeroDuration()))
        << c.rule;
    if (server.requests().size() == 2) {
      EXPECT_EQ(server.requests()[0].body, server.requests()[1].body) << c.rule;
    }
  }
}

// An API server ends an HTTP/2 connection with a 401, and libcurl loses the
// body of the answer to a request that had one.
TEST_F(FaultsTest, RefusedCredentialsAreSaidWithoutTheBodyOfTheAnswer) {
  HttpServer server;
  Connect({.server = server.url()});
  server.Script(
      {{.status = 401, .body = StatusBody("Unauthorized"), .half = true}});
  const absl::Status status = Apply(*client_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
  EXPECT_EQ(HttpCode(status), 401);
}

TEST_F(FaultsTest, MessagesSayWhatToDo) {
  const struct {
    const char* rule;
    ScriptedReply reply;
    absl::StatusCode code;
    const char* says;
  } kCases[] = {
      {"redirects are not followed",
       {.status = 302,
        .headers = {{"Location", "https://login.test/?t=secret"}}},
       absl::StatusCode::kFailedPrecondition,
       "a redirect, which is not followed"},
      {"plain HTTP to a server of TLS",
       {.status = 400,
        .body = "Client sent an HTTP request to an HTTPS server.\n"},
       absl::StatusCode::kFailedPrecondition,
       "must begin with https://"},
      {"407 of a proxy",
       {.status = 407},
       absl::StatusCode::kFailedPrecondition,
       "HTTP 407"},
      {"413",
       {.status = 413, .body = "limit is 3145728"},
       absl::StatusCode::kInvalidArgument,
       "too large for the API server"},
      {"etcd's limit",
       {.status = 500, .body = StatusBody("etcdserver: request is too large")},
       absl::StatusCode::kInvalidArgument,
       "too large for the API server"},
      {"HTML",
       {.body = "<html>"},
       absl::StatusCode::kFailedPrecondition,
       "This is no API server"},
      {"method, path and code",
       {.status = 403, .body = StatusBody("no")},
       absl::StatusCode::kPermissionDenied,
       "GET /api/v1/namespaces/ns/configmaps/x: HTTP 403: no"},
  };
  for (const auto& c : kCases) {
    HttpServer server;
    Connect({.server = server.url()});
    server.Always(c.reply);
    const absl::Status status = Get(*client_);
    EXPECT_EQ(status.code(), c.code) << c.rule;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says)) << c.rule;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  }
}

// kInvalidArgument would be a server's word on the object.
TEST_F(FaultsTest, WhatCannotBeSentIsNotAServersRefusal) {
  Connect({.server = "https://127.0.0.1:1", .proxy_url = "ftp://u:p@x"});
  const absl::Status status = Apply(*client_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("bad proxy address"));
}

TEST_F(FaultsTest, FinalErrorTellsTheAttemptBefore) {
  HttpServer server;
  Connect({.server = server.url()});
  server.Script({{.status = 503, .body = "first"},
                 {.status = 422,
                  .headers = {{"Audit-Id", "audit-7"}},
                  .body = "second"}});
  const absl::Status status = Apply(*client_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              ::testing::ContainsRegex(
                  "HTTP 422: second .*after 2 attempts.*HTTP 503: first"));
  EXPECT_EQ(AuditId(status), "audit-7");
}

TEST_F(FaultsTest, RequestsSayWhoAsksAndHowLong) {
  HttpServer server;
  Connect({.server = server.url()});
  server.Always(kGood);
  ASSERT_TRUE(Get(*client_).ok());
  ASSERT_TRUE(Apply(*client_).ok());
  ASSERT_TRUE(DeleteGuarded(*client_).ok());
  ASSERT_TRUE(JsonPatch(*client_).ok());
  ASSERT_TRUE(client_
                  ->Apply(base::Context().WithTimeout(absl::Seconds(10)), kRef,
                          {}, {.field_manager = "m"})
                  .ok());
  const auto requests = server.requests();
  EXPECT_THAT(requests[0].target, Not(HasSubstr("timeout=")));
  for (const size_t write : {1, 2, 3}) {
    EXPECT_THAT(requests[write].target, HasSubstr("timeout=60s"));
  }
  EXPECT_THAT(requests[4].target, HasSubstr("timeout=10s"));
  for (const auto& request : requests) {
    EXPECT_EQ(request.headers.at("user-agent"), options_.user_agent);
    EXPECT_EQ(request.headers.at("accept-encoding"), "gzip");
  }
}

TEST_F(FaultsTest, NumbersStayExact) {
  HttpServer server;
  Connect({.server = server.url()});
  server.Always(
      {.body = ConfigMapBody(R"(,"generation":9223372036854775807,"new":{})")});
  EXPECT_EQ(base::IntAt(*client_->Get({}, kRef), "/metadata/generation"),
            INT64_MAX);
}

TEST_F(FaultsTest, TooLargeObjectsAreNotSent) {
  HttpServer server;
  Connect({.server = server.url()});
  server.Always(kGood);
  const auto apply = [&](size_t bytes) {
    return client_
        ->Apply({}, kRef, {{"data", std::string(bytes, 'x')}},
                {.field_manager = "m"})
        .status();
  };
  EXPECT_TRUE(apply((3 << 20) - 100).ok());
  const absl::Status status = apply(3 << 20);
  EXPECT_TRUE(IsTooLarge(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("not sent"));
  EXPECT_EQ(server.requests().size(), 1);
}

TEST_F(FaultsTest, AHurriedCallLooksForTheServerLessLong) {
  bool hurried = true;
  options_.first_contact_timeout = absl::Seconds(4);
  options_.hurried_timeout = absl::Seconds(2);
  options_.retry.first_delay = absl::Milliseconds(50);
  options_.retry.max_delay = absl::Milliseconds(50);
  options_.hurried = [&] { return hurried; };
  Connect({.server = absl::StrCat("http://127.0.0.1:", support::ClosedPort())});
  absl::Time start = absl::Now();
  EXPECT_FALSE(Get(*client_).ok());
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(3000));
  hurried = false;
  start = absl::Now();
  EXPECT_FALSE(Get(*client_).ok());
  EXPECT_GT(absl::Now() - start, absl::Milliseconds(3000));
}

// Whatever it stops at: the connection, the handshake, the answer's begin or
// its middle.
class HurriedTest : public FaultsTest {
 protected:
  // Of a server that says nothing, 20 calls at once, and one later.
  void ExpectEnd(const std::string& url, const std::string& says) {
    options_.hurried_timeout = absl::Seconds(3);
    options_.least_hurried = absl::Milliseconds(300);
    options_.hurried = [] { return true; };
    Connect({.server = url});
    // Those that wait for their turn have waited, too, when it comes.
    absl::Time start = absl::Now();
    std::vector<absl::Status> ends(20);
    std::vector<std::function<void()>> calls;
    for (absl::Status& end : ends) {
      calls.emplace_back([this, &end] { end = Get(*client_); });
    }
    base::RunInParallel(calls, 20);
    EXPECT_LT(absl::Now() - start, absl::Seconds(30));
    EXPECT_GT(absl::Now() - start, absl::Milliseconds(2900));
    // The others wait for what the first one's connection turns out to be.
    std::vector<std::string> messages;
    for (const absl::Status& end : ends) {
      EXPECT_EQ(end.code(), absl::StatusCode::kUnavailable) << end;
      messages.emplace_back(end.message());
    }
    EXPECT_THAT(messages, Contains(HasSubstr(says)));
    EXPECT_THAT(messages,
                Each(AllOf(HasSubstr(url),
                           HasSubstr("/api/v1/namespaces/ns/configmaps/x"))));
    // And those that come later need not find it out again.
    start = absl::Now();
    EXPECT_FALSE(Get(*client_).ok());
    EXPECT_LT(absl::Now() - start, absl::Milliseconds(2900));
  }
};

TEST_F(HurriedTest, EndsWhereNoConnectionIsMade) {
  const support::SilentServer server(
      support::SilentServer::Silence::kNoHandshake);
  ExpectEnd(server.url(), "cannot connect to");
}

TEST_F(HurriedTest, EndsWhereTlsIsNotAnswered) {
  const support::SilentServer server(
      support::SilentServer::Silence::kNeverReads);
  ExpectEnd(server.url("https"), "TLS handshake with");
}

TEST_F(HurriedTest, EndsWhereTheRequestIsNotRead) {
  const support::SilentServer server(
      support::SilentServer::Silence::kNeverReads);
  ExpectEnd(server.url(), "no answer came from");
}

TEST_F(HurriedTest, EndsWhereNoAnswerBegins) {
  HttpServer server;
  server.Always({.body = ConfigMapBody(), .delay = absl::Minutes(2)});
  ExpectEnd(server.url(), "no answer came from");
}

TEST_F(HurriedTest, EndsWhereTheAnswerStops) {
  HttpServer server;
  server.Always({.pieces = {"{"}, .hold = true});
  ExpectEnd(server.url(), "no more of the answer came from");
}

TEST_F(FaultsTest, AHurriedCallWaitsForAServerThatAnswersOthers) {
  HttpServer server;
  server.Always({.body = ConfigMapBody(), .delay = absl::Milliseconds(400)});
  options_.hurried_timeout = absl::Seconds(1);
  options_.max_in_flight = 1;
  options_.hurried = [] { return true; };
  Connect({.server = server.url()});
  std::vector<std::function<void()>> calls(
      5, [this] { EXPECT_TRUE(Get(*client_).ok()); });
  base::RunInParallel(calls);
}

TEST_F(FaultsTest, AtMostTwelveRequestsAtOnce) {
  HttpServer server;
  Connect({.server = server.url()});
  server.Always({.body = ConfigMapBody(), .delay = absl::Milliseconds(300)});
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([this] { EXPECT_TRUE(Get(*client_).ok()); });
  }
  for (std::thread& thread : threads) thread.join();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 16);
  // The thirteenth comes when the first has its answer, and so on.
  for (size_t i = 0; i + 12 < requests.size(); ++i) {
    EXPECT_GE(requests[i + 12].time - requests[i].time,
              absl::Milliseconds(290));
  }
  EXPECT_LT(requests[15].time - requests[0].time, absl::Milliseconds(3000));
}

TEST_F(FaultsTest, SlowAnswersCostAnAttemptNotTheCall) {
  const support::SilentServer silent(
      support::SilentServer::Silence::kNeverReads);
  options_.attempt_timeout = absl::Milliseconds(100);
  const ScriptedReply kTrickle = {.body = std::string(1000, 'x'),
                                  .byte_pause = absl::Milliseconds(10)};
  HttpServer server;
  Connect({.server = server.url()});
  server.Script({kTrickle, {.body = "{}", .delay = absl::Minutes(1)}, kGood});
  EXPECT_TRUE(Apply(*client_).ok());
  EXPECT_EQ(server.requests().size(), 3);
  // A watch is no attempt, but its first byte must come as soon.
  Connect({.server = silent.url()});
  const absl::Time start = absl::Now();
  EXPECT_EQ(client_
                ->Watch({}, CollectionOf(kRef), {},
                        [](const WatchEvent&) { return absl::OkStatus(); })
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(FaultsTest, StopEndsEveryPhaseAtOnce) {
  const support::SilentServer no_handshake(
      support::SilentServer::Silence::kNoHandshake);
  const support::SilentServer never_reads(
      support::SilentServer::Silence::kNeverReads);
  HttpServer busy;
  busy.Always({.status = 503, .headers = {{"Retry-After", "60"}}});
  HttpServer held;
  held.Always({.pieces = {"\n"}, .hold = true});
  const auto watch = [](const base::Context& ctx, Client& client) {
    return client.Watch(ctx, CollectionOf(kRef), {},
                        [](const WatchEvent&) { return absl::OkStatus(); });
  };
  const auto get = [](const base::Context& ctx, Client& client) {
    return client.Get(ctx, kRef).status();
  };
  const auto apply = [](const base::Context& ctx, Client& client) {
    return client
        .Apply(ctx, kRef, {{"data", std::string(3'000'000, 'x')}},
               {.field_manager = "m", .dry_run = true})
        .status();
  };
  const auto write = [](const base::Context& ctx, Client& client) {
    return client.Apply(ctx, kRef, {}, {.field_manager = "m"}).status();
  };
  const struct {
    const char* phase;
    std::string url;
    std::function<absl::Status(const base::Context&, Client&)> call;
  } kCases[] = {
      {"connect", no_handshake.url(), get},
      {"TLS", never_reads.url("https"), get},
      {"connect to write", no_handshake.url(), write},
      {"TLS to write", never_reads.url("https"), write},
      {"delay before the next attempt to write", busy.url(), write},
      {"send", never_reads.url(), apply},
      {"wait for the reply", never_reads.url(), get},
      {"delay before the next attempt", busy.url(), get},
      {"watch", held.url(), watch},
  };
  for (const auto& c : kCases) {
    auto client = NewClient({.server = c.url}, ClientOptions());
    ASSERT_TRUE(client.ok());
    base::StopSource source;
    std::thread stopper([&source] {
      absl::SleepFor(absl::Milliseconds(150));
      source.Stop();
    });
    const absl::Time start = absl::Now();
    const absl::Status status = c.call(source.context(), **client);
    stopper.join();
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled)
        << c.phase << ": " << status;
    EXPECT_GE(absl::Now() - start, absl::Milliseconds(140)) << c.phase;
    EXPECT_LT(absl::Now() - start, absl::Seconds(5)) << c.phase;
  }
}

// What to change is for whoever made the Config to say: here that it was asked.
TEST_F(FaultsTest, FailedExchangesComeWithAdvice) {
  const auto advice = [](const absl::Status& status, const Config& config) {
    if (const auto problem = http::CertificateProblemOf(status)) {
      return absl::StrCat("problem ", static_cast<int>(*problem), " of ",
                          config.server);
    }
    return HttpCode(status) == 407 ? "log in" : std::string();
  };
  const support::Certificate stranger = support::MakeCertificate();
  const support::TlsServer untrusted(stranger);
  options_.advice = advice;
  Connect({.server = untrusted.url()});
  EXPECT_THAT(
      std::string(Get(*client_).message()),
      HasSubstr(absl::StrCat(
          " (problem ", static_cast<int>(http::CertificateProblem::kUntrusted),
          " of ", untrusted.url(), ")")));
  EXPECT_TRUE(sleeps_.empty());
  HttpServer server;
  Connect({.server = server.url()});
  server.Always({.status = 407});
  EXPECT_THAT(std::string(Get(*client_).message()),
              HasSubstr("HTTP 407 (log in)"));
  server.Always({.status = 403, .body = StatusBody("no")});
  EXPECT_THAT(std::string(Get(*client_).message()),
              ::testing::EndsWith("HTTP 403: no"));
}

}  // namespace
}  // namespace kube
