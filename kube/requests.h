// What goes to the API server and comes back: credentials, retries, turns and
// patience, for calls of any kind.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/http/transport.h"
#include "base/json.h"
#include "kube/config.h"
#include "kube/credentials.h"
#include "kube/new_client.h"
#include "kube/object_ref.h"
#include "kube/wire.h"

namespace kube {

inline constexpr char kJsonType[] = "application/json";

// What goes over the wire, apart from credentials.
struct Call {
  std::string method;
  std::string path;
  Query query;
  std::string content_type;
  std::string body;
  std::string accept = kJsonType;
  ObjectRef ref;
  bool create_only = false;
  // It writes: a stop waits a little for the answer.
  bool writes = false;
  // False: a second one could do what the first has not done.
  bool repeatable = true;
  std::function<absl::Status(absl::string_view)> on_data;
  absl::Duration idle_timeout = absl::InfiniteDuration();
};

// Thread-safe. Errors are those of Client (client.h), and begin with Where().
class Requests {
 public:
  Requests(Config config, ClientOptions options,
           std::shared_ptr<http::Transport> transport);
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  // The reply of a success, after as many attempts as `ctx` and the options
  // allow; one of max_in_flight.
  absl::StatusOr<http::Response> Send(const base::Context& ctx,
                                      const Call& call);
  // One attempt, beside max_in_flight: for what goes on for long.
  absl::Status Stream(const base::Context& ctx, const Call& call);
  absl::StatusOr<base::Json> SendForJson(const base::Context& ctx,
                                         const Call& call);
  // The object at `call.ref`, which has `uid` unless that is "".
  absl::StatusOr<base::Json> SendForObject(const base::Context& ctx,
                                           const Call& call,
                                           absl::string_view uid);

  // "GET https://server/path"
  std::string Where(const Call& call) const;
  // What `call` got is not what it asked for, since `wrong`.
  absl::Status Misfit(const Call& call, absl::string_view wrong) const;

 private:
  // Of one attempt.
  struct Limits {
    // To get a connection.
    absl::Duration connect = absl::InfiniteDuration();
    absl::Duration silence = absl::InfiniteDuration();  // Without a byte.
  };

  absl::StatusOr<http::Response> SendOnce(const base::Context& ctx,
                                          const Call& call,
                                          const Identity& identity,
                                          const Limits& limits);
  // As SendOnce(), and again after a 401 if there are other credentials.
  absl::StatusOr<http::Response> SendIdentified(const base::Context& ctx,
                                                const Call& call,
                                                const Limits& limits);
  // How long a hurried call may wait for the server from now on.
  absl::Duration Patience() ABSL_LOCKS_EXCLUDED(mutex_);
  // As SendIdentified(), but one of max_in_flight.
  absl::StatusOr<http::Response> SendInTurn(const base::Context& ctx,
                                            const Call& call,
                                            absl::Duration connect_limit,
                                            bool hurried);
  absl::Status WithAdvice(const absl::Status& status) const;
  http::Request RequestFor(const base::Context& ctx, const Call& call,
                           const Identity& identity,
                           const Limits& limits) const;
  absl::Status TakeTurn(const base::Context& ctx) ABSL_LOCKS_EXCLUDED(mutex_);

  const Config config_;
  const ClientOptions options_;
  const std::shared_ptr<http::Transport> transport_;
  Credentials credentials_;

  absl::Mutex mutex_;
  bool contacted_ ABSL_GUARDED_BY(mutex_) = false;
  // Begin of the first call since the last answer.
  absl::Time silent_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace kube
