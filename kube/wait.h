// Blocks until objects look as wanted: LIST, then WATCH from there, again from
// the last event when the stream ends or fails, and a new LIST when that is too
// old. Where watching is forbidden, reading every few seconds takes its place.
//
// Lost connections, 429 and 5xx never end a wait once the server has answered
// it: it goes on until `ctx` ends. Before that, kUnavailable as of any call.
// On its deadline the code is kDeadlineExceeded, and the status has message and
// payloads of the error that it still met, if any; a stop ends it within a
// second with kCancelled. Errors of a predicate but for kUnavailable,
// kPermissionDenied on plain reads, and a kind that is not served end it at
// once.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "kube/retry.h"
#include "kube/rollout.h"

namespace kube {

struct WaitOptions {
  // Where watching is forbidden: time between reads, with jitter.
  absl::Duration poll_interval = absl::Seconds(2);
  // Shortest time from one watch to the next. One that ends sooner and brought
  // nothing counts as a failure.
  absl::Duration rewatch_interval = absl::Seconds(1);
  // A watch is asked for once to twice this long.
  absl::Duration watch_duration = absl::Minutes(5);
  // The predicate is called at least so often, with what was seen last: for one
  // that looks at what is not watched, too.
  absl::Duration look_again = absl::InfiniteDuration();
  // After failures.
  RetryPolicy retry;
};

// True: the wait is over. A non-OK status ends it too, and is returned; but
// kUnavailable, of its own requests, is as a failure of the wait's: it is asked
// again. Gets null while the object is absent. Called on the waiting thread,
// once at first and then after each change; may block and may use the client.
using ObjectPredicate =
    std::function<absl::StatusOr<bool>(const base::Json* object)>;

// Returns the object for which `done` was true (JSON null if it was absent).
absl::StatusOr<base::Json> AwaitObject(const base::Context& ctx, Client& client,
                                       const ObjectRef& ref,
                                       const ObjectPredicate& done,
                                       const WaitOptions& options = {});

// Returns the CustomResourceDefinition `name` once the server has established
// it. One whose names it refused is waited for like one that is not there:
// whoever has the names may give them up.
absl::StatusOr<base::Json> AwaitEstablished(const base::Context& ctx,
                                            Client& client,
                                            const std::string& name,
                                            const WaitOptions& options = {});

// What was seen last of a workload.
struct SeenWorkload {
  Rollout rollout;
  std::string
      lost;  // What became of it (DescribeFate()); "" while it is there.
};

// OK when the workload with `uid` ("" for any) runs as its spec asks for, or
// says itself that it will not: `seen` tells which, and what is missing when
// the time is up. kAborted when it is not there (any more).
absl::Status AwaitRolledOut(const base::Context& ctx, Client& client,
                            const ObjectRef& ref, absl::string_view uid,
                            SeenWorkload& seen,
                            const WaitOptions& options = {});

// OK when no object has the name, or one with another uid than `uid`. With ""
// any object counts as the same. A kind that is no longer served is gone too.
// When the time is up, it says which finalizers are left (deletion.h,
// NoteHeld()).
absl::Status AwaitGone(const base::Context& ctx, Client& client,
                       const ObjectRef& ref, absl::string_view uid,
                       const WaitOptions& options = {});

// Objects by "namespace/name", or by "name" for cluster-scoped kinds.
using ObjectMap = std::map<std::string, base::Json>;
using CollectionPredicate =
    std::function<absl::StatusOr<bool>(const ObjectMap& objects)>;

// As AwaitObject(), for all objects that match `label_selector` ("" for all).
absl::Status AwaitCollection(const base::Context& ctx, Client& client,
                             const CollectionRef& collection,
                             absl::string_view label_selector,
                             const CollectionPredicate& done,
                             const WaitOptions& options = {});

}  // namespace kube
