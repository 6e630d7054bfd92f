// The service account of the pod that this process runs in.
#pragma once

#include <optional>

#include "base/environment.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

namespace kube {

// Server, authority, token file and namespace, from where Kubernetes puts them
// for a pod; nullopt outside of one.
std::optional<Config> InClusterConfig(
    const base::EnvironmentLookup& environment, const ReadFile& read);

}  // namespace kube
