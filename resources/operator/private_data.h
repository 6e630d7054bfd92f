// What wandb_operator remembers in its private data.
#pragma once

#include <string>

#include "base/json.h"

namespace resources {

// Keys. kLive: object key -> digest of the owned live part right after our
// apply, so that the server's spelling of a value is no drift.
inline constexpr char kLive[] = "live";
inline constexpr char kUids[] =
    "uids";  // Object key -> uid of what we made or took.
inline constexpr char kManager[] =
    "manager";  // Field manager of the last write.
inline constexpr char kImported[] =
    "imported";  // Taken over, not written since.

// The recorded uid of an object, or "".
std::string RecordedUid(const base::Json& private_data, const std::string& key);

}  // namespace resources
