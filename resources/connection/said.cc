#include "resources/connection/said.h"

#include "absl/strings/str_cat.h"

namespace resources {

bool Said::First(absl::string_view what) {
  absl::MutexLock lock(&mutex_);
  return said_.emplace(what).second;
}

void Said::Clear() {
  absl::MutexLock lock(&mutex_);
  said_.clear();
}

std::string StoppedOperator(const kube::ObjectRef& deployment) {
  return absl::StrCat(kube::Describe(deployment),
                      " is scaled to 0 replicas. Find out why somebody stopped "
                      "it; to start it again: kubectl scale deployment ",
                      deployment.name, " --namespace=", deployment.ns,
                      " --replicas=1");
}

}  // namespace resources
