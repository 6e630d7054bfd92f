// What is in a namespace that somebody could miss.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/context.h"
#include "kube/client.h"

namespace resources {

// Why a namespace was kept, for a message.
struct Rest {
  std::vector<std::string> left;    // What is in it: `Secret "x"`.
  std::vector<std::string> hidden;  // What could not be looked at, and why.
  std::string owner;                // The other resource that it names.
  std::string applier;              // The other manager that applies it.
  // Other resources that live there, as in kOwnerAnnotation.
  std::set<std::string> residents = {};

  bool empty() const {
    return left.empty() && hidden.empty() && owner.empty() && applier.empty();
  }
};

// What is left in namespace `ns`, once the garbage collector, which takes what
// has lost its owner, is done with it. Asks for objects of every kind that the
// server has, but for those that come by themselves; what may not be listed, or
// whose server is away, is hidden. An API server that does not answer is an
// error.
absl::StatusOr<Rest> RestOf(const base::Context& ctx, kube::Client& client,
                            const std::string& ns);

}  // namespace resources
