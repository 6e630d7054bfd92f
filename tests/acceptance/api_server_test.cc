// Our client against a real API server: what it answers in the cases that the
// tables of rules name, and that the client reads it right.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "gmock/gmock.h"
#include "kube/client.h"
#include "kube/kubeconfig_context.h"
#include "kube/new_client.h"
#include "kube/status.h"
#include "kube/wait.h"
#include "tests/acceptance/harness.h"

namespace acceptance {
namespace {

using base::Json;
using kube::ConfigMapRef;
using kube::ObjectRef;
using testing::HasSubstr;
using testing::Not;

constexpr char kManager[] = "api-server-test";

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

kube::Config ConfigOf(const Cluster& cluster) {
  const auto read = [](const std::string& path) {
    return base::ReadFile(path);
  };
  const auto kubeconfig =
      kube::LoadKubeconfig({cluster.kubeconfig()}, /*must_exist=*/true, read);
  const auto chosen = kube::ChooseContext(*kubeconfig, {}, read);
  return (*chosen)->config;
}

// Passes requests on, and calls `after` with each one that was answered.
class Observed final : public http::Transport {
 public:
  explicit Observed(std::function<void(const http::Request&)> after)
      : after_(std::move(after)) {}

  absl::StatusOr<http::Response> Send(const base::Context& ctx,
                                      const http::Request& request) override {
    auto response = inner_->Send(ctx, request);
    after_(request);
    return response;
  }

 private:
  const std::function<void(const http::Request&)> after_;
  const std::unique_ptr<http::Transport> inner_ = http::NewTransport({});
};

class ApiServer : public testing::Test {
 protected:
  ApiServer() : cluster_(Cluster::Get()), config_(ConfigOf(cluster_)) {
    client_ = *kube::NewClient(config_, options_);
  }

  static void SetUpTestSuite() {
    Cluster::Get().Create(R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.api-server.test}
spec:
  group: api-server.test
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          data: {type: object, x-kubernetes-preserve-unknown-fields: true}
)");
    const support::Outcome wait = Cluster::Get().Kubectl(
        {"wait", "crd/things.api-server.test", "--for=condition=Established",
         "--timeout=30s"});
    ASSERT_EQ(wait.exit_code, 0) << wait.out;
  }

  static ObjectRef Thing(const std::string& name) {
    return {"api-server.test", "v1", "things", "default", name};
  }
  static Json ThingBody(const std::string& name, Json data) {
    return {{"apiVersion", "api-server.test/v1"},
            {"kind", "Thing"},
            {"metadata", {{"name", name}}},
            {"data", std::move(data)}};
  }
  static Json MapBody(const std::string& name, const std::string& value,
                      const std::string& ns = "default") {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata", {{"name", name}, {"namespace", ns}}},
            {"data", {{"k", value}}}};
  }

  absl::StatusOr<kube::Applied> Apply(const ObjectRef& ref, const Json& body,
                                      const std::string& manager = kManager) {
    return client_->Apply(ctx_, ref, body, {.field_manager = manager});
  }

  // One request that the client would not send.
  absl::StatusOr<http::Response> Raw(http::Request request) {
    request.tls = std::make_shared<http::TlsOptions>(http::TlsOptions{
        .ca_pem = config_.ca_pem,
        .client_certificate_pem = config_.client_certificate_pem,
        .client_key_pem = config_.client_key_pem});
    return http::NewTransport({})->Send(ctx_, request);
  }

  // Makes etcd forget all but the current state.
  void Compact() const {
    const std::string directory =
        std::filesystem::path(cluster_.kubeconfig()).parent_path().string();
    const auto pids =
        base::ParseJson(ReadAll(directory + "/pids.json"), "pids");
    ASSERT_TRUE(pids.ok());
    const std::string arguments = ReadAll(absl::StrCat(
        "/proc/", base::IntAt(*pids, "/etcd").value_or(0), "/cmdline"));
    std::string url;
    for (absl::string_view argument : absl::StrSplit(arguments, '\0')) {
      if (absl::ConsumePrefix(&argument, "--listen-client-urls=")) {
        url = std::string(argument);
      }
    }
    const auto etcd = http::NewTransport({});
    const auto post = [&](const std::string& path, const Json& body) {
      const auto response = etcd->Send(
          {},
          {.method = "POST", .url = url + path, .body = base::DumpJson(body)});
      EXPECT_TRUE(response.ok() && response->status == 200) << path;
      return response.ok() ? response->body : "";
    };
    const auto range =
        base::ParseJson(post("/v3/kv/range", {{"key", "AA=="}}), "range");
    ASSERT_TRUE(range.ok());
    const std::string revision =
        base::StringAt(*range, "/header/revision").value_or("");
    post("/v3/kv/compaction", {{"revision", revision}, {"physical", true}});
  }

  Cluster& cluster_;
  const kube::Config config_;
  const kube::ClientOptions options_;
  std::unique_ptr<kube::Client> client_;
  base::Context ctx_ = base::Context().WithTimeout(absl::Seconds(90));
};

TEST_F(ApiServer, ConflictsNameManagerPathAndTime) {
  const ObjectRef ref = ConfigMapRef("default", "conflict");
  ASSERT_TRUE(Apply(ref, MapBody("conflict", "a"), "first").ok());
  const support::Outcome edit = cluster_.Kubectl(
      {"patch", "configmap", "conflict", "--type=merge",
       "--field-manager=kubectl-edit", "-p", R"({"data":{"k":"b","l":"b"}})"});
  ASSERT_EQ(edit.exit_code, 0) << edit.out;
  Json body = MapBody("conflict", "c");
  body["data"]["l"] = "c";
  const auto applied = Apply(ref, body);
  ASSERT_FALSE(applied.ok());
  EXPECT_TRUE(absl::IsAborted(applied.status())) << applied.status();
  const auto conflicts = kube::FieldConflicts(applied.status());
  ASSERT_EQ(conflicts.size(), 2) << applied.status();
  EXPECT_EQ(conflicts[0].field, ".data.k");
  EXPECT_EQ(conflicts[0].manager, "kubectl-edit");
  EXPECT_EQ(conflicts[0].operation, "Update");
  // Newer servers leave the time out; then it is in managedFields only.
  EXPECT_THAT(conflicts[0].time,
              testing::MatchesRegex("(20..-..-..T..:..:..Z)?"));
  EXPECT_NE(kube::AuditId(applied.status()), "");
}

TEST_F(ApiServer, CreateOnlyNeverChangesWhatExists) {
  const ObjectRef ref = ConfigMapRef("default", "create-only");
  const auto create = [&](const std::string& value) {
    return client_->Apply(
        ctx_, ref, MapBody("create-only", value),
        {.field_manager = kManager, .force = true, .create_only = true});
  };
  const auto first = create("a");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->created);
  const auto second = create("b");
  EXPECT_TRUE(kube::IsAlreadyExists(second.status())) << second.status();
  EXPECT_EQ(base::StringAt(*client_->Get(ctx_, ref), "/data/k"), "a");
}

TEST_F(ApiServer, UidGuardsHold) {
  const ObjectRef ref = ConfigMapRef("default", "guarded");
  const auto first = Apply(ref, MapBody("guarded", "a"));
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string uid = kube::UidOf(first->object);
  Json guarded = MapBody("guarded", "b");
  guarded["metadata"]["uid"] = uid;
  EXPECT_TRUE(Apply(ref, guarded).ok());

  ASSERT_TRUE(client_->Delete(ctx_, ref, {.uid = uid}).ok());
  const absl::Status gone = Apply(ref, guarded).status();
  EXPECT_TRUE(kube::IsStale(gone)) << gone;
  EXPECT_EQ(kube::HttpCode(gone), 409);

  ASSERT_TRUE(Apply(ref, MapBody("guarded", "c")).ok());
  const absl::Status recreated = Apply(ref, guarded).status();
  EXPECT_TRUE(kube::IsStale(recreated)) << recreated;
  EXPECT_EQ(kube::HttpCode(recreated), 422);
  const absl::Status deleted = client_->Delete(ctx_, ref, {.uid = uid});
  EXPECT_TRUE(kube::IsStale(deleted)) << deleted;
  EXPECT_EQ(base::StringAt(*client_->Get(ctx_, ref), "/data/k"), "c");
}

TEST_F(ApiServer, EveryKindOfNotFoundIsToldApart) {
  const absl::Status object =
      client_->Get(ctx_, ConfigMapRef("default", "absent")).status();
  EXPECT_TRUE(absl::IsNotFound(object)) << object;
  const absl::Status kind =
      client_->Get(ctx_, {"none.test", "v1", "nones", "default", "x"}).status();
  EXPECT_TRUE(kube::IsKindNotServed(kind)) << kind;
  EXPECT_THAT(std::string(kind.message()), HasSubstr("404 page not found"));
  const absl::Status ns =
      Apply(ConfigMapRef("absent", "x"), MapBody("x", "a", "absent")).status();
  EXPECT_TRUE(kube::IsNamespaceMissing(ns)) << ns;
  EXPECT_TRUE(absl::IsFailedPrecondition(ns)) << ns;
}

TEST_F(ApiServer, UndeclaredFieldsAreBadInput) {
  Json thing = ThingBody("undeclared", Json::object());
  thing["bogus"] = 1;
  const absl::Status custom = Apply(Thing("undeclared"), thing).status();
  EXPECT_TRUE(absl::IsInvalidArgument(custom)) << custom;
  EXPECT_THAT(std::string(custom.message()), HasSubstr("bogus"));
  Json map = MapBody("undeclared", "a");
  map["bogus"] = 1;
  const absl::Status builtin =
      Apply(ConfigMapRef("default", "undeclared"), map).status();
  EXPECT_TRUE(absl::IsInvalidArgument(builtin)) << builtin;
  EXPECT_THAT(std::string(builtin.message()), HasSubstr("bogus"));
}

TEST_F(ApiServer, TooLargeObjectsAreBadInput) {
  const auto body = [](size_t bytes) {
    return ThingBody("large", {{"text", std::string(bytes, 'x')}});
  };
  // The server's own answer to what our client would not send.
  const auto raw =
      Raw({.method = "PATCH",
           .url = absl::StrCat(
               config_.server,
               "/apis/api-server.test/v1/namespaces/default/things/large"
               "?fieldManager=m"),
           .headers = {{"Content-Type", "application/apply-patch+yaml"}},
           .body = base::DumpJson(body(3'300'000))});
  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_EQ(raw->status, 413) << raw->body;
  EXPECT_TRUE(kube::IsTooLarge(
      kube::StatusOfReply({.http_code = raw->status, .body = raw->body})));
  for (const size_t bytes : {3'300'000, 2'200'000}) {
    const absl::Status status = Apply(Thing("large"), body(bytes)).status();
    EXPECT_TRUE(kube::IsTooLarge(status)) << bytes << ": " << status;
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << bytes << ": " << status;
    EXPECT_LT(status.message().size(), 3000);
  }
  EXPECT_TRUE(Apply(Thing("large"), body(1'000'000)).ok());
}

TEST_F(ApiServer, TerminatingNamespaceIsAwaited) {
  cluster_.Create(
      "{apiVersion: v1, kind: Namespace, metadata: {name: ending}}");
  Json held = MapBody("held", "a", "ending");
  held["metadata"]["finalizers"] = {"api-server.test/held"};
  const ObjectRef ref = ConfigMapRef("ending", "held");
  ASSERT_TRUE(Apply(ref, held).ok());
  ASSERT_TRUE(client_->Delete(ctx_, kube::NamespaceRef("ending"), {}).ok());
  const auto terminating = kube::AwaitObject(
      ctx_, *client_, kube::NamespaceRef("ending"),
      [](const Json* object) -> absl::StatusOr<bool> {
        return object != nullptr && kube::IsTerminating(*object);
      });
  ASSERT_TRUE(terminating.ok()) << terminating.status();

  const absl::Status refused =
      client_
          ->Apply(base::Context().WithTimeout(absl::Seconds(3)),
                  ConfigMapRef("ending", "x"), MapBody("x", "a", "ending"),
                  {.field_manager = kManager})
          .status();
  EXPECT_TRUE(kube::IsNamespaceTerminating(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("attempts"));

  held["metadata"].erase("finalizers");
  ASSERT_TRUE(Apply(ref, held).ok());
  const absl::Status gone = kube::AwaitGone(
      ctx_, *client_, kube::NamespaceRef("ending"), kube::UidOf(*terminating));
  EXPECT_TRUE(gone.ok()) << gone;
}

TEST_F(ApiServer, ListsOfManyPagesAreWholeEvenIfTheyExpire) {
  cluster_.Create("{apiVersion: v1, kind: Namespace, metadata: {name: many}}");
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = next++; n < 510; n = next++) {
        const std::string name = absl::StrCat("m", n);
        const auto applied =
            Apply(ConfigMapRef("many", name), MapBody(name, "a", "many"));
        EXPECT_TRUE(applied.ok()) << applied.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool expire : {false, true}) {
    std::vector<std::string> urls;
    const auto client = kube::NewClient(
        config_, options_,
        std::make_shared<Observed>([&](const http::Request& request) {
          urls.push_back(request.url);
          if (!expire || urls.size() != 1) return;
          // The pages are of a state that must no longer be the newest.
          EXPECT_TRUE(
              Apply(ConfigMapRef("many", "m0"), MapBody("m0", "b", "many"))
                  .ok());
          // A server that has just started has no snapshot of its own.
          cluster_.StopApiServer();
          Compact();
          cluster_.StartApiServer();
        }));
    const auto list = (*client)->List(
        ctx_, kube::CollectionOf(ConfigMapRef("many", "x")), {});
    ASSERT_TRUE(list.ok()) << list.status();
    // Each namespace has one of the server's own.
    EXPECT_GE(list->items.size(), 510);
    EXPECT_LE(list->items.size(), 511);
    ASSERT_GE(urls.size(), expire ? 3 : 2);
    EXPECT_THAT(urls[1], HasSubstr("continue="));
    if (expire) {
      EXPECT_THAT(urls.back(), Not(HasSubstr("limit=")));
    }
  }
}

TEST_F(ApiServer, WatchesGetBookmarksAndEnd) {
  const ObjectRef ref = Thing("bookmarked");
  const auto applied = Apply(ref, ThingBody("bookmarked", Json::object()));
  ASSERT_TRUE(applied.ok()) << applied.status();
  // The server bookmarks only what it has seen happen since its cache began.
  std::thread changes([&] {
    for (int i = 0; i < 10; ++i) {
      absl::SleepFor(absl::Milliseconds(300));
      EXPECT_TRUE(Apply(ref, ThingBody("bookmarked", {{"n", i}})).ok());
    }
  });
  std::vector<kube::WatchEvent> events;
  absl::Status ended;
  do {  // A server that has just started asks to come again.
    events.clear();
    absl::SleepFor(kube::RetryAfter(ended));
    ended = client_->Watch(
        ctx_, kube::CollectionOf(ref),
        {.resource_version = kube::ResourceVersionOf(applied->object),
         .duration = absl::Seconds(10)},
        [&](const kube::WatchEvent& event) {
          events.push_back(event);
          return absl::OkStatus();
        });
  } while (kube::IsTransientReply(ended));
  changes.join();
  EXPECT_TRUE(ended.ok()) << ended;
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().type, kube::WatchEvent::Type::kBookmark);
  EXPECT_NE(kube::ResourceVersionOf(events.back().object), "");
}

TEST_F(ApiServer, WaitsOutliveTheServerAndItsMemory) {
  const ObjectRef ref = Thing("awaited");
  const auto first = Apply(ref, ThingBody("awaited", {{"k", "a"}}));
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string old_version = kube::ResourceVersionOf(first->object);

  std::atomic<bool> watching{false};
  const auto client = kube::NewClient(
      config_, options_,
      std::make_shared<Observed>(
          [&](const http::Request& request) {  // The list is answered.
            if (absl::StrContains(request.url, "limit=500")) watching = true;
          }));
  absl::StatusOr<Json> awaited;
  std::thread waiter([&] {
    awaited = kube::AwaitObject(
        ctx_, **client, ref, [](const Json* object) -> absl::StatusOr<bool> {
          return object != nullptr && base::StringAt(*object, "/data/k") == "b";
        });
  });
  while (!watching) absl::SleepFor(absl::Milliseconds(10));
  // More writes, so that the old version is older than the oldest event that a
  // server which has just started can know.
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Apply(Thing("other"), ThingBody("other", {{"n", i}})).ok());
  }
  cluster_.StopApiServer();
  Compact();
  cluster_.StartApiServer();
  // Retried until the server is back.
  const auto second = Apply(ref, ThingBody("awaited", {{"k", "b"}}));
  EXPECT_TRUE(second.ok()) << second.status();
  waiter.join();
  EXPECT_TRUE(awaited.ok()) << awaited.status();

  const absl::Status expired = client_->Watch(
      ctx_, kube::CollectionOf(ref),
      {.resource_version = old_version, .duration = absl::Seconds(3)},
      [](const kube::WatchEvent&) { return absl::OkStatus(); });
  EXPECT_TRUE(kube::IsExpired(expired)) << expired;
  const auto list = client_->List(ctx_, kube::CollectionOf(ref),
                                  {.resource_version = kube::ResourceVersionOf(
                                       second.ok() ? second->object : Json())});
  EXPECT_TRUE(list.ok()) << list.status();
  // From a future that the server does not know.
  const absl::Status too_new = client_
                                   ->List(ctx_, kube::CollectionOf(ref),
                                          {.resource_version = "999999999"})
                                   .status();
  EXPECT_TRUE(kube::IsVersionTooNew(too_new)) << too_new;
}

}  // namespace
}  // namespace acceptance
