// Writing the custom resource of a wandb_instance.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "base/json.h"
#include "kube/client.h"
#include "provider/tf/diagnostics.h"
#include "resources/instance/desired.h"
#include "resources/instance/private_data.h"
#include "resources/operation.h"

namespace resources {

// What an apply is to write.
struct InstanceWrite {
  const Desired& wanted;
  const std::optional<Desired>& before;  // The prior state; none for a create.
  const InstanceNotes& notes;            // As the plan left them.

  // Whether there is an object to the state.
  bool updates() const {
    return before.has_value() && HasObject(before->model);
  }
};

// `notes`, recovered by a look at the object of `before` if they are lost; one
// that cannot be read tells nothing.
InstanceNotes Recovered(const Operation& op, const Desired& before,
                        InstanceNotes notes);

// Creates or updates the object; where a refresh saw it being deleted, awaits
// its end and creates another. Waits for a CRD that is missing; an existing
// object of somebody else is kAlreadyExists, and one that an interrupted create
// of ours may have left is taken over with a warning.
absl::StatusOr<kube::Applied> WriteInstance(const Operation& op,
                                            const InstanceWrite& write);

// What a create of `desired` has made of which the end is not known: the
// object, if it is what a create of ours makes; kNotFound if there is none.
// Looked at even after a stop.
absl::StatusOr<base::Json> MadeAfterAll(const Operation& op,
                                        const Desired& desired);

// What a failed WriteInstance() means, as an error.
void ReportWriteFailure(const Operation& op, const InstanceWrite& write,
                        const absl::Status& status);

// Warns of values that the server stores otherwise than they were sent: an
// admission webhook changes them, and every plan will show a difference.
void WarnIfChangedByServer(const Compiled& compiled, const base::Json& live,
                           tf::Diagnostics& diags);

// Before `failed`, the answer to a write, is shown: reads the object, so that
// the session knows the secrets that it has by `desired`. The server may quote
// what is stored, others' part of it, too. Asks nothing where it did not
// answer.
void LearnLive(const Operation& op, const Desired& desired,
               const absl::Status& failed);

}  // namespace resources
