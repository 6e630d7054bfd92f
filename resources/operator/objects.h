// The operator's objects as the plan names and compares them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "provider/cty/value.h"
#include "wandb/operator/settings.h"

namespace resources {

// `Kind/namespace/name`, or `Kind/name` for cluster-scoped kinds.
std::string ObjectKey(const base::Json& manifest);

// A short digest of any JSON.
std::string ObjectDigest(const base::Json& json);

// The digest by which `objects` knows that a manifest is applied. The owner
// does not count where an existing object is used as it is.
std::string WantedDigest(const base::Json& manifest);

// Key -> WantedDigest(), for all manifests.
std::map<std::string, std::optional<std::string>> WantedObjects(
    const std::vector<base::Json>& manifests);

// Manifests, as far as naming and rights go, of what `objects` (keys; may be
// null) has and `manifests` lack: ConfigMaps, the account and what gives it
// rights come and go with the configuration.
std::vector<base::Json> LeftOvers(const cty::Value& objects,
                                  const std::vector<base::Json>& manifests);

// The versions that a CRD serves.
std::vector<std::string> ServedVersions(const base::Json& crd);

bool IsDefinition(const base::Json& manifest);

// "Namespace" and "CustomResourceDefinition": those that exist are used, not
// owned.
bool UsedIfPresent(const base::Json& manifest);

// With one exception: whether `live` is a definition that names the owner of
// `manifest`, an operator's, which keeps it up to date then. Never operator
// v2's.
bool IsKeptDefinition(const base::Json& manifest, const base::Json& live);

}  // namespace resources
