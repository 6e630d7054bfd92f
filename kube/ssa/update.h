// Updates of objects that are ours: what is sent, whose fields are taken, and
// who may be overruled. The rules are those of server-side apply.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/migrate_managers.h"
#include "kube/status.h"

namespace ssa {

struct UpdateRules {
  std::string manager;
  // The object that is meant; "" if that is not known. Another one of the same
  // name is never written to.
  std::string uid;
  // Whether a conflict may be overruled. All of them, or none is.
  std::function<bool(const kube::FieldConflict&)> may_force;
  // Fields that are rather left out than fought over; may be empty.
  std::function<bool(const kube::FieldConflict&)> may_yield;
  // Earlier managers whose fields become ours, so that those which `body` lacks
  // go away.
  std::vector<kube::Takeover::Source> sources;
  // What of that has to be ours before the server takes `body` at all.
  std::vector<kube::Takeover::Source> ahead = {};
  // The body for an object as it is now, where what others have there is a part
  // of it; null: always `body`. Every write is then bound to the version that
  // its body was made for. Not together with may_yield.
  std::function<base::Json(const base::Json& live)> fit = nullptr;
};

// Applies `body` to an object of ours. Conflicts are overruled only if every
// one of them may be, and only in the very version of the object in which they
// were seen. Nothing is taken from a source before the server has taken `body`,
// so that a refused update leaves no trace; but from one that is `ahead` once
// validation refuses `body`. GoneStatus() and ReplacedStatus()
// (replaced.h) when it is not the one that is meant. The result may be
// terminating.
absl::StatusOr<kube::Applied> UpdateOwned(const base::Context& ctx,
                                          kube::Client& client,
                                          const kube::ObjectRef& ref,
                                          const base::Json& body,
                                          const UpdateRules& rules);

// Whether a conflict is an edit by hand of what we wrote: `body` and `wrote`,
// our earlier body, both have the field, and its owner is an Update.
bool IsHandEdit(const base::Json& wrote, const base::Json& body,
                const kube::FieldConflict& conflict);

// The sources of an update. `former` are field managers that our earlier writes
// had; all that they applied is taken. `imported` says that the object was
// taken over from other tools and not written since; of theirs, what `within`
// has is taken (null: everything).
std::vector<kube::Takeover::Source> EarlierManagers(
    const std::set<std::string>& former, bool imported, base::Json within);

// The conflicts of `status` that make an update by `rules` fail: neither may
// they be overruled or given up, nor are they about what a source gives us.
std::vector<kube::FieldConflict> RefusedConflicts(const absl::Status& status,
                                                  const UpdateRules& rules);

// `status`, which has conflicts, without the server's own list of them: that
// names those, too, which are overruled. Everything else about the reply stays.
absl::Status WithoutConflictList(const absl::Status& status);

// Takes out of `body` the fields of `conflicts` that the rules would rather not
// write than fight for. True if there was any of it.
bool GiveUp(const UpdateRules& rules,
            const std::vector<kube::FieldConflict>& conflicts,
            base::Json& body);

}  // namespace ssa
