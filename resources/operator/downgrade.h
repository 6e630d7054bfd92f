// A plan that puts an older manager in the place of the one that runs.
#pragma once

#include <string>

#include "provider/tf/resource.h"
#include "resources/operator/model.h"

namespace resources {

// The tag of an image reference, or "".
std::string TagOf(const std::string& image);

// Warns where the planned image is of an older version than the one that the
// state has, which a refresh takes from the cluster. Tags that are no versions,
// and digests, say nothing.
void WarnOfDowngrade(tf::PlanCall<OperatorModel>& call);

}  // namespace resources
