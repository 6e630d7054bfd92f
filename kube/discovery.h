// What kinds a server has, from its discovery documents: the aggregated ones
// (apidiscovery.k8s.io, two documents for all groups), or those that every
// server has (a list of groups, and a list of kinds for each version of one).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "kube/call_options.h"

namespace kube {

// What to send as Accept for the documents at /api and /apis.
extern const char kDiscoveryTypes[];

// Reads the document of a path ("/api", "/apis", "/apis/apps/v1").
using Fetch = std::function<absl::StatusOr<base::Json>(const std::string&)>;

// One look of Client::ListNamespacedKinds(). Fails with `fetch` at /api and
// /apis, and with kFailedPrecondition where these are no such documents; where
// something is wrong further down, that group version is among the unknown
// ones.
absl::StatusOr<NamespacedKinds> DiscoverNamespacedKinds(const Fetch& fetch);

}  // namespace kube
