// Which generation of the operator a cluster is for, told by the definition of
// its custom resource. Operator v2 stores the same kind in another shape and
// serves v1 through a conversion webhook: a write through v1 makes the webhook
// build the whole v2 object anew from what v1 knew, so that nothing set through
// v2 survives it.
#pragma once

#include "base/json.h"

namespace wandb {

inline constexpr char kOperatorV2Version[] = "v2";

// Whether `crd`, the CustomResourceDefinition as the API server has it, is
// operator v2's. Any of three signs will do: v2 is the stored version, objects
// are converted by a webhook, or objects were once stored as v2
// (`status.storedVersions`). A definition that only serves a version v2 beside
// v1, without conversion, is not.
bool IsOperatorV2(const base::Json& crd);

}  // namespace wandb
