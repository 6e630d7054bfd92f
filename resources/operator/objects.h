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

// Where the live part of an object (ssa::OwnedPart() of `wanted`) says
// something else than `wanted`: `.spec.replicas 1 -> 0`, at most 20 paths, what
// runs (images, commands, arguments, environment, security contexts) first, and
// how many more there are; long values are cut off. Quantities that are equal
// in another spelling are no difference. "" if there is none.
std::string Differences(const base::Json& wanted, const base::Json& live);

// Manifests, as far as naming and rights go, of what `objects` (keys; may be
// null) has and `manifests` lack: ConfigMaps, the account and what gives it
// rights come and go with the configuration.
std::vector<base::Json> LeftOvers(const cty::Value& objects,
                                  const std::vector<base::Json>& manifests);

// The versions that a CRD serves.
std::vector<std::string> ServedVersions(const base::Json& crd);

// "Namespace" and "CustomResourceDefinition": those that exist are used, not
// owned.
bool UsedIfPresent(const base::Json& manifest);

}  // namespace resources
