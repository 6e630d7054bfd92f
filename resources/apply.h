// Writing our objects: create-only, adoption after a killed create, and who may
// be overruled. The rules are Kubernetes' server-side apply's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/migrate_managers.h"
#include "kube/status.h"

namespace resources {

// An interrupted create is gone on with for so long. Later, what it left is
// more likely to be the object of another state.
inline constexpr absl::Duration kAdoptable = absl::Hours(1);
// How far this machine's clock may be behind the server's; an object from later
// tells nothing of its age.
inline constexpr absl::Duration kClockSkew = absl::Minutes(5);

enum class Found {
  kCreated,  // It was absent.
  kDying,    // It is on its way out: its end makes room.
  kAdopted,  // It is what an interrupted create of ours left.
  kForeign,  // It is somebody else's: nothing was written.
};

// What the create of `body` is to think of `live`, which has its name: decided
// here for plan and apply alike. kDying, kAdopted if IsWhatCreateMade(), or
// kForeign.
Found JudgeExisting(const base::Context& ctx, kube::Client& client,
                    const kube::ObjectRef& ref, const base::Json& body,
                    const base::Json& live, const std::string& manager);

// What of that can be told while `body` is not known: whether the object is
// young enough, and ours alone, so that JudgeExisting() may find kAdopted.
bool MayBeOfCreate(const base::Json& live, const std::string& manager);

struct CreateResult {
  Found found = Found::kCreated;
  kube::Applied applied;  // kForeign: the live object.
};

// Creates `body`, never changing an existing object: that is judged by
// JudgeExisting(), and the end of a dying one is awaited. Never kDying. Of an
// adopted one the caller warns (report.h, WarnOfAdopted()).
absl::StatusOr<CreateResult> CreateOrAdopt(const base::Context& ctx,
                                           kube::Client& client,
                                           const kube::ObjectRef& ref,
                                           const base::Json& body,
                                           const std::string& manager);

// Whether `live` may be what an interrupted create of `body` has left: it is
// younger than kAdoptable, `manager` alone has applied to it and applying
// `body` would change nothing. False where that cannot be found out. Another
// state's object looks the same.
bool IsWhatCreateMade(const base::Context& ctx, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const base::Json& live, const std::string& manager);

struct UpdateRules {
  std::string manager;
  // The object that state knows; "" if state does not know. Another one of the
  // same name is never written to.
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
// validation refuses `body`. kFailedPrecondition when the object
// with `uid` is gone; nothing was written then. The result may be terminating.
absl::StatusOr<kube::Applied> UpdateOwned(const base::Context& ctx,
                                          kube::Client& client,
                                          const kube::ObjectRef& ref,
                                          const base::Json& body,
                                          const UpdateRules& rules);

// kFailedPrecondition, which says that the object with `uid` is gone and `live`
// has its name, and what to do.
absl::Status ReplacedStatus(const kube::ObjectRef& ref, const std::string& uid,
                            const base::Json& live);

// `status` of a write to the object with `uid`, unless the reason is that the
// object is gone or another one has its name: then kFailedPrecondition, which
// says so and what to do.
absl::Status ExplainIfReplaced(const base::Context& ctx, kube::Client& client,
                               const kube::ObjectRef& ref,
                               const std::string& uid,
                               const absl::Status& status);

// Whether a conflict is an edit by hand of what we wrote: `body` and `wrote`,
// our earlier body, both have the field, and its owner is an Update.
bool IsHandEdit(const base::Json& wrote, const base::Json& body,
                const kube::FieldConflict& conflict);

// The sources of an update. `former` is the field manager of our last write, or
// ""; all that it applied is taken. `imported` says that the object was taken
// over from other tools and not written since; of theirs, what `within` has is
// taken (null: everything).
std::vector<kube::Takeover::Source> EarlierManagers(const std::string& former,
                                                    bool imported,
                                                    base::Json within);

// The conflicts of `status` that make an update by `rules` fail: neither may
// they be overruled or given up, nor are they about what a source gives us.
std::vector<kube::FieldConflict> RefusedConflicts(const absl::Status& status,
                                                  const UpdateRules& rules);

// The part of `live` that `body` speaks about: the same keys, list elements
// matched by "name" where all have one and are not references to objects, else
// by index; a list of another length is there as a whole. What is missing is
// null.
base::Json OwnedPart(const base::Json& body, const base::Json& live);

// Takes out of `body` the fields of `conflicts` that the rules would rather not
// write than fight for. True if there was any of it.
bool GiveUp(const UpdateRules& rules,
            const std::vector<kube::FieldConflict>& conflicts,
            base::Json& body);

// The server's time of `manager`'s last apply to `live`, to which events are
// compared; now where that is not told.
absl::Time WriteTime(const base::Json& live, const std::string& manager);

// Whether two results of an apply say the same, bookkeeping aside.
bool SameObject(const base::Json& a, const base::Json& b);

}  // namespace resources
