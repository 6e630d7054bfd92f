// Whether the operator runs this instance, as far as its Deployment tells. One
// look: nothing is awaited.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/context.h"
#include "base/json.h"
#include "kube/client.h"
#include "kube/object_ref.h"
#include "provider/tf/diagnostics.h"
#include "resources/connection/said.h"
#include "resources/instance/model.h"

namespace resources {

struct OperatorFault {
  enum class Kind {
    kMissing,       // `operator` names one that has no Deployment.
    kMisnamed,      // Likewise, and another operator runs the instance.
    kNone,          // No namespace has the Deployment of an operator.
    kDying,         // Its Deployment is being deleted.
    kNoReplicas,    // Scaled to 0.
    kElsewhere,     // The named one watches other namespaces only.
    kNoneWatches,   // All that there are watch other namespaces only.
    kNotAirgapped,  // The instance says that it is, and it is not.
    kAirgapped,     // It is, and the instance does not say so.
  };
  Kind kind;
  std::string summary;  // One line, no full stop.
  std::string detail;   // Sentences; the last says what to do.
  // kMisnamed: the Deployment of the operator that runs the instance.
  std::optional<kube::ObjectRef> runs = std::nullopt;
  // The detail for an instance that is to go, unless it is the same.
  std::string at_removal = {};

  // Whether nothing has said it in this walk before: of the operator, or, where
  // it is about `instance` (its id), too, of that.
  bool IsNew(Said& said, const std::string& instance) const;
  // Whether the operator does nothing at all for the instance: it uninstalls
  // nothing either.
  bool IsIdle() const;
  const std::string& DetailAtRemoval() const {
    return at_removal.empty() ? detail : at_removal;
  }
};

struct OperatorLook {
  // Of the operator that is most likely to run the instance; null if none was
  // seen that watches it, or is named.
  base::Json deployment;
  std::vector<OperatorFault> faults;
  // Why nothing could be seen; there are no faults then. OK otherwise.
  absl::Status status;
};

// The Deployment of the operator that `operator` names; nullopt without it.
std::optional<kube::ObjectRef> OperatorDeployment(const InstanceModel& model);

// Looks at the Deployment that `operator` names; without `operator`, and where
// there is no such Deployment, at those of operators in all namespaces. One
// request, or two. Of those that watch `namespace` the best counts: where one
// has no fault, there is none; but that `operator` names another than the one
// that runs the instance is. What watches other namespaces is not the
// instance's business, and is spoken of only where nothing else is there.
// `namespace` must be known; what depends on unknown attributes is passed over.
OperatorLook LookAtOperator(const base::Context& ctx, kube::Client& client,
                            const InstanceModel& model);

// What is wrong where the plan of the operator that `planned` names says that
// it is air-gapped, or is not; nullopt: nothing, or nothing is known.
std::optional<OperatorFault> PlannedAirgap(const InstanceModel& planned,
                                           std::optional<bool> of_operator);

// What `look` has found, for a plan: warnings, but an error where the instance
// must say that its operator is air-gapped. That an operator is not there is
// no fault where one `comes`: the same apply may bring it. What has been `said`
// in this walk needs no other warning.
void ReportOperator(const OperatorLook& look, const InstanceModel& planned,
                    const std::optional<InstanceModel>& prior, bool comes,
                    Said& said, tf::Diagnostics& diags);

}  // namespace resources
