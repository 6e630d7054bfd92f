// HTTP 200 with something else than what was asked for, of every call.
#include "kube/answer.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kube/new_client.h"
#include "tests/support/api_bodies.h"
#include "tests/support/http_server.h"

namespace kube {
namespace {

using base::Json;
using ::support::ConfigMapBody;
using ::support::ConfigMapEvent;
using ::support::ConfigMapItem;
using ::support::ConfigMapListBody;
using ::support::HttpServer;
using ::testing::HasSubstr;

const ObjectRef kRef = ConfigMapRef("ns", "x");
constexpr char kSuccess[] =
    R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success")";

std::string With(absl::string_view from, absl::string_view to) {
  return absl::StrReplaceAll(ConfigMapBody(), {{from, to}});
}

// Bodies that came instead of the object, and what the error says of each.
struct Wrong {
  std::string body;
  const char* says;
};
std::vector<Wrong> NotTheObject() {
  return {
      {"{}", "apiVersion is absent"},
      {R"({"message":"hello"})", "apiVersion is absent"},
      {absl::StrCat(kSuccess, "}"), R"(kind is "Status")"},
      {With("\"ConfigMap\"", "\"Pod\""), R"(kind is "Pod")"},
      {With("\"ConfigMap\"", "7"), "kind is no text"},
      {With("\"v1\"", "\"v2\""), R"(apiVersion is "v2")"},
      {R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[]})",
       R"(apiVersion is "meta.k8s.io/v1")"},
      {ConfigMapListBody(ConfigMapItem()), R"(kind is "ConfigMapList")"},
      {ConfigMapBody("", "y"), R"(metadata.name is "y")"},
      {With("\"ns\"", "\"other\""), R"(metadata.namespace is "other")"},
      {With(R"(,"namespace":"ns")", ""), "metadata.namespace is absent"},
      {With(R"(,"uid":"u")", ""), "metadata.uid is absent"},
      {With(R"("uid":"u")", R"("uid":"")"), R"(metadata.uid is "")"},
      {With("\"x\"", absl::StrCat("\"", std::string(500, 'x'), "\"")),
       "metadata.name is long"},
      {"[]", "HTTP 200 with other JSON where a JSON object belongs"},
      {"  ", "HTTP 200 with nothing where a JSON object belongs"},
      {"\n<html><body>Log in</body></html>", "HTTP 200 with a web page where"},
      {"hello", "HTTP 200 with something else where"},
  };
}

class AnswerTest : public ::testing::Test {
 protected:
  AnswerTest() {
    auto client = NewClient({.server = server_.url()});
    EXPECT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  // The error of `call` when `body` comes; it names the server, and how to go
  // on.
  void ExpectRefused(const std::function<absl::Status(Client&)>& call,
                     const Wrong& wrong, const char* method) {
    server_.Script({{.body = wrong.body}});
    const absl::Status status = call(*client_);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition)
        << method << " " << wrong.body << ": " << status;
    const std::string message(status.message());
    EXPECT_THAT(message, HasSubstr(wrong.says)) << method << " " << wrong.body;
    EXPECT_THAT(message, HasSubstr(absl::StrCat(method, " ", server_.url(),
                                                "/api/v1/namespaces/ns/")));
    EXPECT_THAT(message, HasSubstr("This is no API server, or a proxy"));
  }

  HttpServer server_;
  std::unique_ptr<Client> client_;
};

TEST_F(AnswerTest, GetsApplysAndPatchesTakeNothingForTheObject) {
  for (const Wrong& wrong : NotTheObject()) {
    ExpectRefused([](Client& c) { return c.Get({}, kRef).status(); }, wrong,
                  "GET");
    for (const bool dry_run : {false, true}) {
      ExpectRefused(
          [&](Client& c) {
            return c
                .Apply({}, kRef, {}, {.field_manager = "m", .dry_run = dry_run})
                .status();
          },
          wrong, "PATCH");
      ExpectRefused(
          [&](Client& c) {
            return c
                .Patch({}, kRef, Json::object(),
                       {.field_manager = "m", .dry_run = dry_run})
                .status();
          },
          wrong, "PATCH");
    }
  }
}

// RefOf() doesn't know custom resources: their refs say the kind.
TEST_F(AnswerTest, AKindThatTheRefSaysIsTheOnlyOne) {
  const ObjectRef widget = {"example.com", "v1", "widgets",
                            "ns",          "x",  "Widget"};
  const auto body = [](absl::string_view kind) {
    return absl::StrReplaceAll(
        ConfigMapBody(), {{"\"v1\"", "\"example.com/v1\""},
                          {"\"ConfigMap\"", absl::StrCat("\"", kind, "\"")}});
  };
  const auto list = [](absl::string_view kind) {
    return absl::StrCat(R"({"apiVersion":"example.com/v1","kind":")", kind,
                        R"(","metadata":{},"items":[]})");
  };
  server_.Script({{.body = body("Gadget")},
                  {.body = body("Widget")},
                  {.body = list("GadgetList")},
                  {.body = list("Widget")},
                  {.body = list("WidgetList")},
                  {.body = body("Gadget")}});
  EXPECT_THAT(client_->Get({}, widget).status().message(),
              HasSubstr(R"(kind is "Gadget")"));
  EXPECT_TRUE(client_->Get({}, widget).ok());
  const CollectionRef widgets = CollectionOf(widget);
  EXPECT_THAT(client_->List({}, widgets, {}).status().message(),
              HasSubstr(R"(kind is "GadgetList")"));
  EXPECT_THAT(client_->List({}, widgets, {}).status().message(),
              HasSubstr(R"(kind is "Widget")"));
  EXPECT_TRUE(client_->List({}, widgets, {}).ok());
  ObjectRef any = widget;
  any.kind.clear();
  EXPECT_TRUE(client_->Get({}, any).ok());
}

TEST_F(AnswerTest, WritesToOneUidTakeNoOther) {
  const Json body = {{"metadata", {{"uid", "other"}}}};
  const Wrong wrong = {ConfigMapBody(), R"(metadata.uid is "u")"};
  ExpectRefused(
      [&](Client& c) {
        return c.Apply({}, kRef, body, {.field_manager = "m"}).status();
      },
      wrong, "PATCH");
  ExpectRefused(
      [&](Client& c) {
        return c.Patch({}, kRef, body, {.field_manager = "m"}).status();
      },
      wrong, "PATCH");
  ExpectRefused([&](Client& c) { return c.Delete({}, kRef, {.uid = "other"}); },
                wrong, "DELETE");
}

TEST_F(AnswerTest, DeletionsTakeTheObjectOrASuccess) {
  for (const Wrong& wrong : NotTheObject()) {
    if (absl::StartsWith(wrong.body, kSuccess)) continue;
    ExpectRefused([](Client& c) { return c.Delete({}, kRef, {}); }, wrong,
                  "DELETE");
  }
  for (const Wrong& wrong : std::vector<Wrong>{
           {R"({"kind":"Status","status":"Success"})", "apiVersion is absent"},
           {R"({"kind":"Status","apiVersion":"v1"})", "status is absent"},
           {R"({"kind":"Status","apiVersion":"v1","status":"Failure"})",
            R"(status is "Failure")"},
           {absl::StrCat(kSuccess, R"(,"details":{"name":"y"}})"),
            R"(details.name is "y")"},
           {absl::StrCat(kSuccess, R"(,"details":{"name":"x","uid":"v"}})"),
            R"(details.uid is "v")"}}) {
    ExpectRefused([](Client& c) { return c.Delete({}, kRef, {.uid = "u"}); },
                  wrong, "DELETE");
  }
  for (const std::string& body :
       {ConfigMapBody(), absl::StrCat(kSuccess, "}"),
        absl::StrCat(kSuccess, R"(,"details":{"name":"x","uid":"u"}})")}) {
    server_.Script({{.body = body}});
    const absl::Status status = client_->Delete({}, kRef, {.uid = "u"});
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(AnswerTest, ListsTakeTheListOfTheKindOnly) {
  const auto list = [](Client& c) {
    return c.List({}, CollectionOf(kRef), {}).status();
  };
  for (const Wrong& wrong : std::vector<Wrong>{
           {"{}", "apiVersion is absent"},
           {absl::StrCat(kSuccess, "}"), R"(kind is "Status")"},
           {ConfigMapBody(), R"(kind is "ConfigMap")"},
           {absl::StrReplaceAll(ConfigMapListBody(""),
                                {{"ConfigMapList", "SecretList"}}),
            R"(kind is "SecretList")"},
           {R"({"kind":"ConfigMapList","apiVersion":"v1"})",
            "items is no list where a list of ConfigMap of v1 in \"ns\" was "
            "asked for"},
           {R"({"kind":"ConfigMapList","apiVersion":"v1","items":{}})",
            "items is no list"},
           {ConfigMapListBody("3"), "of an item, metadata.name is absent"},
           {ConfigMapListBody("{}"), "of an item, metadata.name is absent"},
           {ConfigMapListBody(With("\"ConfigMap\"", "\"Pod\"")),
            R"(of an item, kind is "Pod")"},
           {ConfigMapListBody(With("\"ns\"", "\"other\"")),
            R"(of an item, metadata.namespace is "other")"},
           {ConfigMapListBody(absl::StrCat(ConfigMapItem("a"), ",",
                                           With(R"(,"uid":"u")", ""))),
            "of an item, metadata.uid is absent"}}) {
    ExpectRefused(list, wrong, "GET");
  }
  for (const char* body :
       {R"({"kind":"ConfigMapList","apiVersion":"v1","items":null})",
        R"({"kind":"ConfigMapList","apiVersion":"v1","items":[]})"}) {
    server_.Script({{.body = body}});
    EXPECT_TRUE(list(*client_).ok()) << body;
  }
}

// Of kinds that are known by their resource only.
TEST(Answers, OfCustomAndComputedKinds) {
  const ObjectRef ref = {"a.test", "v1", "widgets", "ns", "x"};
  const Json object = {
      {"kind", "Widget"},
      {"apiVersion", "a.test/v1"},
      {"metadata", {{"name", "x"}, {"namespace", "ns"}, {"uid", "u"}}}};
  EXPECT_EQ(WrongObject(object, ref), "");
  EXPECT_EQ(WrongObject(object, ref, "v"),
            "metadata.uid is \"u\" where widgets.a.test \"ns/x\" of a.test/v1 "
            "was asked for");
  Json untyped = object;
  untyped.erase("kind");
  EXPECT_NE(WrongObject(untyped, ref), "");
  // Metrics are stored nowhere.
  Json computed = object;
  computed["metadata"].erase("uid");
  Json list = {{"kind", "Widgets"},  // A definition may call its list anything.
               {"apiVersion", "a.test/v1"},
               {"items", {object, computed}}};
  EXPECT_EQ(WrongList(list, CollectionOf(ref)), "");
  list["items"][1]["metadata"]["resourceVersion"] = "7";
  EXPECT_EQ(WrongList(list, CollectionOf(ref)),
            "of an item, metadata.uid is absent where a list of widgets of "
            "a.test/v1 in \"ns\" was asked for");
}

TEST_F(AnswerTest, WatchesEndAtWhatIsNoEventOfTheKind) {
  int events = 0;
  const auto watch = [&](const std::string& lines) {
    server_.Script({{.body = lines}});
    return client_->Watch({}, CollectionOf(kRef), {}, [&](const WatchEvent&) {
      ++events;
      return absl::OkStatus();
    });
  };
  EXPECT_TRUE(
      watch(absl::StrCat(ConfigMapEvent("ADDED", "1"),
                         R"({"type":"BOOKMARK","object":{"kind":"ConfigMap",)"
                         R"("apiVersion":"v1","metadata":)"
                         R"({"resourceVersion":"7"}}})",
                         "\n"))
          .ok());
  EXPECT_EQ(events, 2);
  for (const auto& [object, says] :
       std::vector<std::pair<std::string, const char*>>{
           {"{}", "apiVersion is absent"},
           {absl::StrCat(kSuccess, "}"), R"(kind is "Status")"},
           {With("\"ConfigMap\"", "\"Pod\""), R"(kind is "Pod")"},
           {With("\"ns\"", "\"other\""), R"(metadata.namespace is "other")"},
           {With(R"(,"uid":"u")", ""), "metadata.uid is absent"}}) {
    for (const char* type : {"ADDED", "MODIFIED", "DELETED"}) {
      const absl::Status status = watch(
          absl::StrCat(R"({"type":")", type, R"(","object":)", object, "}\n"));
      EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << object;
      EXPECT_THAT(std::string(status.message()), HasSubstr(says)) << type;
    }
  }
  EXPECT_FALSE(watch("{\"type\":\"BOOKMARK\",\"object\":{}}\n").ok());
  EXPECT_FALSE(watch("<html>Log in</html>\n").ok());
  EXPECT_EQ(events, 2);
}

TEST_F(AnswerTest, VersionsAndLogsAreNoLoginPages) {
  server_.Script({{.body = R"({"major":"1"})"},
                  {.headers = {{"Content-Type", "text/html; charset=utf-8"}},
                   .body = "<html>Log in</html>"}});
  EXPECT_EQ(client_->ServerVersion({}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const auto log = client_->Logs({}, {"", "v1", "pods", "ns", "p"}, {});
  EXPECT_EQ(log.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(log.status().message()),
              HasSubstr("a web page, not a log"));
}

// Beside a body, the server reads no options from the query: it would delete.
TEST_F(AnswerTest, ADryRunOfADeletionSaysSoInItsBody) {
  server_.Script({{.body = absl::StrCat(kSuccess, "}")}});
  ASSERT_TRUE(client_->Delete({}, kRef, {.dry_run = true}).ok());
  const auto body =
      base::ParseJson(server_.requests().at(0).body, "body").value_or(Json());
  EXPECT_EQ(body.value("dryRun", Json()), Json({"All"}));
}

}  // namespace
}  // namespace kube
