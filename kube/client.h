// One Kubernetes API server, seen as JSON objects addressed by `ObjectRef`.
//
// Every call blocks until the server answered or `ctx` ended; failures that may
// pass are retried (kube/retry.h) unless `ctx` forbids it. Bodies are whole
// objects with apiVersion and kind, as `kubectl get -o json` prints them.
//
// A non-OK status names the method, the path and the HTTP code; kube/status.h
// reads its details. Its code means:
//   kNotFound          The server answered with a Status body that says so. A
//                      bare 404 (no CRD, wrong proxy) and a missing namespace
//                      are kFailedPrecondition (IsKindNotServed(),
//                      IsNamespaceMissing()): on kNotFound alone may a caller
//                      forget the object.
//   kFailedPrecondition  Also: something answered with 2xx, but neither with
//   the
//                      object nor with the list that was asked for; or nothing
//                      can be sent: no credentials are to be had, or TLS or
//                      proxy are configured wrongly.
//   kAborted           409, or 422 about the uid: FieldConflicts() lists the
//                      owners; if it is empty, IsAlreadyExists() or IsStale()
//                      holds.
//   kInvalidArgument   400, 413, 422, or a field that the schema lacks; the
//                      message lists the server's causes.
//   kPermissionDenied  403; where the namespace is being deleted, only after
//                      retries. kUnauthenticated: 401 after one refresh.
//   kUnavailable       No connection, or 429/5xx after all retries.
//   kOutOfRange        The resource version is too old: list again.
//   kResourceExhausted The answer is larger than base/limits.h allows.
//   kDeadlineExceeded, kCancelled  `ctx` ended; a write may still have landed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/access.h"
#include "kube/call_options.h"
#include "kube/object_ref.h"

namespace kube {

// Thread-safe. Fake: tests/support/fake_client.h.
class Client {
 public:
  virtual ~Client() = default;

  // Returns the object as stored, with managedFields.
  virtual absl::StatusOr<base::Json> Get(const base::Context& ctx,
                                         const ObjectRef& ref) = 0;

  // All objects of `collection` that match; pages are fetched inside, and
  // smaller ones where they are too large. Items have apiVersion and kind.
  // kResourceExhausted when the list does not end (base::kMaxListPages) or too
  // much of it is to be kept (base::kMaxListBytes).
  virtual absl::StatusOr<ObjectList> List(const base::Context& ctx,
                                          const CollectionRef& collection,
                                          const ListOptions& options) = 0;

  // Server-side apply. Creates the object, or sets the paths in `body` and
  // removes those that `field_manager` owned and `body` lacks. Idempotent,
  // hence retried. Look at IsTerminating() of the result, since the server
  // accepts writes to a dying object.
  virtual absl::StatusOr<Applied> Apply(const base::Context& ctx,
                                        const ObjectRef& ref,
                                        const base::Json& body,
                                        const ApplyOptions& options) = 0;

  // Changes a few paths of an existing object and returns it. To be safe
  // against races, put metadata.resourceVersion into the patch.
  virtual absl::StatusOr<base::Json> Patch(const base::Context& ctx,
                                           const ObjectRef& ref,
                                           const base::Json& patch,
                                           const PatchOptions& options) = 0;

  // Requests deletion. OK when the object is already gone, or when finalizers
  // still hold it: use AwaitGone() of kube/wait.h to see it leave. IsStale()
  // when an object with another uid or resource version has the name.
  virtual absl::Status Delete(const base::Context& ctx, const ObjectRef& ref,
                              const DeleteOptions& options) = 0;

  // One watch request. Calls `handler` on this thread for every event; ends
  // with OK when the server ended the stream, with the handler's status when
  // that is not OK, else with the error. Waits should use kube/wait.h.
  virtual absl::Status Watch(
      const base::Context& ctx, const CollectionRef& collection,
      const WatchOptions& options,
      const std::function<absl::Status(const WatchEvent&)>& handler) = 0;

  // A pod's log as text; foreign text, may hold anything.
  virtual absl::StatusOr<std::string> Logs(const base::Context& ctx,
                                           const ObjectRef& pod,
                                           const LogOptions& options) = 0;

  // What kinds of objects a namespace may hold on this server, for finding out
  // whether one is empty. Kinds are known by discovery alone: those of
  // definitions and of aggregated servers are among them.
  virtual absl::StatusOr<NamespacedKinds> ListNamespacedKinds(
      const base::Context& ctx) = 0;

  // What the identity of this client may do in namespace `ns`. Changes nothing.
  virtual absl::StatusOr<OwnRules> ReviewRules(const base::Context& ctx,
                                               const std::string& ns) = 0;

  // The server's gitVersion, like "v1.36.3". The cheapest proof that it
  // answers.
  virtual absl::StatusOr<std::string> ServerVersion(
      const base::Context& ctx) = 0;
};

}  // namespace kube
