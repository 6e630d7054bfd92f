#include "kube/client.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "tests/support/api_bodies.h"
#include "tests/support/http_server.h"
#include "tests/support/tls_server.h"

namespace kube {
namespace {

using base::Json;
using ::support::ConfigMapBody;
using ::support::ConfigMapEvent;
using ::support::ConfigMapItem;
using ::support::ConfigMapListBody;
using ::support::HttpServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const ObjectRef kRef = ConfigMapRef("ns", "x");

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    // Real waiting is the server's; delays between attempts are only counted.
    options_.retry.sleep = [this](const base::Context& ctx, absl::Duration d) {
      absl::MutexLock lock(&mutex_);
      sleeps_.push_back(d);
      return ctx.Check();
    };
    options_.retry.random = [] { return 1.0; };
    Connect({.server = server_.url()});
  }

  void Connect(Config config) {
    auto client = NewClient(std::move(config), options_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  HttpServer server_;
  absl::Mutex mutex_;
  std::vector<absl::Duration> sleeps_;
  ClientOptions options_;
  std::unique_ptr<Client> client_;
};

class ThrowingTransport final : public http::Transport {
 public:
  absl::StatusOr<http::Response> Send(const base::Context&,
                                      const http::Request&) override {
    throw std::runtime_error("broken");
  }
};

TEST_F(ClientTest, ACallThatEndsByAnExceptionGivesItsTurnBack) {
  options_.max_in_flight = 1;
  const auto client = NewClient({.server = server_.url()}, options_,
                                std::make_shared<ThrowingTransport>());
  ASSERT_TRUE(client.ok()) << client.status();
  const base::Context patient = base::Context().WithTimeout(absl::Seconds(30));
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(static_cast<void>((*client)->Get(patient, kRef)),
                 std::runtime_error);
  }
}

TEST_F(ClientTest, ApplySendsWhatServerSideApplyNeeds) {
  server_.Script({{.status = 201,
                   .headers = {{"Warning", R"(299 - "v1 is old")"}},
                   .body = ConfigMapBody()},
                  {.status = 200, .body = ConfigMapBody()}});
  auto applied = client_->Apply({}, kRef, {{"kind", "ConfigMap"}},
                                {.field_manager = "me & you", .force = true});
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_TRUE(applied->created);
  EXPECT_THAT(applied->warnings, ElementsAre("v1 is old"));
  applied =
      client_->Apply({}, kRef, {}, {.field_manager = "m", .dry_run = true});
  EXPECT_FALSE(applied->created);
  const auto requests = server_.requests();
  EXPECT_EQ(requests[0].method, "PATCH");
  EXPECT_EQ(requests[0].target,
            "/api/v1/namespaces/ns/configmaps/x?fieldManager=me%20%26%20you&"
            "force=true&timeout=60s");
  EXPECT_EQ(requests[0].headers.at("content-type"),
            "application/apply-patch+yaml");
  EXPECT_EQ(requests[0].body, R"({"kind":"ConfigMap"})");
  EXPECT_THAT(requests[1].target, HasSubstr("?fieldManager=m&dryRun=All"));
}

TEST_F(ClientTest, CreateOnlyCannotChangeWhatExists) {
  server_.Script(
      {{.status = 409, .body = R"({"kind":"Status","reason":"Conflict"})"}});
  const auto applied =
      client_->Apply({}, kRef, {{"kind", "ConfigMap"}},
                     {.field_manager = "m", .create_only = true});
  EXPECT_TRUE(kube::IsAlreadyExists(applied.status()));
  EXPECT_FALSE(HasFieldConflicts(applied.status()));
  const auto request = server_.requests().at(0);
  EXPECT_EQ(request.body,
            R"({"kind":"ConfigMap","metadata":{"resourceVersion":"1"}})");
  EXPECT_THAT(request.target, HasSubstr("force=true"));
}

TEST_F(ClientTest, DeleteIsDoneWhenTheObjectIsGone) {
  server_.Script(
      {{.status = 404, .body = R"({"kind":"Status","reason":"NotFound",
                    "details":{"name":"x","kind":"configmaps"}})"},
       {.status = 404, .body = "404 page not found"},
       {.status = 409, .body = R"({"kind":"Status","reason":"Conflict"})"}});
  const DeleteOptions options{.uid = "u", .propagation = Propagation::kOrphan};
  EXPECT_TRUE(client_->Delete({}, kRef, options).ok());
  EXPECT_TRUE(IsKindNotServed(client_->Delete({}, kRef, options)));
  EXPECT_TRUE(IsStale(client_->Delete({}, kRef, options)));
  const auto body =
      base::ParseJson(server_.requests().at(0).body, "body").value_or(Json());
  EXPECT_EQ(base::StringAt(body, "/preconditions/uid"), "u");
  EXPECT_EQ(base::StringAt(body, "/propagationPolicy"), "Orphan");
}

TEST_F(ClientTest, RefusesRefsThatMeanAnotherObject) {
  EXPECT_FALSE(client_->Delete({}, ConfigMapRef("ns", ""), {}).ok());
  EXPECT_FALSE(client_->Get({}, ConfigMapRef("..", "x")).ok());
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(ClientTest, ListReadsAllPagesAndNamesKinds) {
  server_.Script(
      {{.body = ConfigMapListBody(ConfigMapItem("a"),
                                  R"("resourceVersion":"9","continue":"c+1")")},
       {.body = ConfigMapListBody(ConfigMapItem("b"),
                                  R"("resourceVersion":"9")")}});
  const auto list =
      client_->List({}, CollectionOf(kRef), {.label_selector = "a=b,c"});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->items.size(), 2);
  EXPECT_EQ(KindOf(list->items[1]), "ConfigMap");
  EXPECT_EQ(base::StringAt(list->items[1], "/apiVersion"), "v1");
  EXPECT_EQ(list->resource_version, "9");
  const auto requests = server_.requests();
  EXPECT_EQ(requests[0].target,
            "/api/v1/namespaces/ns/configmaps?labelSelector=a%3Db%2Cc&"
            "limit=500");
  EXPECT_THAT(requests[1].target, HasSubstr("continue=c%2B1"));
}

TEST_F(ClientTest, ExpiredPageStartsAgainWithoutPages) {
  server_.Script(
      {{.body = ConfigMapListBody(ConfigMapItem("a"), R"("continue":"c")")},
       {.status = 410, .body = R"({"kind":"Status","reason":"Expired"})"},
       {.body = ConfigMapListBody(
            absl::StrCat(ConfigMapItem("a"), ",", ConfigMapItem("b")))}});
  const auto list = client_->List({}, CollectionOf(kRef), {});
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->items.size(), 2);
  EXPECT_THAT(server_.requests().at(2).target, Not(HasSubstr("limit")));
}

TEST_F(ClientTest, RetriesWhatIsTransientAndHonoursRetryAfter) {
  // A reset of a connection that was used before is repeated by libcurl.
  server_.Script({{.reset = true},
                  {.status = 429, .headers = {{"Retry-After", "7"}}},
                  {.status = 503},
                  {.body = R"({"half":)", .half = true},
                  {.body = ConfigMapBody()}});
  EXPECT_TRUE(client_->Get({}, kRef).ok());
  EXPECT_THAT(sleeps_, ElementsAre(absl::Seconds(0.8), absl::Seconds(7),
                                   absl::Seconds(3.2), absl::Seconds(6.4)));
}

TEST_F(ClientTest, AnswersThatAreNoJsonAreNoAbsence) {
  server_.Always({.body = "<html>login</html>"});
  EXPECT_EQ(client_->Get({}, kRef).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(ClientTest, RefusedConnectionEndsAfterFirstContactTimeout) {
  options_.first_contact_timeout = absl::Milliseconds(200);
  options_.retry.sleep = nullptr;
  options_.retry.first_delay = absl::Milliseconds(50);
  Connect({.server = absl::StrCat("http://127.0.0.1:", support::ClosedPort())});
  const absl::Time start = absl::Now();
  const auto got = client_->Get({}, kRef);
  EXPECT_EQ(got.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(got.status().message()),
              HasSubstr("connection refused"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

TEST_F(ClientTest, SlowAttemptIsRepeated) {
  options_.attempt_timeout = absl::Milliseconds(100);
  Connect({.server = server_.url()});
  server_.Script(
      {{.body = "{}", .delay = absl::Seconds(5)}, {.body = ConfigMapBody()}});
  EXPECT_TRUE(client_->Get({}, kRef).ok());
  EXPECT_EQ(server_.requests().size(), 2);
}

TEST_F(ClientTest, DeadlineAndStopEndACall) {
  server_.Always({.body = "{}", .delay = absl::Seconds(30)});
  EXPECT_EQ(
      client_->Get(base::Context().WithTimeout(absl::Milliseconds(50)), kRef)
          .status()
          .code(),
      absl::StatusCode::kDeadlineExceeded);
  base::StopSource source;
  std::thread stopper([&source] {
    absl::SleepFor(absl::Milliseconds(50));
    source.Stop();
  });
  const absl::Time start = absl::Now();
  EXPECT_EQ(client_->Get(source.context(), kRef).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  stopper.join();
}

TEST_F(ClientTest, StopWaitsForTheAnswerToAWrite) {
  server_.Always({.body = ConfigMapBody(), .delay = absl::Milliseconds(300)});
  const auto stop_during = [this](const auto& call) {
    base::StopSource source;
    const size_t before = server_.requests().size();
    std::thread stopper([&] {
      server_.AwaitRequests(before + 1);
      source.Stop();
    });
    const absl::Status status = call(source.context());
    stopper.join();
    return status;
  };
  EXPECT_TRUE(
      stop_during([this](const base::Context& ctx) {
        return client_->Apply(ctx, kRef, {}, {.field_manager = "m"}).status();
      }).ok());
  EXPECT_TRUE(
      stop_during([this](const base::Context& ctx) {
        return client_->Patch(ctx, kRef, {}, {.field_manager = "m"}).status();
      }).ok());
  EXPECT_TRUE(stop_during([this](const base::Context& ctx) {
                return client_->Delete(ctx, kRef, {});
              }).ok());
  EXPECT_TRUE(absl::IsCancelled(stop_during([this](const base::Context& ctx) {
    return client_
        ->Apply(ctx, kRef, {}, {.field_manager = "m", .dry_run = true})
        .status();
  })));
}

TEST_F(ClientTest, StopEndsACallThatWaitsForItsTurn) {
  options_.max_in_flight = 1;
  Connect({.server = server_.url()});
  server_.Always({.body = "{}", .delay = absl::Seconds(2)});
  std::thread first([this] {
    client_->Get(base::Context().WithTimeout(absl::Seconds(1)), kRef)
        .IgnoreError();
  });
  while (server_.requests().empty()) absl::SleepFor(absl::Milliseconds(5));
  base::StopSource source;
  std::thread stopper([&source] {
    absl::SleepFor(absl::Milliseconds(50));
    source.Stop();
  });
  const absl::Time start = absl::Now();
  EXPECT_EQ(client_->Get(source.context(), kRef).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(800));
  stopper.join();
  first.join();
  EXPECT_EQ(server_.requests().size(), 1);
}

TEST_F(ClientTest, WatchGivesEventsAndTheEnd) {
  const std::string events =
      ConfigMapEvent("ADDED", "2") + ConfigMapEvent("MODIFIED", "3");
  server_.Script({{.pieces = {events.substr(0, 30), events.substr(30)}},
                  {.pieces = {ConfigMapEvent("ADDED", "2").substr(0, 20)}},
                  {.pieces = {ConfigMapEvent("ADDED", "2")}, .half = true},
                  {.status = 410}});
  std::vector<std::string> versions;
  const auto watch = [&] {
    return client_->Watch({}, CollectionOf(kRef),
                          {.field_selector = "metadata.name=x",
                           .resource_version = "1",
                           .duration = absl::Seconds(300)},
                          [&](const WatchEvent& event) {
                            versions.push_back(ResourceVersionOf(event.object));
                            return absl::OkStatus();
                          });
  };
  EXPECT_TRUE(watch().ok());
  EXPECT_THAT(versions, ElementsAre("2", "3"));
  EXPECT_EQ(server_.requests().at(0).target,
            "/api/v1/namespaces/ns/configmaps?watch=true&"
            "allowWatchBookmarks=true&fieldSelector=metadata.name%3Dx&"
            "resourceVersion=1&timeoutSeconds=300");
  EXPECT_EQ(watch().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(watch().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(IsExpired(watch()));
}

// The whole way: an expired watch, as an event and as a status, lists anew.
TEST_F(ClientTest, AwaitObjectSurvivesExpiryAndLostConnections) {
  const std::string list = ConfigMapListBody("", R"("resourceVersion":"1")");
  server_.Script(
      {{.body = list},
       {.pieces = {R"({"type":"ERROR","object":{"kind":"Status","code":410}})"
                   "\n"}},
       {.body = list},
       {.status = 410, .body = "gone"},
       {.body = list, .keep_alive = false},
       {.reset = true},
       {.body = list},
       {.pieces = {ConfigMapEvent("BOOKMARK", "5")}},
       {.pieces = {ConfigMapEvent("ADDED", "6")}, .hold = true}});
  WaitOptions options{.rewatch_interval = absl::Milliseconds(10),
                      .retry = {.first_delay = absl::Milliseconds(10)}};
  const auto object = AwaitObject(
      base::Context().WithTimeout(absl::Seconds(20)), *client_, kRef,
      [](const Json* o) -> absl::StatusOr<bool> { return o != nullptr; },
      options);
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(ResourceVersionOf(*object), "6");
  EXPECT_THAT(server_.requests().back().target, HasSubstr("resourceVersion=5"));
}

TEST_F(ClientTest, CredentialsGoOverTlsOnlyAndAreReadAgain) {
  Connect({.server = server_.url(), .token = base::Secret("hunter2")});
  server_.Always({.body = ConfigMapBody()});
  ASSERT_TRUE(client_->Get({}, kRef).ok());
  EXPECT_FALSE(server_.requests().at(0).headers.contains("authorization"));

  const support::Certificate certificate = support::MakeCertificate();
  const support::TlsServer tls(certificate);
  const auto said = [&](Config config) {
    config.server = tls.url();
    config.ca_pem = certificate.pem;
    Connect(std::move(config));
    // Its answer repeats the request and is no JSON.
    return std::string(client_->Logs({}, {"", "v1", "pods", "ns", "p"}, {})
                           .value_or("failed"));
  };
  EXPECT_THAT(said({.token = base::Secret("tok")}),
              HasSubstr("Authorization: Bearer tok"));
  EXPECT_THAT(said({.username = "u", .password = base::Secret("p")}),
              HasSubstr("Authorization: Basic dTpw"));
  const std::string file = ::testing::TempDir() + "/kube_client_token";
  std::ofstream(file) << " from-file \n";
  EXPECT_THAT(said({.token_file = file}), HasSubstr("Bearer from-file\r"));
  const std::string as = said({.impersonate_user = "jane",
                               .impersonate_groups = {"g", "h"},
                               .impersonate_extra = {{"a/b", {"v"}}}});
  EXPECT_THAT(as, HasSubstr("Impersonate-User: jane"));
  EXPECT_THAT(as, HasSubstr("Impersonate-Group: h"));
  EXPECT_THAT(as, HasSubstr("Impersonate-Extra-a%2Fb: v"));
  std::remove(file.c_str());
}

TEST_F(ClientTest, OwnRulesAreAskedForByNamespace) {
  Connect({.server = server_.url()});
  server_.Script(
      {{.status = 201, .body = R"({"kind":"SelfSubjectRulesReview","status":
    {"resourceRules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}],
     "nonResourceRules":[],"incomplete":false}})"}});
  const auto rules = client_->ReviewRules({}, "ns");
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_TRUE(rules->complete);
  EXPECT_TRUE(rules->Give({"get", "", "pods", "ns", "x"}));
  const auto request = server_.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_THAT(request.target,
              testing::StartsWith(
                  "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews?"));
  EXPECT_THAT(request.body, HasSubstr(R"("spec":{"namespace":"ns"})"));
}

TEST_F(ClientTest, PathPrefixStaysInEveryRequest) {
  Connect({.server = server_.url() + "/k8s/c1"});
  server_.Script(
      {{.body = R"({"gitVersion":"v1.2.3"})"}, {.body = ConfigMapBody()}});
  EXPECT_EQ(*client_->ServerVersion({}), "v1.2.3");
  ASSERT_TRUE(client_->Get({}, kRef).ok());
  EXPECT_EQ(server_.requests().at(0).target, "/k8s/c1/version");
  EXPECT_THAT(server_.requests().at(1).target,
              testing::StartsWith("/k8s/c1/api"));
}

TEST_F(ClientTest, LogsAskForTheirPart) {
  server_.Always({.body = "line\n"});
  EXPECT_EQ(*client_->Logs({}, {"", "v1", "pods", "ns", "p"},
                           {.container = "c",
                            .since = absl::UnixEpoch(),
                            .tail_lines = 20,
                            .limit_bytes = 1000}),
            "line\n");
  EXPECT_EQ(server_.requests().at(0).target,
            "/api/v1/namespaces/ns/pods/p/log?container=c&"
            "sinceTime=1970-01-01T00%3A00%3A00Z&tailLines=20&limitBytes=1000");
}

TEST(NewClient, RefusesContradictions) {
  EXPECT_FALSE(NewClient({}).ok());
  EXPECT_FALSE(
      NewClient({.server = "https://h", .ca_pem = "x", .insecure = true}).ok());
  EXPECT_FALSE(
      NewClient({.server = "https://h", .client_certificate_pem = "x"}).ok());
}

}  // namespace
}  // namespace kube
