// The objects that the values of an instance refer to, and that the cluster
// lacks.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/context.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/desired.h"

namespace resources {

// Secrets, ConfigMaps, their keys, and IngressClasses.
class ReferenceLook {
 public:
  // `planned` must outlive this.
  explicit ReferenceLook(const Desired& planned);
  ~ReferenceLook();

  // One for each object that is to be asked for; what they refer to must
  // outlive them.
  void AddTo(const base::Context& look, kube::Client& client,
             std::vector<std::function<void()>>& looks);

  // Once these have run: one warning of all that is not there. Where the
  // namespace is missing, whoever makes it makes what is in it.
  void Report(bool namespace_missing, tf::Diagnostics& diags) const;

 private:
  struct Found;
  const Desired& planned_;
  const std::unique_ptr<Found> found_;
};

}  // namespace resources
