// The definition of the custom resource that this operator has made
// (IsKeptDefinition()): what an apply changes in it, and when it must not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "provider/tf/diagnostics.h"
#include "resources/operator/ownership.h"

namespace resources {

// What becomes of a definition. Paths of a schema are `v1 .spec.chart`.
struct CrdUpgrade {
  // Names of the versions that are served.
  std::vector<std::string> served_now, served_then;
  // Versions that go though the API server has stored objects as them
  // (`status.storedVersions`): it refuses that, and could not read them.
  std::vector<std::string> stored_lost;
  std::string stored_then;  // The version that objects are stored as.
  std::vector<std::string> added, removed, changed;  // Paths of schemas.
};

// Whether an apply writes to what `seen`, of any kind, has seen: it is a kept
// definition, and says something else than its manifest. A version more, which
// others added, is no difference.
bool NeedsUpgrade(const Sighting& seen);
// The same of `live`, which exists and stays.
bool NeedsUpgrade(const base::Json& manifest, const base::Json& live);

CrdUpgrade UpgradeOf(const base::Json& live, const base::Json& wanted);

// For users: versions and paths in sentences, not more than a few paths.
std::string Describe(const CrdUpgrade& upgrade);

// Whether the upgrade that `all` need, if any, loses no stored version; an
// error with the next step otherwise.
bool CheckUpgrade(const std::vector<Sighting>& all, tf::Diagnostics& diags);

// For a plan: CheckUpgrade(), and a warning that says what will change.
void ReportUpgrade(const std::vector<Sighting>& all, tf::Diagnostics& diags);

}  // namespace resources
