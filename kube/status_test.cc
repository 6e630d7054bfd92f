#include "kube/status.h"

#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace kube {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const ObjectRef kRef = {"", "v1", "configmaps", "ns", "x"};

absl::Status Of(int code, std::string body, bool create_only = false) {
  return StatusOfReply({.method = "PATCH",
                        .path = "/p",
                        .http_code = code,
                        .body = std::move(body),
                        .audit_id = "audit-1",
                        .ref = kRef,
                        .create_only = create_only});
}

std::string Body(const std::string& reason, const std::string& details = "{}",
                 const std::string& message = "why") {
  return R"({"kind":"Status","reason":")" + reason + R"(","message":")" +
         message + R"(","details":)" + details + "}";
}

constexpr char kConflicts[] = R"({"causes":[
  {"reason":"FieldManagerConflict","field":".data.a",
   "message":"conflict with \"kubectl-edit\" using v1 at 2024-05-06T07:08:09Z"},
  {"reason":"FieldManagerConflict","field":".status.b",
   "message":"conflict with \"other\" with subresource \"status\""}]})";

struct Case {
  const char* name;
  int http_code;
  std::string body;
  absl::StatusCode code;
  bool transient = false;
};

TEST(StatusOfReply, MapsEachReplyToItsMeaning) {
  using absl::StatusCode;
  const Case kCases[] = {
      {"our object", 404,
       Body("NotFound", R"({"name":"x","kind":"configmaps"})"),
       StatusCode::kNotFound},
      {"another object", 404, Body("NotFound", R"({"name":"y","kind":"pods"})"),
       StatusCode::kFailedPrecondition},
      {"same name, other kind", 404,
       Body("NotFound", R"({"name":"x","kind":"secrets"})"),
       StatusCode::kFailedPrecondition},
      {"plain 404", 404, "404 page not found\n",
       StatusCode::kFailedPrecondition},
      {"HTML of a proxy", 404, "<html>", StatusCode::kFailedPrecondition},
      {"404 without a name", 404, Body("NotFound"),
       StatusCode::kFailedPrecondition},
      {"JSON that is no Status", 404, R"({"reason":"NotFound"})",
       StatusCode::kFailedPrecondition},
      {"bad request", 400, Body("BadRequest"), StatusCode::kInvalidArgument},
      {"unauthorized", 401, Body("Unauthorized"), StatusCode::kUnauthenticated},
      {"forbidden", 403, Body("Forbidden"), StatusCode::kPermissionDenied},
      {"conflict", 409, Body("Conflict"), StatusCode::kAborted},
      {"gone", 410, Body("Expired"), StatusCode::kOutOfRange},
      {"too large", 413, "", StatusCode::kInvalidArgument},
      {"invalid", 422, Body("Invalid"), StatusCode::kInvalidArgument},
      {"throttled", 429, "Too many requests", StatusCode::kUnavailable, true},
      {"bad gateway", 502, "", StatusCode::kUnavailable, true},
      {"draining", 503, "", StatusCode::kUnavailable, true},
      {"timeout", 504, Body("Timeout"), StatusCode::kUnavailable, true},
      {"plain 500", 500, "boom", StatusCode::kUnavailable, false},
      {"etcd", 500, Body("", "{}", "etcdserver: leader changed"),
       StatusCode::kUnavailable, true},
      {"webhook", 500, Body("InternalError", "{}", "failed calling webhook x"),
       StatusCode::kUnavailable, true},
      {"asks to come again", 500,
       Body("ServerTimeout", R"({"retryAfterSeconds":3})"),
       StatusCode::kUnavailable, true},
      {"schema", 500,
       Body("", "{}",
            "failed to create typed patch object: field not declared"),
       StatusCode::kInvalidArgument},
      {"etcd limit", 500,
       Body("", "{}", "rpc error: trying to send message larger than max"),
       StatusCode::kInvalidArgument},
  };
  for (const Case& c : kCases) {
    const absl::Status status = Of(c.http_code, c.body);
    EXPECT_EQ(status.code(), c.code) << c.name;
    EXPECT_EQ(IsTransientReply(status), c.transient) << c.name;
    EXPECT_EQ(HttpCode(status), c.http_code) << c.name;
    EXPECT_EQ(AuditId(status), "audit-1") << c.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr("PATCH /p: HTTP"));
  }
}

TEST(StatusOfReply, RequestAndCauseComeApart) {
  const absl::Status status =
      base::Annotate(Of(409, Body("Conflict")), "outer");
  EXPECT_EQ(RequestLine(status), "PATCH /p: HTTP 409 Conflict");
  EXPECT_EQ(Cause(status), "outer: why");
  EXPECT_EQ(RequestLine(Of(502, "")), "PATCH /p: HTTP 502");
  EXPECT_EQ(Cause(Of(502, "")), "");
  EXPECT_EQ(Cause(WithNote(Of(502, ""), absl::StatusCode::kUnavailable, "n")),
            "(n)");
  EXPECT_EQ(RequestLine(absl::UnavailableError("no route")), "");
  EXPECT_EQ(Cause(absl::UnavailableError("no route")), "no route");
}

TEST(StatusOfReply, RemarksAreOneLine) {
  EXPECT_EQ(InOneLine(Of(409, Body("Conflict"))), "why");
  EXPECT_EQ(InOneLine(Of(502, "")), "PATCH /p: HTTP 502");
  EXPECT_EQ(InOneLine(absl::UnavailableError("no route\nmore")), "no route");
}

TEST(StatusOfReply, TellsKindAndNamespaceApart) {
  EXPECT_TRUE(IsKindNotServed(Of(404, "404 page not found\n")));
  const absl::Status missing =
      Of(404, Body("NotFound", R"({"name":"ns","kind":"namespaces"})"));
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(IsNamespaceMissing(missing));
  EXPECT_FALSE(IsKindNotServed(missing));
  EXPECT_TRUE(IsNamespaceTerminating(Of(
      403,
      Body("Forbidden", R"({"causes":[{"reason":"NamespaceTerminating"}]})"))));
  EXPECT_TRUE(IsExpired(Of(410, "")));
}

TEST(StatusOfReply, ConflictListsOwners) {
  const absl::Status status =
      base::Annotate(Of(409, Body("Conflict", kConflicts)), "outer");
  const std::vector<FieldConflict> conflicts = FieldConflicts(status);
  ASSERT_EQ(conflicts.size(), 2);
  EXPECT_EQ(conflicts[0].field, ".data.a");
  EXPECT_EQ(conflicts[0].manager, "kubectl-edit");
  EXPECT_EQ(conflicts[0].operation, "Update");
  EXPECT_EQ(conflicts[0].time, "2024-05-06T07:08:09Z");
  EXPECT_EQ(conflicts[1].manager, "other");
  EXPECT_EQ(conflicts[1].operation, "Apply");
  EXPECT_EQ(conflicts[1].subresource, "status");
  EXPECT_FALSE(IsStale(status));
  EXPECT_FALSE(kube::IsAlreadyExists(status));
}

TEST(StatusOfReply, ConflictWithoutOwnersIsStaleOrExists) {
  const absl::Status stale = Of(409, Body("Conflict"));
  EXPECT_TRUE(IsStale(stale));
  EXPECT_FALSE(kube::IsAlreadyExists(stale));
  EXPECT_FALSE(HasFieldConflicts(stale));
  for (const absl::Status& exists :
       {Of(409, Body("Conflict"), true), Of(409, Body("AlreadyExists"))}) {
    EXPECT_TRUE(kube::IsAlreadyExists(exists));
    EXPECT_FALSE(IsStale(exists));
    EXPECT_FALSE(HasFieldConflicts(exists));
  }
}

// A cut would leave the beginning of a secret that nothing finds any more.
TEST(StatusOfReply, LeavesTheServersWordsWhole) {
  const std::string text(50'000, 'x');
  EXPECT_THAT(std::string(Of(400, text).message()), HasSubstr(text));
}

TEST(StatusOfReply, LeavesOutDumpedValues) {
  const absl::Status status =
      Of(500, Body("", "{}",
                   "failed to create typed patch object: .data: expected map, "
                   "got &{hunter2}"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

TEST(RetryAfter, TakesTheLargerOfHeaderAndBody) {
  FailedReply reply{
      .http_code = 429,
      .body = Body("TooManyRequests", R"({"retryAfterSeconds":7})"),
      .retry_after = "5"};
  EXPECT_EQ(RetryAfter(StatusOfReply(reply)), absl::Seconds(7));
  reply.retry_after = "Wed, 21 Oct 2015 07:28:00 GMT";
  reply.body = "";
  EXPECT_EQ(RetryAfter(StatusOfReply(reply)), absl::ZeroDuration());
}

TEST(Payload, IsEmptyOnForeignStatuses) {
  const absl::Status status = absl::NotFoundError("x");
  EXPECT_EQ(HttpCode(status), 0);
  EXPECT_FALSE(IsKindNotServed(status));
  EXPECT_TRUE(FieldConflicts(absl::OkStatus()).empty());
}

}  // namespace
}  // namespace kube
