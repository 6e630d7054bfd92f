// Makes the real `Client`.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/http/transport.h"
#include "base/subprocess.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/retry.h"

namespace kube {

struct ClientOptions {
  std::string user_agent;  // "program/0.1.0 (linux/amd64)"

  // Until the server has answered this client once, connection errors are
  // retried only so long, counted per call. After that they are retried until
  // the call's Context ends. A caller that wants less gives a shorter Context.
  absl::Duration first_contact_timeout = absl::Seconds(20);
  // While this is set and true the client is hurried: for a plan or a refresh,
  // after which nothing is half done. Then a server that says nothing for
  // `hurried_timeout` ends the call, connected or not, and also if it has
  // answered others before; calls that come after one that ended so get
  // `least_hurried`, until one is answered. May be called from any thread.
  std::function<bool()> hurried;
  absl::Duration hurried_timeout = absl::Seconds(10);
  absl::Duration least_hurried = absl::Seconds(1);

  // One attempt of a request that is not a watch.
  absl::Duration attempt_timeout = absl::Seconds(60);

  // Requests in flight at once, watches not counted. The looks at all objects
  // of an operator and what belongs to them fit in.
  int max_in_flight = 12;

  RetryPolicy retry;

  // What exec plugins get as their environment, beside their own variables.
  base::Environment child_environment;
  // Called, from any thread, with what the user should read although the
  // request goes on: that the token is used in place of a failing exec plugin,
  // for example. Holds no secret. May be null.
  std::function<void(std::string)> on_warning;
  // Called, from any thread, with the status of each exchange that failed, and
  // with the client's Config: what to change in that case, in the words of
  // whoever made it, or "". May be null.
  std::function<std::string(const absl::Status&, const Config&)> advice;
  // Called, from any thread, with each secret that a request is about to be
  // sent with: whoever shows answers must hide it. May be null.
  std::function<void(const std::string&)> on_credential;
};

// Returns a client for `config`. Sends nothing before the first call, and all
// its calls share one connection if the server speaks HTTP/2. `transport` may
// be shared with others; null makes one for this client alone. Fails with
// kInvalidArgument when `config` contradicts itself.
absl::StatusOr<std::unique_ptr<Client>> NewClient(
    Config config, ClientOptions options = {},
    std::shared_ptr<http::Transport> transport = nullptr);

}  // namespace kube
