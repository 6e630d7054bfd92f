// The update of a custom resource: the same to the plan, which only tries it,
// and to the apply.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/ssa/update.h"
#include "resources/instance/desired.h"
#include "resources/instance/private_data.h"

namespace resources {

// What an update does besides applying its body.
struct UpdateSteps {
  // The live object, as if ours already were what the sources give; null
  // unless one of the steps is needed.
  base::Json live;
  // A merge patch that goes first (outcome.h), or null.
  base::Json emptying;
  // What is applied: the body that is wanted, KeepingOthers().
  base::Json body;

  bool ApplyOnly() const { return live.is_null(); }
};

// From `before`, what the state says that we wrote, to `wanted`.
class InstanceUpdate {
 public:
  // `notes` say from whom fields are taken over. The first update after an
  // import takes those of `before` over from the tools that made the object, so
  // that what the configuration drops goes away: `before` is then what the
  // import has put into the state, so the plan shows all that will. Fields that
  // were never in the state stay with their owners. `before` and `wanted` must
  // outlive this.
  InstanceUpdate(const Desired& before, const Desired& wanted,
                 const std::string& manager, const InstanceNotes& notes);

  // What it takes. One request, or none where the bodies and the last look say
  // that an apply is all. So does an object that is gone or has another uid:
  // the apply tells.
  absl::StatusOr<UpdateSteps> Steps(const base::Context& ctx,
                                    kube::Client& client) const;

  // What it would end with, found by dry runs: conflicts that will not be
  // overruled (ssa::RefusedConflicts()), and what validation and admission say
  // to the object as it is going to be. OK, too, where an admission webhook
  // keeps it from being tried.
  absl::Status Try(const base::Context& ctx, kube::Client& client,
                   const UpdateSteps& steps) const;

  // Makes it; where it takes more than an apply, only after it was tried: what
  // would refuse one of its requests refuses all. Errors: ssa::UpdateOwned()'s.
  absl::StatusOr<kube::Applied> Make(const base::Context& ctx,
                                     kube::Client& client) const;

  // For the user: the conflicts of `failed` that made it fail.
  std::string ExplainConflicts(const base::Context& ctx, kube::Client& client,
                               const absl::Status& failed) const;

 private:
  ssa::UpdateRules Rules() const;

  const Desired& wanted_;
  const kube::ObjectRef ref_;
  const base::Json before_body_, body_;
  const std::string manager_;
  const std::string uid_;  // Of the object that the state knows; "" if none.
  const std::vector<kube::Takeover::Source> sources_;
  // Others had values of their own at the last look, perhaps in a map that only
  // an earlier update of ours holds.
  const bool beside_others_;
};

}  // namespace resources
