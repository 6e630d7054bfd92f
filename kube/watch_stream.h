// Cuts the body of a watch into events. Pure; internal to kube/.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "kube/call_options.h"

namespace kube {

// Not thread-safe.
class WatchStream {
 public:
  using Handler = std::function<absl::Status(const WatchEvent&)>;
  explicit WatchStream(Handler handler) : handler_(std::move(handler)) {}

  // Takes the next piece of the body, cut anywhere. Returns the handler's
  // status when not OK; the status of an ERROR event; kInternal for what is no
  // event, and kResourceExhausted for one beyond base/limits.h.
  absl::Status Add(absl::string_view piece);

  // The body has ended: kUnavailable when it ended within an event.
  absl::Status Finish() const;

 private:
  absl::Status Line(absl::string_view line);

  Handler handler_;
  std::string rest_;  // An incomplete line.
};

}  // namespace kube
