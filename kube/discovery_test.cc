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

TEST(DiscoverTest, AggregatedDocumentsNameEveryKindOnce) {
  Documents documents;
  documents.Put(
      "/api",
      Aggregated("", {{{"version", "v1"},
                       {"resources",
                        {Kind("pods", "Namespaced", {"get", "list", "delete"}),
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
  EXPECT_THAT(Names(*found), ElementsAre("/v1/pods", "example.com/v2/things",
                                         "example.com/v1/olds"));
  EXPECT_THAT(found->unknown, IsEmpty());
}

TEST(DiscoverTest, StaleVersionsAreUnknown) {
  Documents documents;
  documents.Put("/api", Aggregated("", Json::array()));
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
    documents_.Put("/api/v1", {{"resources",
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
                   {{"resources",
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

TEST_F(OldServerTest, WithoutAnAnswerNothingIsKnown) {
  documents_.Fail("/apis/example.com/v1", absl::UnavailableError("refused"));
  EXPECT_TRUE(absl::IsUnavailable(documents_.Discover().status()));
  documents_.Fail("/apis", Answered(403));
  EXPECT_TRUE(absl::IsPermissionDenied(documents_.Discover().status()));
}

TEST(DiscoverTest, DocumentsOfAnotherShapeHoldNothing) {
  Documents documents;
  documents.Put("/api", {{"versions", "v1"}});
  documents.Put("/apis", {{"kind", "APIGroupDiscoveryList"}, {"items", 7}});
  const auto found = documents.Discover();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->kinds, IsEmpty());
}

TEST(ListNamespacedKindsTest, AsksForTheAggregatedDocuments) {
  support::HttpServer server;
  server.Script({{.body = Aggregated("", Json::array()).dump()},
                 {.body = Aggregated("", Json::array()).dump()}});
  auto client = NewClient({.server = server.url()});
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE((*client)->ListNamespacedKinds({}).ok());
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].target, "/api");
  EXPECT_EQ(requests[1].target, "/apis");
  EXPECT_THAT(requests[1].headers.at("accept"),
              HasSubstr("as=APIGroupDiscoveryList"));
}

}  // namespace
}  // namespace kube
