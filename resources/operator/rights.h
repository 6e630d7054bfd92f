// Which rights the provider's identity lacks for an operator: all that can be
// found at once, since each that is granted alone only leads to the next.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/json.h"
#include "kube/object_ref.h"
#include "resources/operation.h"

namespace resources {

struct Refusal {
  kube::ObjectRef ref;
  absl::Status status;
};

// The 403s of looking at the objects of `manifests`, and of dry runs of applies
// to them. What is not answered is no finding.
std::vector<Refusal> FindRefusals(const Operation& op,
                                  const std::vector<base::Json>& manifests);

// What is to be done to objects.
struct Deed {
  enum class Kind { kLook, kApply, kDelete };
  Kind kind;
  const std::vector<base::Json>& manifests;
};

// Why a deed was refused, for a diagnostic: `first` in full, which may be any
// error; if it is about a right, then the rules that grant all the rights that
// are missing for the deed, as far as the server tells (reads that it refuses,
// and the rules of the identity where those are known to be all); then the
// causes of `others` that these do not explain. Asks the server for that.
//
// A write that needs a right is refused with the same code as one that
// admission forbids: only the rules tell the one from the other.
std::string WhyRefused(const Operation& op, const Deed& deed,
                       const absl::Status& first,
                       const std::vector<Refusal>& others = {});

}  // namespace resources
