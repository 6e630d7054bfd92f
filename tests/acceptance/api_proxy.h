// A proxy between the provider and the API server: what passed is written down,
// one write can be held, and outages be played (tests/tools/api-proxy).
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "tests/acceptance/harness.h"

namespace acceptance {

class ApiProxy {
 public:
  struct Options {
    int hold = 0;             // The number of the write to hold; 0 for none.
    bool hold_reply = false;  // The server has done it, but nobody knows.
    // Replies in the server's place: objects with Method, Path (a regular
    // expression), Times (0: always), Code (0: only add headers), Header, Body,
    // Latin1 (its text goes out in that encoding).
    base::Json answers;
    // Of whom requests are to the server, by the current context; "": the
    // cluster's, of an administrator.
    std::string upstream;
    std::string token;  // In the kubeconfig; the server never sees it.
    // What it serves with, and the CA in the kubeconfig, as PEM. Without, a
    // certificate is made that clients will like.
    std::string certificate;
    std::string key;
    std::string authority;
  };

  ApiProxy(const Cluster& cluster, const Options& options);

  // A provider block that goes through the proxy. `more` goes into it.
  std::string ProviderBlock(const std::string& more = "") const;
  const std::string& kubeconfig() const { return kubeconfig_; }

  // Until the write to hold has come.
  absl::Status AwaitHeld(absl::Duration timeout);
  void Release() const;

  // Leads to a stage of an outage: "overloaded" (429, 503 and 500 in turns),
  // "silent" (no answers), "gone" (nobody listens) or "up" again. All
  // connections end with it. The API server itself knows nothing of this: only
  // those who come through this proxy do.
  void GoTo(const std::string& stage) const;
  // All of that, `duration` in all.
  void Outage(absl::Duration duration) const;

  // Of all lines of the log the part behind `kind`: "request", "write",
  // "answered", "broken", "connection", "stage".
  std::vector<std::string> Log(const std::string& kind) const;
  // Until the log has `count` such lines.
  absl::Status AwaitLog(const std::string& kind, size_t count,
                        absl::Duration timeout) const;

 private:
  std::string directory_;
  std::string kubeconfig_;
  support::Process process_;
};

}  // namespace acceptance
