// What an operator that stops asking the release channel means for instances.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "provider/tf/resource.h"
#include "resources/operator/model.h"

namespace resources {

// Whether the plan makes an operator air-gapped that is not, or is new.
bool TurnsAirgapped(const tf::PlanCall<OperatorModel>& call);

// "namespace/name" of the instances in namespaces that the operator of this
// Deployment watches, and whose custom resource names no chart, so that they
// have that of the release channel. Those on their way out do not count. One
// list.
absl::StatusOr<std::vector<std::string>> InstancesWithoutChart(
    const base::Context& ctx, kube::Client& client,
    const base::Json& deployment);

// The warning of these, if there are any; who may not ask learns nothing.
void WarnOfAirgap(const std::string& id,
                  const absl::StatusOr<std::vector<std::string>>& instances,
                  tf::Diagnostics& diags);

}  // namespace resources
