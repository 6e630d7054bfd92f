// What wandb_operator remembers in its private data.
#pragma once

#include <map>
#include <string>

#include "base/json.h"

namespace resources {

// Read once for an RPC, and written back by it. Its JSON is an object with a
// `version`; that of builds before the first release has none, and the same
// keys. What is of another shape than expected counts as not recorded.
struct OperatorRecord {
  static constexpr int kVersion = 1;

  // Object key -> digest of the owned live part right after our apply, so that
  // the server's spelling of a value is no drift.
  std::map<std::string, std::string> live;
  // Object key -> uid of what we made or took.
  std::map<std::string, std::string> uids;
  std::string manager;    // Field manager of the last write.
  bool imported = false;  // Taken over, not written since.
  // Keys that all resources have (resources/namespace.h, generation_guard.h),
  // and those of later versions: kept as they are.
  base::Json rest = base::Json::object();

  static OperatorRecord FromJson(const base::Json& json);
  // An empty object where nothing is recorded.
  base::Json ToJson() const;

  // The recorded uid of an object, or "".
  std::string UidOf(const std::string& key) const;
  // Core gives a tainted resource no private data.
  bool IsEmpty() const { return *this == OperatorRecord(); }
  // Core keeps the prior state without its private data when the provider dies
  // in an update.
  bool IsLost() const { return uids.empty() && manager.empty() && !imported; }
  // Where it is lost, what `deployment`, the live one or null, says of its
  // managers decides, since it is written last: as long as a tool that made it
  // holds any of it, but not by a write after our last one, the takeover is
  // still to be made. `now` is our field manager.
  void Recover(const base::Json& deployment, const std::string& now);
  void Forget(const std::string& key);

  bool operator==(const OperatorRecord&) const = default;
};

}  // namespace resources
