#include "kube/status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/json.h"

namespace kube {
namespace {

// One JSON object with all that the functions below read.
constexpr char kPayload[] = "kube/reply";

constexpr char kMayBeObeyed[] = "kube/may-be-obeyed";

base::Json PayloadOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return base::Json::object();
  return base::ParseJson(std::string(*payload), "payload")
      .value_or(base::Json::object());
}

bool Flag(const absl::Status& status, absl::string_view pointer) {
  return base::BoolAt(PayloadOf(status), pointer).value_or(false);
}

std::string Text(const base::Json& json, absl::string_view pointer) {
  return base::StringAt(json, pointer).value_or("");
}

const base::Json& CausesOf(const base::Json& body) {
  return base::ListAt(body, "/details/causes");
}

bool HasCause(const base::Json& body, absl::string_view reason) {
  const base::Json& causes = CausesOf(body);
  return std::any_of(
      causes.begin(), causes.end(), [reason](const base::Json& cause) {
        return base::StringAt(cause, "/reason") == std::string(reason);
      });
}

// The text between `before` and the next `after`, or "".
std::string Between(absl::string_view text, absl::string_view before,
                    absl::string_view after) {
  const size_t start = text.find(before);
  if (start == absl::string_view::npos) return "";
  text = text.substr(start + before.size());
  return std::string(text.substr(0, text.find(after)));
}

// Cause messages: `conflict with "m" with subresource "s" using v1 at TIME`.
// The server writes the part from "using" on for operation Update only.
base::Json ConflictOf(const base::Json& cause) {
  const std::string message = Text(cause, "/message");
  const std::string manager = Between(message, "conflict with \"", "\"");
  std::string operation;
  if (!manager.empty()) {
    operation = absl::StrContains(message, " using ") ? "Update" : "Apply";
  }
  return {{"field", Text(cause, "/field")},
          {"manager", manager},
          {"operation", operation},
          {"subresource", Between(message, "subresource \"", "\"")},
          {"time", Between(message, " at ", " ")}};
}

base::Json ConflictsOf(const base::Json& body) {
  base::Json conflicts = base::Json::array();
  for (const base::Json& cause : CausesOf(body)) {
    if (Text(cause, "/reason") == "FieldManagerConflict") {
      conflicts.push_back(ConflictOf(cause));
    }
  }
  return conflicts;
}

// The server's words, without the dump of a value that a schema error ends
// with.
std::string MessageOf(const FailedReply& reply, const base::Json& body) {
  std::string text = Text(body, "/message");
  if (text.empty() && !body.is_object()) text = reply.body;
  const size_t dump = text.find(", got &");
  if (dump != std::string::npos) text.resize(dump);
  while (!text.empty() && absl::ascii_isspace(text.back())) text.pop_back();
  return text;
}

struct Meaning {
  absl::StatusCode code = absl::StatusCode::kUnknown;
  base::Json flags = base::Json::object();
  const char* note = "";  // What the server's words leave out.
};

Meaning TooLarge() {
  return {absl::StatusCode::kInvalidArgument,
          {{"tooLarge", true}},
          "the object is too large for the API server: 3 MiB is the limit of a "
          "request, about 1.5 MiB that of its store; move large values into "
          "objects of their own"};
}

// A server that speaks TLS only has no other way to say so (Go's and nginx').
Meaning MeaningOf400(const FailedReply& reply) {
  if (absl::StrContains(reply.body, "HTTP request to an HTTPS server") ||
      absl::StrContains(reply.body, "HTTP request was sent to HTTPS port")) {
    return {absl::StatusCode::kFailedPrecondition, base::Json::object(),
            "the server speaks TLS only: its address must begin with "
            "https://"};
  }
  return {absl::StatusCode::kInvalidArgument};
}

Meaning MeaningOf404(const FailedReply& reply, const base::Json& body) {
  const std::string kind = Text(body, "/details/kind");
  const std::string name = Text(body, "/details/name");
  if (Text(body, "/reason") == "NotFound" && !name.empty()) {
    if (name == reply.ref.name &&
        (kind.empty() || kind == reply.ref.resource)) {
      return {absl::StatusCode::kNotFound};
    }
    if (kind == "namespaces" && name == reply.ref.ns) {
      return {absl::StatusCode::kFailedPrecondition,
              {{"namespaceMissing", true}}};
    }
    return {absl::StatusCode::kFailedPrecondition};
  }
  return {absl::StatusCode::kFailedPrecondition, {{"notServed", true}}};
}

Meaning MeaningOf409(const FailedReply& reply, const base::Json& body) {
  base::Json conflicts = ConflictsOf(body);
  Meaning meaning{absl::StatusCode::kAborted};
  if (!conflicts.empty()) {
    meaning.flags["conflicts"] = std::move(conflicts);
  } else if (Text(body, "/reason") == "AlreadyExists" || reply.create_only) {
    meaning.flags["exists"] = true;
  } else {
    meaning.flags["stale"] = true;
  }
  return meaning;
}

Meaning MeaningOf500(const FailedReply& reply, const base::Json& body) {
  const std::string text =
      body.is_object() ? Text(body, "/message") : reply.body;
  const auto says = [&text](absl::string_view words) {
    return absl::StrContains(text, words);
  };
  // These look like faults of the server, but repeat for ever.
  if (says("larger than max") || says("request is too large")) {
    return TooLarge();
  }
  if (says("failed to create typed patch object") ||
      says("field not declared in schema")) {
    return {absl::StatusCode::kInvalidArgument};
  }
  if (says("failed calling webhook")) {
    return {absl::StatusCode::kUnavailable,
            {{"webhook", true}, {"transient", true}}};
  }
  const bool transient =
      says("etcdserver: leader changed") || says("raft proposal dropped");
  return {absl::StatusCode::kUnavailable, {{"transient", transient}}};
}

// A uid in the body of an apply that is not the live object's is an attempt to
// change it.
Meaning MeaningOf422(const base::Json& body) {
  const base::Json& causes = CausesOf(body);
  const bool uid =
      !causes.empty() &&
      std::all_of(causes.begin(), causes.end(), [](const base::Json& cause) {
        return Text(cause, "/field") == "metadata.uid";
      });
  if (uid) return {absl::StatusCode::kAborted, {{"stale", true}}};
  return {absl::StatusCode::kInvalidArgument};
}

Meaning MeaningOf504(const base::Json& body) {
  // Asking again with the same version may take for ever; a list without one
  // does not.
  const bool too_new =
      HasCause(body, "ResourceVersionTooLarge") ||
      absl::StrContains(Text(body, "/message"), "Too large resource version");
  return {absl::StatusCode::kUnavailable,
          {{"transient", !too_new}, {"versionTooNew", too_new}}};
}

Meaning MeaningOf403(const base::Json& body) {
  const bool terminating = HasCause(body, "NamespaceTerminating");
  return {absl::StatusCode::kPermissionDenied,
          {{"terminating", terminating},
           {"transient", terminating},
           {"escalation",
            absl::StrContains(Text(body, "/message"),
                              "is attempting to grant RBAC permissions not "
                              "currently held")}}};
}

Meaning MeaningOf(const FailedReply& reply, const base::Json& body) {
  switch (reply.http_code) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return {absl::StatusCode::kFailedPrecondition, base::Json::object(),
              "a redirect, which is not followed: the address must be that of "
              "the API server itself"};
    case 400:
      return MeaningOf400(reply);
    case 415:
      return {absl::StatusCode::kInvalidArgument};
    case 413:
      return TooLarge();
    case 422:
      return MeaningOf422(body);
    case 401:
      return {absl::StatusCode::kUnauthenticated};
    case 403:
      return MeaningOf403(body);
    case 404:
      return MeaningOf404(reply, body);
    case 409:
      return MeaningOf409(reply, body);
    case 410:
      return {absl::StatusCode::kOutOfRange, {{"expired", true}}};
    case 500:
      return MeaningOf500(reply, body);
    case 504:
      return MeaningOf504(body);
    case 429:
    case 502:
    case 503:
      return {absl::StatusCode::kUnavailable, {{"transient", true}}};
    default:
      return {reply.http_code > 500 ? absl::StatusCode::kUnavailable
                                    : absl::StatusCode::kFailedPrecondition};
  }
}

// What the server asks for; -1 if it does not. Dates are ignored.
int64_t RetryAfterSeconds(const FailedReply& reply, const base::Json& body) {
  int64_t seconds = -1;
  if (!absl::SimpleAtoi(reply.retry_after, &seconds)) seconds = -1;
  return std::max(seconds,
                  base::IntAt(body, "/details/retryAfterSeconds").value_or(-1));
}

base::Json RightOf(const FailedReply& reply) {
  const bool log = absl::EndsWith(reply.path, "/log");
  return {{"verb", reply.ref.name.empty() ? "list" : "get"},
          {"group", reply.ref.group},
          {"resource", absl::StrCat(reply.ref.resource, log ? "/log" : "")},
          {"namespace", reply.ref.ns},
          {"name", reply.ref.name}};
}

}  // namespace

absl::Status StatusOfReply(const FailedReply& reply) {
  base::Json body;  // Null if it is no Status object.
  absl::StatusOr<base::Json> parsed = base::ParseJson(reply.body, "reply");
  if (parsed.ok() && Text(*parsed, "/kind") == "Status") {
    body = *std::move(parsed);
  }
  Meaning meaning = MeaningOf(reply, body);
  base::Json payload = std::move(meaning.flags);
  payload["code"] = reply.http_code;
  payload["reason"] = Text(body, "/reason");
  payload["auditId"] = reply.audit_id;
  const int64_t retry_after = RetryAfterSeconds(reply, body);
  if (retry_after >= 0) {
    payload["retryAfter"] = retry_after;
    if (meaning.code == absl::StatusCode::kUnavailable &&
        !base::BoolAt(payload, "/versionTooNew").value_or(false)) {
      payload["transient"] = true;
    }
  }
  const std::string message = MessageOf(reply, body);
  const std::string request =
      absl::StrCat(reply.method, " ", reply.path, ": HTTP ", reply.http_code);
  payload["request"] = request;
  if (reply.http_code == 403 && reply.method == "GET" &&
      !reply.ref.resource.empty()) {
    payload["right"] = RightOf(reply);
  }
  absl::Status status(
      meaning.code,
      absl::StrCat(request, message.empty() ? "" : ": ", message));
  status.SetPayload(kPayload, absl::Cord(base::DumpJson(payload)));
  return *meaning.note == '\0' ? status
                               : WithNote(status, meaning.code, meaning.note);
}

absl::Status WithNote(const absl::Status& status, absl::StatusCode code,
                      absl::string_view note) {
  absl::Status noted(code, absl::StrCat(status.message(), " (", note, ")"));
  status.ForEachPayload(
      [&noted](absl::string_view type, const absl::Cord& payload) {
        noted.SetPayload(type, payload);
      });
  return noted;
}

int HttpCode(const absl::Status& status) {
  return static_cast<int>(base::IntAt(PayloadOf(status), "/code").value_or(0));
}

std::string Reason(const absl::Status& status) {
  return Text(PayloadOf(status), "/reason");
}

std::string AuditId(const absl::Status& status) {
  return Text(PayloadOf(status), "/auditId");
}

std::string RequestLine(const absl::Status& status) {
  const base::Json payload = PayloadOf(status);
  const std::string reason = Text(payload, "/reason");
  return absl::StrCat(Text(payload, "/request"), reason.empty() ? "" : " ",
                      reason);
}

std::string Cause(const absl::Status& status) {
  std::string cause(status.message());
  const std::string request = Text(PayloadOf(status), "/request");
  const size_t at = request.empty() ? std::string::npos : cause.find(request);
  if (at == std::string::npos) return cause;
  absl::string_view rest = absl::string_view(cause).substr(at + request.size());
  if (!absl::ConsumePrefix(&rest, ": ")) absl::ConsumePrefix(&rest, " ");
  return absl::StrCat(cause.substr(0, at), rest);
}

std::string InOneLine(const absl::Status& status) {
  if (const auto right = MissingRight(status)) {
    return absl::StrCat("the right to ", right->verb, " ", right->resource,
                        right->group.empty() ? "" : ".", right->group,
                        right->ns.empty()
                            ? " in all namespaces"
                            : absl::StrCat(" in namespace \"", right->ns, "\""),
                        " is missing");
  }
  std::string cause = Cause(status);
  if (cause.empty()) cause = RequestLine(status);
  return cause.substr(0, cause.find('\n'));
}

std::vector<FieldConflict> FieldConflicts(const absl::Status& status) {
  std::vector<FieldConflict> conflicts;
  const base::Json payload = PayloadOf(status);
  for (const base::Json& item : base::ListAt(payload, "/conflicts")) {
    conflicts.push_back({.field = Text(item, "/field"),
                         .manager = Text(item, "/manager"),
                         .operation = Text(item, "/operation"),
                         .time = Text(item, "/time"),
                         .subresource = Text(item, "/subresource")});
  }
  return conflicts;
}

bool HasFieldConflicts(const absl::Status& status) {
  return base::Find(PayloadOf(status), "/conflicts") != nullptr;
}

bool IsAlreadyExists(const absl::Status& status) {
  return Flag(status, "/exists");
}

bool IsStale(const absl::Status& status) { return Flag(status, "/stale"); }

bool IsKindNotServed(const absl::Status& status) {
  return Flag(status, "/notServed");
}

bool IsNamespaceMissing(const absl::Status& status) {
  return Flag(status, "/namespaceMissing");
}

bool IsNamespaceTerminating(const absl::Status& status) {
  return Flag(status, "/terminating");
}

bool IsEscalation(const absl::Status& status) {
  return Flag(status, "/escalation");
}

std::optional<Right> MissingRight(const absl::Status& status) {
  const base::Json payload = PayloadOf(status);
  const base::Json* right = base::Find(payload, "/right");
  if (right == nullptr) return std::nullopt;
  return Right{.verb = Text(*right, "/verb"),
               .group = Text(*right, "/group"),
               .resource = Text(*right, "/resource"),
               .ns = Text(*right, "/namespace"),
               .name = Text(*right, "/name")};
}

bool IsExpired(const absl::Status& status) { return Flag(status, "/expired"); }

bool IsVersionTooNew(const absl::Status& status) {
  return Flag(status, "/versionTooNew");
}

bool IsTooLarge(const absl::Status& status) {
  return Flag(status, "/tooLarge");
}

bool IsWebhookUnavailable(const absl::Status& status) {
  return Flag(status, "/webhook");
}

bool IsTransientReply(const absl::Status& status) {
  return Flag(status, "/transient");
}

absl::Duration RetryAfter(const absl::Status& status) {
  return absl::Seconds(
      base::IntAt(PayloadOf(status), "/retryAfter").value_or(0));
}

bool MayBeObeyed(const absl::Status& status) {
  return status.GetPayload(kMayBeObeyed).has_value();
}

void NoteMayBeObeyed(absl::Status& status) {
  status.SetPayload(kMayBeObeyed, absl::Cord("1"));
}

}  // namespace kube
