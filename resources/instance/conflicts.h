// Fields of the custom resource that others own too: which of them an update
// may overrule, and how they are told to the user.
#pragma once

#include <string>
#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/status.h"
#include "resources/instance/desired.h"
#include "resources/instance/model.h"

namespace resources {

// Whether the model's force_conflicts or force_conflict_paths cover `conflict`,
// which an apply of `body` met. A field with two meanings must be covered in
// both.
bool IsForced(const InstanceModel& model, const base::Json& body,
              const kube::FieldConflict& conflict);

// Conflicts that make an update fail, for the user: path, the attribute that
// sets it unless that is `values`, manager, time, and the ways out. Looks at
// the live object for times that the server left out.
std::string ExplainConflicts(const base::Context& ctx, kube::Client& client,
                             const Desired& desired,
                             std::vector<kube::FieldConflict> conflicts);

}  // namespace resources
