// Waiting until W&B answers at its URL.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "kube/client.h"
#include "resources/instance/model.h"

namespace resources {

class UrlWait {
 public:
  // `url` without credentials.
  explicit UrlWait(std::string url) : url_(std::move(url)) {}

  // Asks until an answer has a status below 500, every `look_again`. Between,
  // `meanwhile` gets what came in a few words, and an error of it ends the
  // wait. kInvalidArgument: the URL is none. Otherwise that of `ctx`.
  absl::Status Await(
      const base::Context& ctx, absl::Duration look_again,
      const std::function<absl::Status(const std::string& seen)>& meanwhile);

  // After a failure: what came last and what to do about it, then which
  // addresses the Ingress of the instance has, as far as that may be seen.
  std::vector<std::string> Explain(const base::Context& ctx,
                                   kube::Client& client,
                                   const InstanceModel& model) const;

 private:
  std::string Advice() const;

  const std::string url_;
  int code_ = 0;        // Of the last answer; 0 for none.
  absl::Status error_;  // Why there was none.
};

}  // namespace resources
