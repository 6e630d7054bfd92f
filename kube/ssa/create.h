// Creates that never change what is there, and going on with one that was cut
// off. The rules are those of server-side apply.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace ssa {

// An interrupted create is gone on with for so long. Later, what it left is
// more likely to be the object of somebody else of the same name.
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

// What the create of `body` is to think of `live`, which has its name.
// kDying, kAdopted if IsWhatCreateMade(), or kForeign.
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
// JudgeExisting(), and the end of a dying one is awaited. Never kDying. The
// caller says of an adopted one that it may be somebody else's.
absl::StatusOr<CreateResult> CreateOrAdopt(const base::Context& ctx,
                                           kube::Client& client,
                                           const kube::ObjectRef& ref,
                                           const base::Json& body,
                                           const std::string& manager);

// Whether `failed` says nothing of what the server makes of a request, and did
// make of it perhaps: no answer came, or one of something on the way to it.
bool IsLeftOpen(const absl::Status& failed);

// Whether `live` may be what an interrupted create of `body` has left: it is
// younger than kAdoptable, `manager` alone has applied to it and applying
// `body` would change nothing; where that IsLeftOpen(), all of `body` is there.
// What somebody else with that manager wrote looks the same.
bool IsWhatCreateMade(const base::Context& ctx, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const base::Json& live, const std::string& manager);

// How long before `now` the server stored `object` first; infinite if it does
// not say.
absl::Duration AgeOf(const base::Json& object, absl::Time now);

}  // namespace ssa
