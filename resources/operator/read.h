// What wandb_operator remembers in its private data, and how its objects are
// read.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/context.h"
#include "base/json.h"
#include "provider/tf/resource.h"
#include "resources/operator/model.h"
#include "resources/session.h"

namespace resources {

// Keys of the private data. kLive: object key -> digest of the owned live part
// right after our apply, so that the server's spelling of a value is no drift.
inline constexpr char kLive[] = "live";
inline constexpr char kUids[] =
    "uids";  // Object key -> uid of what we made or took.
inline constexpr char kCreatedNamespace[] = "created_namespace";  // Its uid.
inline constexpr char kManager[] =
    "manager";  // Field manager of the last write.
inline constexpr char kImported[] =
    "imported";  // Taken over, not written since.

// The recorded uid of an object, or "".
std::string RecordedUid(const base::Json& private_data, const std::string& key);

// `error.path: message` of wandb/ as a diagnostic on that attribute.
void ReportSettings(const absl::Status& status, tf::Diagnostics& diags);

void ReadOperator(const base::Context& parent, const Session& session,
                  tf::ReadCall<OperatorModel>& call);

}  // namespace resources
