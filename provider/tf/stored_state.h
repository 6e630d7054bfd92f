// State as core kept it, on its way into the current schema.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/json.h"
#include "provider/cty/value.h"
#include "provider/tf/schema.h"

namespace tf {

// How state of an earlier version of a schema becomes state of the current one.
struct StateUpgrade {
  Schema from;  // With its version.
  // Gets an object of `from`'s type, returns one of the current schema's type.
  std::function<absl::StatusOr<cty::Value>(const cty::Value& state)> upgrade;
};

// The state that `json` (protocol 6: RawState, JSON) holds in `version` of
// `schema`, in its current version. Attributes that the state lacks because it
// was written by an earlier provider get their defaults, parts of nested ones
// too; attributes that the schema does not know are left out.
//
// kFailedPrecondition for a version that is newer than the schema, or older
// without an upgrade in `upgrades`; kInvalidArgument for what is no state.
absl::StatusOr<cty::Value> ReadStoredState(
    const Schema& schema, const std::vector<StateUpgrade>& upgrades,
    int64_t version, absl::string_view json);

// `state`, an object of the schema's type, with the defaults of attributes that
// `stored`, the JSON object it came from, does not have.
cty::Value FillAbsent(const Schema& schema, const cty::Value& state,
                      const base::Json& stored);

}  // namespace tf
