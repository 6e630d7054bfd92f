// What a failed call to the API server means, and the details it carries.
//
// Every non-OK status of `Client` may hold payloads; the functions here read
// them. They survive base::Annotate(). On any other status they return the
// empty answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "kube/object_ref.h"

namespace kube {

// One path that another manager owns with a different value.
struct FieldConflict {
  std::string field;      // ".spec.template.spec.containers[name=\"x\"].image"
  std::string manager;    // "kubectl-edit". "" when the server did not say.
  std::string operation;  // "Apply", "Update", or "" when it did not say.
  std::string time;       // RFC 3339, when an Update last wrote; often "".
  std::string subresource;  // "status", "scale"; usually "".
};

// HTTP code of the reply, or 0 when there was none (no connection).
int HttpCode(const absl::Status& status);
// Status.reason of the reply ("NotFound", "Conflict", ...), or "".
std::string Reason(const absl::Status& status);
// The server's own id of the failed request, for its administrators, or "".
std::string AuditId(const absl::Status& status);
// What was asked, and how the server answered: method, path, HTTP code and
// reason, "PATCH /api/v1/namespaces/n/secrets/x: HTTP 409 Conflict". "" when
// there was no reply.
std::string RequestLine(const absl::Status& status);
// The rest of the message: the server's own words, and what was noted about
// them. The whole message when there was no reply; "" if the server said
// nothing.
std::string Cause(const absl::Status& status);

// Why a call failed, where it is only a remark: one line, without what was
// asked, but for a right that is missing. It is cut by whoever has taken
// secrets out of it.
std::string InOneLine(const absl::Status& status);

// 409 of an apply: who owns what. Empty for the other meanings of 409.
std::vector<FieldConflict> FieldConflicts(const absl::Status& status);
bool HasFieldConflicts(const absl::Status& status);

// A create_only apply, or a create, found the object there.
bool IsAlreadyExists(const absl::Status& status);
// 409 without field conflicts, or 422 about metadata.uid: a resourceVersion or
// uid that was sent is not that of the live object.
bool IsStale(const absl::Status& status);
// 404 that is not about the object: the server does not serve this kind (its
// CRD is missing or not established yet), or it is no API server.
bool IsKindNotServed(const absl::Status& status);
// 404 because the object's namespace is missing.
bool IsNamespaceMissing(const absl::Status& status);
// 403 because the object's namespace is being deleted.
bool IsNamespaceTerminating(const absl::Status& status);

// 403 of a Role, ClusterRole or binding that grants what the identity does not
// have itself.
bool IsEscalation(const absl::Status& status);

// What a refused read asked for, in the words of a Role's rule.
struct Right {
  std::string verb;      // "get" or "list".
  std::string group;     // "" for the core group.
  std::string resource;  // "secrets", "pods/log".
  std::string ns;        // "" for cluster-scoped kinds, or all namespaces.
  std::string name;      // "" when it was a collection.
};
// 403 of a read: the right that the identity lacks. nullopt otherwise; a write
// may be refused by admission, too.
std::optional<Right> MissingRight(const absl::Status& status);

// A watch or list whose resourceVersion is too old: list again. Code is
// kOutOfRange.
bool IsExpired(const absl::Status& status);
// A list or watch whose resourceVersion this server has not reached yet: list
// again without one.
bool IsVersionTooNew(const absl::Status& status);
// The object is larger than the server takes (413) or its store does (500).
bool IsTooLarge(const absl::Status& status);
// An admission webhook could not be called: it may come up later.
bool IsWebhookUnavailable(const absl::Status& status);

// Whether the server may have done what was asked for all the same: in this
// attempt, or in one before it, the request was sent, and what came was no
// answer, or one of something on the way.
bool MayBeObeyed(const absl::Status& status);

// --- For the client and its fakes ---

// MayBeObeyed() is true of `status` from now on.
void NoteMayBeObeyed(absl::Status& status);

// `status` as `code`, with " (note)" behind its message; payloads are kept.
absl::Status WithNote(const absl::Status& status, absl::StatusCode code,
                      absl::string_view note);

// What is known about one reply that is not 2xx.
struct FailedReply {
  std::string method;  // "PATCH"
  std::string path;    // Without query.
  int http_code = 0;
  std::string body;         // JSON Status or plain text; not trusted.
  std::string audit_id;     // "" when the reply had none.
  std::string retry_after;  // The header's text.
  // The object that was asked for; name is "" when it was a collection.
  ObjectRef ref;
  bool create_only = false;
};

// The whole mapping of kube/client.h, pure. The message names method, path,
// HTTP code and the server's own words, however long: who shows them
// redacts them, and only then shortens.
absl::Status StatusOfReply(const FailedReply& reply);

// Whether repeating the request may help: 429, 502, 503, 504, any of these or
// other 5xx with a Retry-After, the few 500s that are transient, and 403 while
// the namespace is being deleted.
bool IsTransientReply(const absl::Status& status);
// What the server asked for (header or details.retryAfterSeconds), or zero.
absl::Duration RetryAfter(const absl::Status& status);

}  // namespace kube
