// The W&B operators that run in the cluster, whoever made them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "provider/tf/diagnostics.h"
#include "resources/operation.h"
#include "wandb/operator/deployment.h"

namespace resources {

struct SeenOperator {
  kube::ObjectRef deployment;
  wandb::OperatorTraits traits;
  bool dying = false;  // The Deployment is being deleted.
  bool ready = false;  // A pod is.

  // Whether it is to go on.
  bool IsWanted() const { return !dying && traits.replicas > 0; }
};

// A sentence for warnings.
inline constexpr char kUndone[] =
    "Two operators that run the same instance undo each other's work. ";

// One request.
absl::StatusOr<std::vector<SeenOperator>> LookForOperators(
    const base::Context& ctx, kube::Client& client);

// A line for each other operator that is to run and would act on instances that
// this one acts on, too: it watches every namespace. An error where operators
// may not be listed.
absl::StatusOr<std::vector<std::string>> OperatorsBeside(
    const base::Context& ctx, kube::Client& client,
    const kube::ObjectRef& deployment);

// The warning of these, if there are any; who may not ask learns nothing. The
// plan that core makes within an apply speaks for the apply, too.
void WarnOfOperatorsBeside(
    const absl::StatusOr<std::vector<std::string>>& lines,
    const std::string& id, const Session& session, tf::Diagnostics& diags);

// The warning of the plan of operator `id`, which it makes, that the same plan
// makes `others`, too; none without these.
void WarnOfOperatorsOfSamePlan(const std::string& id,
                               std::set<std::string> others,
                               tf::Diagnostics& diags);

}  // namespace resources
