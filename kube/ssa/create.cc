#include "kube/ssa/create.h"

#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "kube/managed_fields.h"
#include "kube/ssa/owned_part.h"
#include "kube/status.h"
#include "kube/wait.h"

namespace ssa {
namespace {

// An object may end and be made again between a create and a look.
constexpr int kTries = 10;

}  // namespace

absl::Duration AgeOf(const base::Json& object, absl::Time now) {
  absl::Time made;
  std::string error;
  const std::string text =
      base::StringAt(object, "/metadata/creationTimestamp").value_or("");
  if (!absl::ParseTime(absl::RFC3339_full, text, &made, &error)) {
    return absl::InfiniteDuration();
  }
  return now - made;
}

bool MayBeOfCreate(const base::Json& live, const std::string& manager) {
  const absl::Duration age = AgeOf(live, absl::Now());
  return age < kAdoptable && age > -kClockSkew && kube::OwnsOnly(live, manager);
}

Found JudgeExisting(const base::Context& ctx, kube::Client& client,
                    const kube::ObjectRef& ref, const base::Json& body,
                    const base::Json& live, const std::string& manager) {
  if (kube::IsTerminating(live)) return Found::kDying;
  return IsWhatCreateMade(ctx, client, ref, body, live, manager)
             ? Found::kAdopted
             : Found::kForeign;
}

bool IsLeftOpen(const absl::Status& failed) {
  const int code = kube::HttpCode(failed);
  return code == 0 || code >= 500 || kube::IsTransientReply(failed);
}

bool IsWhatCreateMade(const base::Context& ctx, kube::Client& client,
                      const kube::ObjectRef& ref, const base::Json& body,
                      const base::Json& live, const std::string& manager) {
  base::Json seen = live;
  for (int tries = 1; MayBeOfCreate(seen, manager); ++tries) {
    const auto trial = client.Apply(
        ctx, ref, body, {.field_manager = manager, .dry_run = true});
    if (!trial.ok()) {
      return IsLeftOpen(trial.status()) && OwnedPart(body, seen) == body;
    }
    if (SameObject(trial->object, seen)) return true;
    // A controller may have written between the look and the trial.
    auto now = client.Get(ctx, ref);
    if (!now.ok() || tries == kTries ||
        kube::UidOf(*now) != kube::UidOf(live) ||
        kube::ResourceVersionOf(*now) == kube::ResourceVersionOf(seen)) {
      return false;
    }
    seen = *std::move(now);
  }
  return false;
}

absl::StatusOr<CreateResult> CreateOrAdopt(const base::Context& ctx,
                                           kube::Client& client,
                                           const kube::ObjectRef& ref,
                                           const base::Json& body,
                                           const std::string& manager) {
  for (int tries = 1;; ++tries) {
    auto created = client.Apply(
        ctx, ref, body, {.field_manager = manager, .create_only = true});
    if (created.ok()) return CreateResult{.applied = *std::move(created)};
    if (!kube::IsAlreadyExists(created.status())) return created.status();
    auto live = client.Get(ctx, ref);
    // It has just gone.
    if (absl::IsNotFound(live.status()) && tries <= kTries) continue;
    if (!live.ok()) return live.status();
    const Found found = JudgeExisting(ctx, client, ref, body, *live, manager);
    if (found != Found::kDying) {
      return CreateResult{.found = found,
                          .applied = {.object = *std::move(live)}};
    }
    // A replaced or half-deleted object: its end makes room.
    RETURN_IF_ERROR(kube::AwaitGone(ctx, client, ref, kube::UidOf(*live)));
  }
}

}  // namespace ssa
