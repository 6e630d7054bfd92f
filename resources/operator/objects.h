// The operator's objects as the plan names and compares them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "provider/cty/value.h"
#include "wandb/operator_manifests.h"

namespace resources {

// `Kind/namespace/name`, or `Kind/name` for cluster-scoped kinds.
std::string ObjectKey(const base::Json& manifest);

// A short digest of any JSON.
std::string ObjectDigest(const base::Json& json);

// Key -> digest of the manifest, for all manifests.
std::map<std::string, std::optional<std::string>> WantedObjects(
    const std::vector<base::Json>& manifests);

// The versions that a CRD serves.
std::vector<std::string> ServedVersions(const base::Json& crd);

// "Namespace" and "CustomResourceDefinition": those that exist are used, not
// owned.
bool UsedIfPresent(const base::Json& manifest);

}  // namespace resources
