// Waiting until W&B really runs, and saying why it does not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/context.h"
#include "kube/client.h"
#include "resources/instance/desired.h"
#include "resources/instance/patience.h"
#include "resources/instance/written_object.h"

namespace resources {

struct Readiness {
  bool ready = false;
  std::string phase;                 // As the operator reports it; "" if never.
  std::string summary;               // When not ready: one line.
  std::vector<std::string> details;  // Scrubbed; the cause first.
  // When not ready: no workload of the instance has a ready pod, so replacing
  // it interrupts nothing.
  bool never_ran = false;
  // The object that was written is gone, on its way out, alone or with its
  // namespace, or another one has its name; summary and details say so.
  bool lost = false;
  // Whether the operator takes managed specs (managed_spec.h), where the wait
  // has seen it.
  std::optional<bool> takes_managed_spec;
  // Unless empty: that `operator` names no operator, while another one runs the
  // instance, and was waited for.
  std::string misnamed_summary, misnamed_detail;
  // kPermissionDenied where readiness cannot be told, since what tells it may
  // not be read; nothing speaks against it then. OK otherwise.
  absl::Status unseen;
  // kCancelled, or an error that is not about readiness; OK otherwise.
  absl::Status status;
};

// Waits until the operator is rolled out (if the model names it), then until
// the specification it applied is the merge of the live object and the current
// layers, then until every workload of the instance is rolled out, then until
// its URL answers; of that what wait_for asks for. Ends early
// when the operator says that it failed, cannot succeed, or does not run this
// instance (see operator_look.h), when the object that was written is no longer
// there: never ready without it; and when something is missing in a namespace
// that is being deleted: nothing can be made there.
Readiness AwaitInstance(const base::Context& ctx, kube::Client& client,
                        const Desired& desired, const WrittenObject& written,
                        const Patience& patience = {});

}  // namespace resources
