// What keeps pods of a workload from running until somebody acts: no retry of
// Kubernetes heals it.
#pragma once

#include <string>
#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"

namespace kube {

struct Hindrance {
  enum class Kind {
    kImageName,      // Not the name of an image: another one alone helps.
    kConfiguration,  // A Secret or ConfigMap, or a key of it, is missing.
    kRefused,       // The API server does not take the pods: a quota, a policy.
    kStorageClass,  // A claim that StorageClasses::Missing() speaks of.
  };
  Kind kind;
  std::string object;  // `Pod "x": container "y"`, `StatefulSet "x"`.
  std::string text;    // What Kubernetes says; foreign.
};

// As one look tells: what has just come may go by itself, so that the caller
// decides how long it must stand. What cannot be read is passed over, and so
// are pods that are being deleted.
std::vector<Hindrance> FindHindrances(const base::Context& ctx, Client& client,
                                      const base::Json& workload);

}  // namespace kube
