// How a wait goes on when lists and watches fail: for each rule the server's
// script, and the requests that must come.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "kube/wait.h"
#include "tests/support/api_bodies.h"
#include "tests/support/http_server.h"

namespace kube {
namespace {

using base::Json;
using ::support::ConfigMapBody;
using ::support::ConfigMapEvent;
using ::support::ConfigMapListBody;
using ::support::HttpServer;
using ::support::ReceivedRequest;
using ::support::ScriptedReply;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

const ObjectRef kRef = ConfigMapRef("ns", "x");

ScriptedReply List(const std::string& version) {
  return {.body = ConfigMapListBody(
              "", absl::StrCat(R"("resourceVersion":")", version, "\""))};
}

// A watch that the server ends cleanly after `events`.
ScriptedReply Watch(std::vector<std::string> events) {
  if (events.empty()) events.emplace_back("\n");
  return {.pieces = std::move(events), .pause = absl::Milliseconds(30)};
}

ScriptedReply WatchError(int code, const std::string& more = "") {
  return Watch(
      {absl::StrCat(R"({"type":"ERROR","object":{"kind":"Status","code":)",
                    code, more, "}}\n")});
}

const ScriptedReply kForbidden = {
    .status = 403, .body = R"({"kind":"Status","reason":"Forbidden"})"};
const ScriptedReply kAbsent = {
    .status = 404,
    .body = R"({"kind":"Status","reason":"NotFound","details":)"
            R"({"name":"x","kind":"configmaps"}})"};
const ScriptedReply kPresent = {.body = ConfigMapBody()};

std::string Value(const std::string& target, const std::string& name) {
  const size_t start = target.find(absl::StrCat(name, "="));
  if (start == std::string::npos) return "";
  const size_t from = start + name.size() + 1;
  return target.substr(from, target.find('&', from) - from);
}

// "list", "list@7", "watch@7" or "get".
std::string Describe(const ReceivedRequest& request) {
  const std::string version = Value(request.target, "resourceVersion");
  const std::string at = version.empty() ? "" : absl::StrCat("@", version);
  if (absl::StrContains(request.target, "watch=true")) return "watch" + at;
  if (absl::StrContains(request.target, "configmaps/x")) return "get";
  return "list" + at;
}

class WatchFaultsTest : public ::testing::Test {
 protected:
  WatchFaultsTest() {
    const auto record = [this](const base::Context& ctx, absl::Duration d) {
      sleeps_.push_back(d);
      return ctx.Check();
    };
    options_.retry.sleep = record;
    options_.retry.random = [] { return 1.0; };
    // Ends sooner than this count as failures: here none does by chance.
    options_.rewatch_interval = absl::Milliseconds(20);
  }

  absl::StatusOr<Json> Await(HttpServer& server,
                             std::vector<ScriptedReply> script) {
    sleeps_.clear();
    // On a connection that was used before, libcurl itself repeats a request
    // that got no answer.
    for (ScriptedReply& reply : script) reply.keep_alive = false;
    ClientOptions options;
    options.retry = options_.retry;
    // Only who does not answer is to run into it, however busy the machine is.
    const bool silent = std::any_of(script.begin(), script.end(),
                                    [](const ScriptedReply& reply) {
                                      return reply.delay > absl::ZeroDuration();
                                    });
    options.attempt_timeout = absl::Seconds(silent ? 2 : 20);
    server.Script(std::move(script));
    auto client = NewClient({.server = server.url()}, options);
    return AwaitObject(
        base::Context().WithTimeout(absl::Seconds(60)), **client, kRef,
        [](const Json* object) -> absl::StatusOr<bool> {
          return object != nullptr;
        },
        options_);
  }

  WaitOptions options_;
  std::vector<absl::Duration> sleeps_;
};

TEST_F(WatchFaultsTest, WaitsFollowTheRules) {
  const ScriptedReply kFound = Watch({ConfigMapEvent("ADDED", "99")});
  const ScriptedReply kTooNew = {
      .status = 504,
      .headers = {{"Retry-After", "1"}},
      .body = R"({"kind":"Status","reason":"Timeout","details":{"causes":)"
              R"([{"reason":"ResourceVersionTooLarge"}]}})"};
  const struct {
    const char* rule;
    std::vector<ScriptedReply> script;
    std::vector<std::string> requests;
  } kCases[] = {
      {"clean end: on from the same version",
       {List("7"), Watch({}), kFound},
       {"list", "watch@7", "watch@7"}},
      {"a bookmark moves the version",
       {List("7"), Watch({ConfigMapEvent("BOOKMARK", "9")}), kFound},
       {"list", "watch@7", "watch@9"}},
      {"so does a deletion",
       {List("7"), Watch({ConfigMapEvent("DELETED", "8")}), kFound},
       {"list", "watch@7", "watch@8"}},
      {"lost connection: on from the same version",
       {List("7"), {.reset = true}, kFound},
       {"list", "watch@7", "watch@7"}},
      {"lost within an event",
       {List("7"), Watch({ConfigMapEvent("BOOKMARK", "9"), R"({"type":"ADD)"}),
        kFound},
       {"list", "watch@7", "watch@9"}},
      {"no first byte",
       {List("7"), {.delay = absl::Minutes(1)}, kFound},
       {"list", "watch@7", "watch@7"}},
      {"503 on the watch",
       {List("7"), {.status = 503}, kFound},
       {"list", "watch@7", "watch@7"}},
      {"500 as an event",
       {List("7"), WatchError(500), kFound},
       {"list", "watch@7", "watch@7"}},
      {"504 as an event",
       {List("7"), WatchError(504), kFound},
       {"list", "watch@7", "watch@7"}},
      {"429 as an event",
       {List("7"), WatchError(429), kFound},
       {"list", "watch@7", "watch@7"}},
      {"410 as an event: list from the last version",
       {List("7"), Watch({ConfigMapEvent("BOOKMARK", "9")}), WatchError(410),
        List("11"), kFound},
       {"list", "watch@7", "watch@9", "list@9", "watch@11"}},
      {"reason Expired without the code",
       {List("7"), WatchError(0, R"(,"reason":"Expired")"), List("11"), kFound},
       {"list", "watch@7", "list@7", "watch@11"}},
      {"reason Gone without the code",
       {List("7"), WatchError(0, R"(,"reason":"Gone")"), List("11"), kFound},
       {"list", "watch@7", "list@7", "watch@11"}},
      {"410 as a status",
       {List("7"), {.status = 410}, List("11"), kFound},
       {"list", "watch@7", "list@7", "watch@11"}},
      {"410 on that list, too: the newest state",
       {List("7"), {.status = 410}, {.status = 410}, List("11"), kFound},
       {"list", "watch@7", "list@7", "list", "watch@11"}},
      {"version too new on that list: the newest state",
       {List("7"), {.status = 410}, kTooNew, List("3"), kFound},
       {"list", "watch@7", "list@7", "list", "watch@3"}},
      {"version too new on the watch: the newest state",
       {List("7"), kTooNew, List("3"), kFound},
       {"list", "watch@7", "list", "watch@3"}},
      {"no event at all: list anew",
       {List("7"), Watch({"garbage\n"}), List("8"), kFound},
       {"list", "watch@7", "list", "watch@8"}},
      {"no right to watch: get",
       {List("7"), kForbidden, kAbsent, kPresent},
       {"list", "watch@7", "get", "get"}},
      {"no right to list: get",
       {kForbidden, kAbsent, kPresent},
       {"list", "get", "get"}},
      {"a get that fails is no end",
       {kForbidden, kAbsent, {.status = 500}, {.reset = true}, kPresent},
       {"list", "get", "get", "get", "get"}},
      {"a list that fails is no end",
       {List("7"), {.status = 410}, {.status = 500}, List("9"), kFound},
       {"list", "watch@7", "list@7", "list@7", "watch@9"}},
  };
  for (const auto& c : kCases) {
    HttpServer server;
    const auto object = Await(server, c.script);
    EXPECT_TRUE(object.ok()) << c.rule << ": " << object.status();
    std::vector<std::string> requests;
    for (const ReceivedRequest& request : server.requests()) {
      requests.push_back(Describe(request));
    }
    EXPECT_THAT(requests, ElementsAreArray(c.requests)) << c.rule;
  }
}

TEST_F(WatchFaultsTest, DelaysAreTheServersOrGrow) {
  const ScriptedReply kFound = Watch({ConfigMapEvent("ADDED", "99")});
  const struct {
    const char* rule;
    std::vector<ScriptedReply> script;
    std::vector<absl::Duration> sleeps;
  } kCases[] = {
      {"retryAfterSeconds of an event",
       {List("7"), WatchError(429, R"(,"details":{"retryAfterSeconds":4})"),
        kFound},
       {absl::Seconds(4)}},
      {"none given",
       {List("7"), WatchError(504), WatchError(500), kFound},
       {absl::Seconds(0.8), absl::Seconds(1.6)}},
      {"lost connections",
       {List("7"), {.reset = true}, {.reset = true}, kFound},
       {absl::Seconds(0.8), absl::Seconds(1.6)}},
  };
  for (const auto& c : kCases) {
    HttpServer server;
    ASSERT_TRUE(Await(server, c.script).ok()) << c.rule;
    EXPECT_THAT(sleeps_, ElementsAreArray(c.sleeps)) << c.rule;
  }
}

TEST_F(WatchFaultsTest, WatchesThatEndAtOnceSlowDown) {
  options_.rewatch_interval = absl::Seconds(5);
  HttpServer server;
  const auto ended = [] { return ScriptedReply{.pieces = {"\n"}}; };
  ASSERT_TRUE(Await(server, {List("7"), ended(), ended(), ended(),
                             Watch({ConfigMapEvent("BOOKMARK", "9")}),
                             Watch({ConfigMapEvent("ADDED", "10")})})
                  .ok());
  ASSERT_EQ(sleeps_.size(), 4);
  EXPECT_THAT(
      std::vector(sleeps_.begin(), sleeps_.begin() + 3),
      ElementsAre(absl::Seconds(0.8), absl::Seconds(1.6), absl::Seconds(3.2)));
  // One that brought something is no failure, but the next one is not early.
  EXPECT_GT(sleeps_[3], absl::Seconds(4));
  EXPECT_LE(sleeps_[3], absl::Seconds(5));
}

TEST_F(WatchFaultsTest, ReadsInsteadOfWatchesEveryTwoSecondsWithJitter) {
  HttpServer server;
  ASSERT_TRUE(Await(server, {List("7"), kForbidden, kAbsent, kAbsent, kAbsent,
                             kPresent})
                  .ok());
  ASSERT_EQ(sleeps_.size(), 4);
  for (const absl::Duration sleep : sleeps_) {
    EXPECT_GE(sleep, absl::Seconds(1.6));
    EXPECT_LE(sleep, absl::Seconds(2.4));
  }
  EXPECT_NE(sleeps_[0], sleeps_[1]);
}

TEST_F(WatchFaultsTest, WatchesAskForBookmarksAndAnEnd) {
  HttpServer server;
  ASSERT_TRUE(
      Await(server, {List("7"), Watch({ConfigMapEvent("ADDED", "8")})}).ok());
  const std::string target = server.requests().at(1).target;
  EXPECT_THAT(target, HasSubstr("allowWatchBookmarks=true"));
  EXPECT_THAT(target, HasSubstr("fieldSelector=metadata.name%3Dx"));
  const int seconds = std::stoi(Value(target, "timeoutSeconds"));
  EXPECT_GE(seconds, 300);
  EXPECT_LE(seconds, 600);
}

TEST_F(WatchFaultsTest, IdleWatchEnds) {
  // The server must end a watch when its time is over; if it does not, we do,
  // so that a dead connection is found.
  HttpServer server;
  server.Always({.pieces = {"\n"}, .hold = true});
  auto client = NewClient({.server = server.url()});
  const absl::Time start = absl::Now();
  EXPECT_EQ((*client)
                ->Watch({}, CollectionOf(kRef),
                        {.duration = absl::Milliseconds(100),
                         .slack = absl::Milliseconds(200)},
                        [](const WatchEvent&) { return absl::OkStatus(); })
                .code(),
            absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

}  // namespace
}  // namespace kube
