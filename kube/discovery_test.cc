#include "kube/discovery.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "kube/status.h"
#include "tests/support/http_server.h"

namespace kube {
namespace {

using base::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Kinds as "group/version/resource".
std::vector<std::string> Names(const NamespacedKinds& found) {
  std::vector<std::string> names;
  for (const CollectionRef& kind : found.kinds) {
    names.push_back(
        absl::StrCat(kind.group, "/", kind.version, "/", kind.resource));
  }
  return names;
}

absl::Status Answered(int code) {
  return StatusOfReply({.method = "GET", .path = "/apis", .http_code = code});
}

class Documents {
 public:
  void Put(const std::string& path, Json document) {
    documents_[path] = std::move(document);
  }
  void Fail(const std::string& path, absl::Status status) {
    documents_[path] = std::move(status);
  }
  absl::StatusOr<NamespacedKinds> Discover() {
    return DiscoverNamespacedKinds(
        [this](const std::string& path) -> absl::StatusOr<Json> {
          const auto found = documents_.find(path);
          if (found == documents_.end()) return Answered(404);
          return found->second;
        });
  }

 private:
  std::map<std::string, absl::StatusOr<Json>> documents_;
};

Json Aggregated(const std::string& group, Json versions) {
  return {
      {"kind", "APIGroupDiscoveryList"},
      {"items",
       {{{"metadata", {{"name", group}}}, {"versions", std::move(versions)}}}}};
}

Json Kind(const char* name, const char* scope, Json verbs) {
  return {{"resource", name}, {"scope", scope}, {"verbs", std::move(verbs)}};
}

Json Core() {
  return Aggregated(
      "", {{{"version", "v1"},
            {"resources",
             {Kind("secrets", "Namespaced", {"get", "list", "delete"})}}}});
}

TEST(DiscoverTest, AggregatedDocumentsNameEveryKindOnce) {
  Documents documents;
  documents.Put(
      "/api",
      Aggregated("",
                 {{{"version", "v1"},
                   {"resources",
                    {Kind("secrets", "Namespaced", {"get", "list", "delete"}),
                     Kind("nodes", "Cluster", {"get", "list", "delete"}),
                     Kind("bindings", "Namespaced", {"create"})}}}}));
  documents.Put(
      "/apis",
      Aggregated(
          "example.com",
          {{{"version", "v2"},
            {"resources",
             {Kind("things", "Namespaced", {"list", "deletecollection"})}}},
           {{"version", "v1"},
            {"resources",
             {Kind("things", "Namespaced", {"list", "delete"}),
              Kind("olds", "Namespaced", {"list", "delete"}),
              // A view of something else.
              Kind("metrics", "Namespaced", {"get", "list"})}}}}));
  const auto found = documents.Discover();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(*found), ElementsAre("/v1/secrets", "example.com/v2/things",
                                         "example.com/v1/olds"));
  EXPECT_THAT(found->unknown, IsEmpty());
}

TEST(DiscoverTest, StaleVersionsAreUnknown) {
  Documents documents;
  documents.Put("/api", Core());
  documents.Put("/apis",
                Aggregated("away.example.com",
                           {{{"version", "v1"}, {"freshness", "Stale"}}}));
  const auto found = documents.Discover();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->unknown, ElementsAre("away.example.com/v1"));
}

class OldServerTest : public ::testing::Test {
 protected:
  OldServerTest() {
    documents_.Put("/api", {{"kind", "APIVersions"}, {"versions", {"v1"}}});
    documents_.Put(
        "/apis",
        {{"kind", "APIGroupList"},
         {"groups",
          {{{"name", "example.com"},
            {"versions",
             {{{"groupVersion", "example.com/v1"}, {"version", "v1"}}}}}}}});
    documents_.Put("/api/v1", {{"kind", "APIResourceList"},
                               {"resources",
                                {{{"name", "secrets"},
                                  {"namespaced", true},
                                  {"verbs", {"list", "delete"}}},
                                 {{"name", "pods/log"},
                                  {"namespaced", true},
                                  {"verbs", {"list", "delete"}}},
                                 {{"name", "namespaces"},
                                  {"namespaced", false},
                                  {"verbs", {"list", "delete"}}}}}});
    documents_.Put("/apis/example.com/v1",
                   {{"kind", "APIResourceList"},
                    {"resources",
                     {{{"name", "things"},
                       {"namespaced", true},
                       {"verbs", {"list", "delete"}}}}}});
  }

  Documents documents_;
};

TEST_F(OldServerTest, EveryGroupVersionIsAsked) {
  const auto found = documents_.Discover();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(*found),
              ElementsAre("/v1/secrets", "example.com/v1/things"));
}

TEST_F(OldServerTest, VersionThatCannotBeDescribedIsUnknown) {
  documents_.Fail("/apis/example.com/v1", Answered(503));
  const auto found = documents_.Discover();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(*found), ElementsAre("/v1/secrets"));
  EXPECT_THAT(found->unknown, ElementsAre("example.com/v1"));
}

TEST_F(OldServerTest, AnotherDocumentDescribesNoVersion) {
  documents_.Put("/apis/example.com/v1", {{"kind", "Status"}});
  const auto found = documents_.Discover();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->unknown, ElementsAre("example.com/v1"));
}

TEST_F(OldServerTest, WithoutAnAnswerNothingIsKnown) {
  documents_.Fail("/apis/example.com/v1", absl::UnavailableError("refused"));
  EXPECT_TRUE(absl::IsUnavailable(documents_.Discover().status()));
  documents_.Fail("/apis", Answered(403));
  EXPECT_TRUE(absl::IsPermissionDenied(documents_.Discover().status()));
}

// Taken for the list they would say that there is nothing to keep.
TEST(DiscoverTest, DocumentsOfAnotherShapeAreRefused) {
  const Json kWrong[] = {
      Json::object(),
      {{"kind", "Status"}, {"status", "Success"}},
      {{"kind", "Pod"}},
      {{"kind", "APIResourceList"}, {"resources", Json::array()}},
      {{"kind", "APIVersions"}, {"versions", Json::array()}},
      {{"kind", "APIGroupDiscoveryList"}, {"items", Json::array()}},
      {{"kind", "APIGroupDiscoveryList"}, {"items", 7}}};
  for (const Json& wrong : kWrong) {
    Documents documents;
    documents.Put("/api", wrong);
    documents.Put("/apis", Aggregated("apps", Json::array()));
    EXPECT_TRUE(absl::IsFailedPrecondition(documents.Discover().status()))
        << wrong;
    if (base::StringAt(wrong, "/kind") == "APIGroupDiscoveryList") continue;
    documents.Put("/api", Core());
    documents.Put("/apis", wrong);
    EXPECT_TRUE(absl::IsFailedPrecondition(documents.Discover().status()))
        << wrong;
  }
}

class ListNamespacedKindsTest : public ::testing::Test {
 protected:
  static support::ScriptedReply Says(const Json& document) {
    return {.body = document.dump()};
  }
  absl::StatusOr<NamespacedKinds> List() const {
    auto client = NewClient({.server = server_.url()});
    if (!client.ok()) return client.status();
    return (*client)->ListNamespacedKinds(
        base::Context().WithTimeout(absl::Seconds(30)));
  }
  std::vector<std::string> Targets() const {
    std::vector<std::string> out;
    for (const auto& request : server_.requests()) {
      out.push_back(request.target);
    }
    return out;
  }

  support::HttpServer server_;
  const Json more_ = Aggregated(
      "example.com",
      {{{"version", "v1"},
        {"resources", {Kind("things", "Namespaced", {"list", "delete"})}}}});
  const Json none_ = Aggregated("apps", Json::array());
};

TEST_F(ListNamespacedKindsTest, AsksForTheAggregatedDocuments) {
  server_.Script(
      {Says(Core()), Says(more_), {.body = "ok"}, Says(Core()), Says(more_)});
  const auto found = List();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(*found),
              ElementsAre("/v1/secrets", "example.com/v1/things"));
  EXPECT_THAT(Targets(),
              ElementsAre("/api", "/apis", "/readyz", "/api", "/apis"));
  const auto requests = server_.requests();
  EXPECT_THAT(requests[1].headers.at("accept"),
              HasSubstr("as=APIGroupDiscoveryList"));
}

// Right after its start a server answers without the custom kinds.
TEST_F(ListNamespacedKindsTest, AServerThatIsNotReadyIsAskedAgain) {
  server_.Script({Says(Core()),
                  Says(none_),
                  {.status = 500},
                  {.status = 500},
                  {.body = "ok"},
                  Says(Core()),
                  Says(more_),
                  {.body = "ok"},
                  Says(Core()),
                  Says(more_)});
  const auto found = List();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Names(*found),
              ElementsAre("/v1/secrets", "example.com/v1/things"));
}

TEST_F(ListNamespacedKindsTest, WhoMayNotAskWhetherItIsReadyIsAnswered) {
  server_.Script(
      {Says(Core()), Says(more_), {.status = 403}, Says(Core()), Says(more_)});
  EXPECT_TRUE(List().ok());
}

}  // namespace
}  // namespace kube
