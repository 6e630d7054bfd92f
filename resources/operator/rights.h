// Which rights the provider's identity lacks for an operator: all that can be
// found at once, since each that is granted alone only leads to the next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "kube/status.h"

namespace resources {

struct Refusal {
  kube::ObjectRef ref;
  absl::Status status;
};

// The 403s of looking at the objects of `manifests` and, unless `manager` is
// "", of dry runs of applies to them. What is not answered is no finding.
std::vector<Refusal> FindRefusals(const base::Context& ctx,
                                  kube::Client& client,
                                  const std::vector<base::Json>& manifests,
                                  const std::string& manager);

// The right that a 403 of a read or a write is about: kube::MissingRight(), or
// in the words of the server's authorizer. nullopt where admission refuses, or
// RBAC to hand on what one has not.
std::optional<kube::Right> RefusedRight(const absl::Status& status);

// The rules that grant these rights, for messages: a line for each kind and
// scope. "" unless there are two rights at least, as one is told by Explain().
std::string MissingRules(const std::vector<Refusal>& refusals);

}  // namespace resources
