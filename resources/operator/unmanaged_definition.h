// The definition of the custom resource where `crd.manage` is false: somebody
// else's, looked at and never written.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "resources/operation.h"

namespace resources {

// The definition as the cluster has it; null where there is none. nullopt where
// it may not be read: then nothing is known against it.
absl::StatusOr<std::optional<base::Json>> FindDefinition(
    const base::Context& ctx, kube::Client& client);

// What keeps an operator from working with `definition`, as FindDefinition()
// has it, and what to do; "" if nothing does. It is not there, is being
// deleted, or does not serve v1.
std::string WhyNoUse(const base::Json& definition);

// A diagnostic's line above that.
inline constexpr char kNoUsableDefinition[] =
    "The operator has no custom resource definition";

// For a plan: WhyNoUse() as a warning, since it may be there by then.
void WarnOfUnmanagedDefinition(const Operation& look);

}  // namespace resources
