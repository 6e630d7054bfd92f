// What a wandb_instance keeps beside its state, in Terraform's private data.
// Core drops it where a provider dies in an apply, so nothing may be lost with
// it that a refresh cannot find out again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "kube/migrate_managers.h"
#include "resources/instance/evaluation.h"

namespace resources {

// The release that an apply has pinned, or was about to (release_pin.h).
struct PinNote {
  std::optional<std::string> before;  // What was pinned before it; none.
  std::string written;                // "" until the first was.
  std::string tried;                  // By a write that failed, perhaps; or "".

  // Whether `pin`, which is there, may be what this provider wrote.
  bool MayHaveWritten(const std::optional<std::string>& pin) const {
    return pin.has_value() && (*pin == written || *pin == tried);
  }
  bool operator==(const PinNote&) const = default;
};

struct InstanceNotes {
  bool importing = false;  // By an import, until the first read.
  bool imported = false;   // Taken over, and not written since.
  std::string manager;     // Field manager of the last write; "" before it.
  // A create of which no answer came: whether there is an object is not known.
  bool left_open = false;
  // A refresh saw the object being deleted: the next apply waits for its end,
  // and makes another one.
  bool being_deleted = false;
  std::optional<PinNote> pin;
  RecordedLayers layers;  // At the last look.

  // As stored; what is not there, or of another type, is as above. Earlier
  // builds stored no version, and the same otherwise.
  static InstanceNotes From(const base::Json& private_data);
  // Replaces these, and leaves what others keep there (namespace.h,
  // generation_guard.h).
  void To(base::Json& private_data) const;

  // After a write by `manager`: what was there before counts no more.
  void NoteWritten(const std::string& manager);

  // Core keeps the prior state without its private data when the provider dies
  // in an update.
  bool AreLost() const { return manager.empty() && !imported; }
  // Where they are, what `live` says of its managers decides: as long as a
  // tool, or the provider under a former field manager, holds a part of
  // `before` (as of SourcesFor()) that `now` has not applied, what it holds is
  // still to be taken over; but not what a tool wrote after our last apply. A
  // former field manager is known by having applied just `before`. Where nobody
  // is known to have written anything, nothing is noted.
  void Recover(const base::Json& live, const std::string& now,
               const base::Json& before);

  // From whom the next update by `manager` takes fields over: the former field
  // manager, and after an import, within `before`, the tools that made the
  // object.
  std::vector<kube::Takeover::Source> SourcesFor(
      const std::string& manager, const base::Json& before) const;
};

}  // namespace resources
